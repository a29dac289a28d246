// From untrusted bytes to pixels: looked at first, then decoded, turned upright, and brought to 8-bit sRGB whatever depth and profile
// they have. Transparency is kept beside the colours.

import sharp, { type Sharp } from 'sharp';
import { ANALYSIS_SIDE } from '../segment/scene.ts';
import { usable } from './icc.ts';
import { damaged, inspect } from './inspect.ts';
import type { PhotoKind } from './kind.ts';
import { matted } from './matte.ts';
import type { Pixels } from './pixels.ts';
import { withIcc } from './png.ts';

export interface Photo extends Pixels {
  /** at analysis size, what is transparent on a ground that it stands out from */
  readonly small: Pixels;
}

/** Half of the photos would otherwise be looked at by the decoder's own idea of damage, which has no answer for what inspect() lets pass. */
const FAIL_ON = { jpeg: 'none', png: 'truncated', webp: 'truncated' } as const satisfies Record<PhotoKind, string>;

interface Samples {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/**
 * The same picture with 8 bits a sample, upright, its profile kept. Done before any conversion of colours: of 16 bits, libvips leads RGB
 * through Display P3, which is a few steps off in the end, and leaves the profile of grey aside.
 */
async function toEightBits(image: Sharp, colours: number, icc: Buffer | undefined): Promise<Uint8Array> {
  const deep = image.toColourspace(colours === 1 ? 'grey16' : 'rgb16').raw({ depth: 'ushort' });
  const { data, info } = await deep.toBuffer({ resolveWithObject: true });
  const samples = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  const { width, height, channels } = info;
  const bytes = Uint8Array.from(samples, (v) => Math.round(v / 257));
  const narrow = sharp(bytes, { raw: { width, height, channels } }).toColourspace(colours === 1 ? 'b-w' : 'srgb');
  const png = await narrow.png({ compressionLevel: 1 }).toBuffer();
  return icc ? withIcc(png, icc) : png;
}

async function samplesOf(bytes: Uint8Array, kind: PhotoKind): Promise<Samples> {
  const options = { failOn: FAIL_ON[kind], limitInputPixels: false, animated: false };
  const { channels, hasAlpha, depth, icc } = await sharp(bytes, options).metadata();
  const colours = channels - (hasAlpha ? 1 : 0);
  const profile = icc !== undefined && usable(icc, colours) ? icc : undefined;
  const deep = depth === 'ushort';
  const image = sharp(bytes, { ...options, ignoreIcc: deep || !profile }).autoOrient();
  if (deep) return samplesOf(await toEightBits(image, colours, profile), 'png');
  const { data, info } = await image
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { ...info, data };
}

function split({ data, width, height, channels }: Samples): Pixels {
  const size = width * height;
  const rgb = new Uint8Array(size * 3);
  const alpha = channels % 2 === 0 ? new Uint8Array(size) : null;
  const [g, b] = channels < 3 ? [0, 0] : [1, 2];
  let opaque = true;
  for (let i = 0, at = 0; i < size; i++, at += channels) {
    rgb[3 * i] = data[at]!;
    rgb[3 * i + 1] = data[at + g]!;
    rgb[3 * i + 2] = data[at + b]!;
    if (!alpha) continue;
    alpha[i] = data[at + channels - 1]!;
    if (alpha[i] !== 255) opaque = false;
  }
  return { rgb, alpha: opaque ? null : alpha, width, height };
}

/** Pixels in the form that sharp takes, with alpha where there is some. */
export function interleaved({ rgb, alpha, width, height }: Pixels): Sharp {
  if (!alpha) return sharp(rgb, { raw: { width, height, channels: 3 } });
  const data = new Uint8Array(4 * width * height);
  for (let i = 0; i < alpha.length; i++) {
    data.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
    data[4 * i + 3] = alpha[i]!;
  }
  return sharp(data, { raw: { width, height, channels: 4 } });
}

async function reduced(pixels: Pixels): Promise<Pixels> {
  const { data, info } = await interleaved(pixels)
    .resize(ANALYSIS_SIDE, ANALYSIS_SIDE, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return split({ ...info, data });
}

/** Throws BadPhoto, in words for the person who uploaded it. */
export async function decode(given: Uint8Array): Promise<Photo> {
  const { kind, bytes } = inspect(given);
  const samples = await samplesOf(bytes, kind).catch(() => {
    throw damaged('it cannot be decoded');
  });
  const pixels = split(samples);
  return { ...pixels, small: matted(await reduced(pixels)) };
}
