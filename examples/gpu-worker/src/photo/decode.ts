// From untrusted bytes to pixels: the type by its first bytes, limits before decoding, turned upright, transparency on white.

import sharp from 'sharp';
import { ANALYSIS_SIDE } from '../segment/scene.ts';

export interface Photo {
  /** 3 bytes a pixel, sRGB */
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly small: { readonly rgb: Uint8Array; readonly width: number; readonly height: number };
}

/** A photo that cannot be worked on; the message is for the person who uploaded it. */
export class BadPhoto extends Error {
  override readonly name = 'BadPhoto';
}

export const MOST_BYTES = 25 * 1024 * 1024;
const MOST_PIXELS = 64_000_000;
const LEAST_SIDE = 16;

function typeOf(bytes: Uint8Array): 'jpeg' | 'png' | 'webp' | null {
  const is = (at: number, ...values: number[]) => values.every((v, i) => bytes[at + i] === v);
  if (is(0, 0xff, 0xd8, 0xff)) return 'jpeg';
  if (is(0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'png';
  if (is(0, 0x52, 0x49, 0x46, 0x46) && is(8, 0x57, 0x45, 0x42, 0x50)) return 'webp';
  return null;
}

const raw = (width: number, height: number) => ({ raw: { width, height, channels: 3 as const } });

async function pixels(bytes: Uint8Array): Promise<{ data: Uint8Array; width: number; height: number }> {
  // 'truncated' also refuses warnings about missing data; half a photo must not pass for a whole one.
  const image = sharp(bytes, { failOn: 'truncated', limitInputPixels: MOST_PIXELS, animated: false });
  const { data, info } = await image
    .rotate()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const size = info.width * info.height;
  if (info.channels === 3) return { data: new Uint8Array(data), width: info.width, height: info.height };
  const rgb = new Uint8Array(size * 3);
  for (let i = 0; i < size; i++) for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[i * info.channels]!;
  return { data: rgb, width: info.width, height: info.height };
}

/** Is the photo within the limit, by its header alone? Asked before decoding, as what libvips says of a failed decode is no answer:
 *  its error texts are shared by all threads, so a photo that fails beside another may be left with the other's text, or none. */
async function withinPixels(bytes: Uint8Array): Promise<boolean> {
  const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
  return width * height <= MOST_PIXELS;
}

export async function decode(bytes: Uint8Array): Promise<Photo> {
  if (bytes.length === 0) throw new BadPhoto('the photo file is empty');
  if (bytes.length > MOST_BYTES) throw new BadPhoto('the photo file is larger than 25 MB');
  if (!typeOf(bytes)) throw new BadPhoto('the file is not a JPEG, PNG or WEBP photo');
  const damaged = () => {
    throw new BadPhoto('the photo file is damaged or incomplete');
  };
  if (!(await withinPixels(bytes).catch(damaged))) throw new BadPhoto('the photo has more than 64 megapixels');
  const photo = await pixels(bytes).catch(damaged);
  const { data, width, height } = photo;
  if (Math.min(width, height) < LEAST_SIDE) throw new BadPhoto('the photo is too small');
  const small = await sharp(data, raw(width, height))
    .resize(ANALYSIS_SIDE, ANALYSIS_SIDE, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    rgb: data,
    width,
    height,
    small: { rgb: new Uint8Array(small.data), width: small.info.width, height: small.info.height },
  };
}
