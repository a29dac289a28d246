// Results say how they came to be, where programs look for it that know nothing of ours.

import { parse as parseMetadata, sidecar } from 'exifr';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { encodePreview, encodeResult } from '../src/photo/encode.ts';
import { readPng } from '../src/photo/png.ts';

const SIDE = 32;
const pixels = { rgb: new Uint8Array(3 * SIDE * SIDE).fill(120), alpha: null, width: SIDE, height: SIDE };
const SAID = {
  Iptc4xmpExt: { DigitalSourceType: 'http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced' },
};
const parse = (bytes: Uint8Array) => parseMetadata(Buffer.from(bytes), { xmp: true, tiff: false, mergeOutput: false });

/** The chunk of XMP of a WebP (RFC 9649), whose flag in the head says that it is there. */
function xmpOfWebp(given: Uint8Array): Buffer | undefined {
  const bytes = Buffer.from(given);
  let flagged = false;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const [type, length] = [bytes.toString('latin1', at, at + 4), bytes.readUInt32LE(at + 4)];
    if (type === 'VP8X') flagged = (bytes[at + 8]! & 4) !== 0;
    if (type === 'XMP ' && flagged) return bytes.subarray(at + 8, at + 8 + length);
    at += 8 + length + (length & 1);
  }
  return undefined;
}

test('a JPEG says in its XMP, as IPTC has it, that an algorithm altered it', async () => {
  expect(await parse(await encodeResult(pixels, 'image/jpeg'))).toMatchObject(SAID);
});

test('so does a PNG, in the chunk that the specification names, which leaves it a sound one that other programs decode', async () => {
  const bytes = await encodeResult(pixels, 'image/png');
  expect(await parse(bytes)).toMatchObject(SAID);
  const { chunks, ended } = readPng(bytes)!;
  expect(ended && chunks.every(({ sound }) => sound)).toBe(true);
  expect(chunks.map(({ type }) => type).slice(0, 3)).toEqual(['IHDR', 'sRGB', 'iTXt']);
  const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  expect(data.every((value) => value === 120)).toBe(true);
});

test('so does a WebP', async () => {
  const xmp = xmpOfWebp(await encodeResult(pixels, 'image/webp'));
  expect(await sidecar(xmp!)).toMatchObject(SAID);
});

test('nothing else is said: neither of the camera nor of the place', async () => {
  for (const type of ['image/jpeg', 'image/png', 'image/webp'] as const) {
    const { exif, iptc, xmpAsString } = await sharp(await encodeResult(pixels, type)).metadata();
    expect([exif, iptc]).toEqual([undefined, undefined]);
    expect(xmpAsString?.match(/\w+:\w+="/g)?.filter((name) => !name.startsWith('xmlns'))).toEqual([
      'rdf:about="',
      'Iptc4xmpExt:DigitalSourceType="',
    ]);
  }
  expect((await sharp(await encodePreview(pixels)).metadata()).xmp).toBeUndefined();
});
