/** Makes small pictures of photos, so that the page's own thread decodes none: one at a time, and what was decoded is given up at once. */

interface Asked {
  id: number;
  file: Blob;
  /** Pixels of the shorter side. */
  size: number;
}

self.addEventListener('message', async ({ data }: MessageEvent<Asked>) => {
  try {
    const picture = await small(data);
    self.postMessage({ id: data.id, picture });
  } catch {
    self.postMessage({ id: data.id, picture: null });
  }
});

async function small({ file, size }: Asked): Promise<Blob> {
  const decoded = await createImageBitmap(file, { imageOrientation: 'from-image' });
  try {
    const { width, height } = decoded;
    const scale = Math.min(1, size / Math.min(width, height));
    const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) throw new Error('no canvas');
    context.imageSmoothingQuality = 'high';
    context.fillStyle = '#fff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(decoded, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
  } finally {
    decoded.close();
  }
}
