// Photo files made byte by byte, so that what is right about them is known without a decoder.

import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

export type Colour = readonly [number, number, number];

const u32 = (value: number): Buffer => {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
};

export function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([u32(data.length), body, u32(crc32(body))]);
}

export interface PngOptions {
  readonly depth?: 8 | 16;
  /** chunks between IHDR and IDAT */
  readonly before?: readonly Buffer[];
  /** of every pixel; left out: no alpha channel */
  readonly alpha?: number | undefined;
  readonly grey?: boolean;
}

export const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** Side of a patch, in pixels. */
const PATCH = 20;

/** A PNG of square patches side by side, in samples of 0 to 255 whatever the depth; grey takes the first of each. */
export function patches(
  colours: readonly Colour[],
  { depth = 8, before = [], alpha, grey = false }: PngOptions = {},
): Buffer {
  const channels = (grey ? 1 : 3) + (alpha === undefined ? 0 : 1);
  const [width, height, wide] = [PATCH * colours.length, PATCH, depth / 8];
  const row = Buffer.alloc(1 + width * channels * wide);
  for (let x = 0; x < width; x++) {
    const colour = colours[Math.floor(x / PATCH)]!;
    const samples = [...colour.slice(0, grey ? 1 : 3), ...(alpha === undefined ? [] : [alpha])];
    for (const [c, v] of samples.entries())
      row.fill(v, 1 + (x * channels + c) * wide, 1 + (x * channels + c + 1) * wide);
  }
  const type = (grey ? 0 : 2) + (alpha === undefined ? 0 : 4);
  const head = Buffer.concat([u32(width), u32(height), Buffer.from([depth, type, 0, 0, 0])]);
  const data = deflateSync(Buffer.concat(Array<Buffer>(height).fill(row)));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    ...before,
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

export const iccChunk = (profile: Uint8Array): Buffer =>
  chunk('iCCP', Buffer.concat([Buffer.from('p\0\0', 'latin1'), deflateSync(profile)]));

/** The middle of each patch, from 3 bytes a pixel. */
export const middles = (rgb: Uint8Array, count: number): Colour[] =>
  Array.from({ length: count }, (_, k) => {
    const at = 3 * ((PATCH / 2) * PATCH * count + PATCH * k + PATCH / 2);
    return [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
  });

/** Largest difference of a sample. */
export const worst = (a: readonly Colour[], b: readonly Colour[]): number =>
  Math.max(...a.flatMap((colour, i) => colour.map((v, c) => Math.abs(v - b[i]![c]!))));

/** A profile that comes with the decoder. */
export async function builtIn(name: 'srgb' | 'p3' | 'cmyk'): Promise<Buffer> {
  const image = sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } });
  const file =
    name === 'cmyk' ? image.toColourspace('cmyk').withIccProfile('cmyk').jpeg() : image.withIccProfile(name).png();
  return (await sharp(await file.toBuffer()).metadata()).icc!;
}

/** Little-endian EXIF with an orientation and a place on earth. */
export function exif(orientation: number): Buffer {
  const entry = (tag: number, type: number, count: number, value: number): Buffer => {
    const out = Buffer.alloc(12);
    out.writeUInt16LE(tag, 0);
    out.writeUInt16LE(type, 2);
    out.writeUInt32LE(count, 4);
    out.writeUInt32LE(value, 8);
    return out;
  };
  const head = Buffer.from('II*\0\x08\0\0\0', 'latin1');
  const [two, one, none] = [Buffer.from([2, 0]), Buffer.from([1, 0]), Buffer.alloc(4)];
  const main = Buffer.concat([two, entry(0x0112, 3, 1, orientation), entry(0x8825, 4, 1, 38), none]);
  // GPSLatitudeRef "N".
  return Buffer.concat([head, main, one, entry(1, 2, 2, 0x4e), none]);
}

/** Four colours that are told apart through any codec: top left, top right, bottom left, bottom right. */
export const CORNERS: readonly Colour[] = [
  [230, 30, 30],
  [30, 200, 30],
  [30, 30, 230],
  [240, 220, 40],
];

/** 60 × 40, one colour a corner: no orientation looks like another. */
export function corners(): Sharp {
  const [width, height] = [60, 40];
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    data.set(CORNERS[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)]!, 3 * i);
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** The file with EXIF put in by hand. */
export function withExif(file: Buffer, data: Buffer): Buffer {
  if (file[0] === 0xff) {
    const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), data]);
    const head = Buffer.from([0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 255]);
    return Buffer.concat([file.subarray(0, 2), head, body, file.subarray(2)]);
  }
  if (file[0] === 0x89) return Buffer.concat([file.subarray(0, 33), chunk('eXIf', data), file.subarray(33)]);
  return webpWithExif(file, data);
}

/** RIFF with VP8X (the flag for EXIF, the size), the picture as it was, and EXIF. */
function webpWithExif(file: Buffer, data: Buffer): Buffer {
  const part = (type: string, body: Buffer): Buffer => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(body.length);
    return Buffer.concat([Buffer.from(type, 'latin1'), size, body, Buffer.alloc(body.length & 1)]);
  };
  const extended = Buffer.alloc(10);
  extended[0] = 8;
  extended.writeUIntLE(60 - 1, 4, 3);
  extended.writeUIntLE(40 - 1, 7, 3);
  const body = Buffer.concat([Buffer.from('WEBP'), part('VP8X', extended), file.subarray(12), part('EXIF', data)]);
  return Buffer.concat([part('RIFF', body)]);
}
