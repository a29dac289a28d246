/**
 * A JPEG of a HEIC photo. Safari decodes them by itself; elsewhere libheif does, which is LGPL, stands unchanged in files of its own, and is
 * loaded only here. A worker that has made a few is ended by whoever started it: WebAssembly gives no memory back.
 */
import libheif from 'libheif-js/libheif-wasm/libheif.js';
import wasmUrl from 'libheif-js/libheif-wasm/libheif.wasm?url';

const QUALITY = 0.92;

self.addEventListener('message', async ({ data }: MessageEvent<Blob>) => {
  try {
    self.postMessage(await encoded((await byTheBrowser(data)) ?? (await byLibheif(data))));
  } catch {
    self.postMessage(null);
  }
});

const byTheBrowser = (file: Blob): Promise<ImageBitmap | null> =>
  createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => null);

async function byLibheif(file: Blob): Promise<ImageData> {
  const wasmBinary = await (await fetch(wasmUrl)).arrayBuffer();
  const { HeifDecoder } = libheif({ wasmBinary });
  const [photo] = new HeifDecoder().decode(new Uint8Array(await file.arrayBuffer()));
  if (photo === undefined) throw new Error('no picture in it');
  try {
    const pixels = new ImageData(photo.get_width(), photo.get_height());
    return await new Promise((resolve, reject) => {
      photo.display(pixels, (shown) => (shown === null ? reject(new Error('it cannot be decoded')) : resolve(pixels)));
    });
  } finally {
    photo.free();
  }
}

async function encoded(picture: ImageBitmap | ImageData): Promise<Blob> {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new Error('no canvas');
  if (picture instanceof ImageData) context.putImageData(picture, 0, 0);
  else {
    context.drawImage(picture, 0, 0);
    picture.close();
  }
  return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
}
