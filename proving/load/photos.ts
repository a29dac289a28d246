/** Small real photos for the clients, and the picture that the fake GPU worker returns. Made once per run. */
import sharp, { type Sharp } from 'sharp';

const PHOTOS = 8;

export type Pictures = { photos: Buffer[]; result: Buffer; preview: Buffer };

export async function makePictures(): Promise<Pictures> {
  const photos = await Promise.all(Array.from({ length: PHOTOS }, (_, n) => photo(n)));
  const result = await picture(24, 16, 7).png().toBuffer();
  const preview = await picture(12, 8, 9).jpeg({ quality: 60 }).toBuffer();
  return { photos, result, preview };
}

/** Each of another size, so that a photo under the wrong key would not pass. */
const photo = (n: number): Promise<Buffer> =>
  picture(48 + 8 * n, 32 + 4 * n, n)
    .jpeg({ quality: 80 })
    .toBuffer();

function picture(width: number, height: number, n: number): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (i * (n + 3) + (i % width) * 5) % 256;
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}
