// Which files are worked on, and what the owners of the others are told.

import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decode } from '../src/photo/decode.ts';
import { photo } from './bench.ts';
import { CORNERS, type Colour, chunk, corners, exif, patches, SIGNATURE, withExif, worst } from './files.ts';

const refusal = (bytes: Uint8Array): Promise<string> =>
  decode(bytes).then(
    () => 'decoded',
    (error: unknown) => String(error),
  );

const box = (...brands: string[]): Buffer =>
  Buffer.concat([
    Buffer.from([0, 0, 0, 8 + 4 * (brands.length + 1)]),
    Buffer.from(`ftyp${brands[0]}\0\0\0\0${brands.slice(1).join('')}`, 'latin1'),
    Buffer.alloc(64),
  ]);

test.each<[string, Uint8Array | Promise<Uint8Array>, RegExp]>([
  ['HEIC', box('heic', 'mif1', 'heic'), /HEIC.*Most Compatible/],
  ['HEIC whose main brand is mif1', box('mif1', 'heic'), /HEIC.*export it as JPEG/],
  ['AVIF', box('avif', 'mif1', 'miaf'), /AVIF: export it as JPEG/],
  ['AVIF as it is encoded', sharp(photo('seller/coffee.jpg')).resize(64).avif({ effort: 0 }).toBuffer(), /AVIF/],
  ['a video', box('isom', 'mp42'), /a video/],
  ['a GIF', sharp(photo('seller/coffee.jpg')).resize(64).gif().toBuffer(), /a GIF/],
  ['TIFF', sharp(photo('seller/coffee.jpg')).resize(64).tiff().toBuffer(), /TIFF/],
  ['a Photoshop document', Buffer.from('8BPS\0\x01'), /Photoshop/],
  ['a PDF', Buffer.from('%PDF-1.7\n'), /a PDF/],
  ['an SVG', Buffer.from('<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="x"/>'), /SVG/],
  ['a web page', Buffer.from('\n<!DOCTYPE html><html>'), /a web page/],
  ['an error of a storage', Buffer.from('<?xml version="1.0"?><Error/>'), /text/],
  ['a BMP', Buffer.concat([Buffer.from('BM'), Buffer.alloc(12), Buffer.from([40, 0, 0, 0])]), /BMP/],
  ['JPEG XL', Buffer.from([0xff, 0x0a, 0, 0]), /JPEG XL/],
  ['an archive', Buffer.from('PK\x03\x04'), /an archive/],
  ['anything else', Buffer.from('once upon a time'), /is not a JPEG, PNG or WEBP photo$/],
])('%s is refused by its name, with advice', async (_, bytes, why) => {
  expect(await refusal(await bytes)).toMatch(why);
});

test('an animation is never one frame of it: WebP and PNG', async () => {
  const frame = await sharp(photo('seller/coffee.jpg')).resize(64).png().toBuffer();
  const animated = await sharp([frame, await sharp(frame).negate().toBuffer()], { join: { animated: true } })
    .webp()
    .toBuffer();
  expect(await refusal(animated)).toMatch(/an animation of 2 frames/);
  const control = chunk('acTL', Buffer.from([0, 0, 0, 3, 0, 0, 0, 0]));
  expect(await refusal(patches([[9, 9, 9]], { before: [control] }))).toMatch(/an animation of 3 frames/);
  const still = chunk('acTL', Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]));
  expect(await refusal(patches([[9, 9, 9]], { before: [still] }))).toBe('decoded');
});

test('sizes beyond the limits are refused by their header, before anything is decoded', async () => {
  const header = (width: number, height: number): Buffer => {
    const head = Buffer.from('\0\0\0\0\0\0\0\0\x08\x02\0\0\0', 'latin1');
    head.writeUInt32BE(width, 0);
    head.writeUInt32BE(height, 4);
    return Buffer.concat([SIGNATURE, chunk('IHDR', head), chunk('IEND', Buffer.alloc(0))]);
  };
  expect(await refusal(header(30_000, 30_000))).toMatch(/more than 64 megapixels: 30000 × 30000 pixels/);
  expect(await refusal(header(600, 1))).toMatch(/too small: 600 × 1 pixels/);
  const jpeg = await sharp(photo('seller/coffee.jpg')).jpeg().toBuffer();
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  jpeg.writeUInt16BE(20_000, frame + 5);
  jpeg.writeUInt16BE(20_000, frame + 7);
  expect(await refusal(jpeg)).toMatch(/more than 64 megapixels/);
});

/** Which corner of the upright picture each corner of the stored one is, by orientation (EXIF 2.3, 4.6.4): as stored, per upright corner. */
const UPRIGHT: readonly (readonly number[])[] = [
  [0, 1, 2, 3],
  [1, 0, 3, 2],
  [3, 2, 1, 0],
  [2, 3, 0, 1],
  [0, 2, 1, 3],
  [2, 0, 3, 1],
  [3, 1, 2, 0],
  [1, 3, 0, 2],
];

test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i is applied in JPEG, PNG and WebP', async (orientation) => {
  const files = [corners().jpeg({ quality: 95 }), corners().png(), corners().webp({ lossless: true })];
  for (const file of files) {
    const { rgb, width, height } = await decode(withExif(await file.toBuffer(), exif(orientation)));
    expect([width, height]).toEqual(orientation > 4 ? [40, 60] : [60, 40]);
    const at = (x: number, y: number): Colour => rgb.subarray(3 * (y * width + x), 3 * (y * width + x) + 3) as never;
    const seen = [at(5, 5), at(width - 6, 5), at(5, height - 6), at(width - 6, height - 6)].map((c) => [...c] as never);
    expect(
      worst(
        seen,
        UPRIGHT[orientation - 1]!.map((corner) => CORNERS[corner]!),
      ),
    ).toBeLessThanOrEqual(12);
  }
});
