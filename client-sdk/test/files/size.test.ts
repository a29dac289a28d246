/** How large a photo is, read from its header, of which never more is read than it takes. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { MAX_PHOTO_PIXELS } from '../../../server/src/contract/limits.ts';
import { isS3Error } from '../../src/index.ts';
import { readBytes } from '../../src/upload/bytes.ts';
import { preparePhotos } from '../../src/upload/files.ts';
import { MOST_PAGES, type Pages, pagesOf } from '../../src/upload/inspect/pages.ts';
import { jpegSize, pngSize, webpSize } from '../../src/upload/inspect/size.ts';
import { bytes, caught, samplePhoto } from '../support.ts';
import { inspect } from './inspect.ts';
import { frame, jpeg, png, segment, textChunk, webpExtended, webpLossless, webpLossy } from './made.ts';

const PHOTOS = ['interior', 'seller'].flatMap((preset) =>
  readdirSync(path.join(import.meta.dirname, '../../../examples/photos', preset)).map((name) => `${preset}/${name}`),
);
const sizeIn = async (data: Uint8Array) => {
  const read = { 255: jpegSize, 137: pngSize, 82: webpSize }[data[0] as 0xff];
  const size = await read(pagesOf(data, readBytes));
  return size && [size.width, size.height];
};

/** A Blob that counts what is read of it. */
class Counted extends Blob {
  read = 0;
  override slice(from = 0, to = this.size): Blob {
    const part = super.slice(from, to);
    this.read += part.size;
    return part;
  }
}

test.each(PHOTOS)('%s has the size that a decoder sees, also as PNG and as WebP', async (name) => {
  const photo = samplePhoto(name);
  const { width, height } = await sharp(photo).metadata();
  expect(await sizeIn(photo)).toEqual([width, height]);
  const small = sharp(photo).resize(301, 200, { fit: 'fill' });
  const made = await Promise.all([
    small.clone().jpeg({ progressive: true }).toBuffer(),
    small.clone().png().toBuffer(),
    small.clone().webp().toBuffer(),
    small.clone().webp({ lossless: true }).toBuffer(),
    small.clone().withMetadata().webp().toBuffer(),
  ]);
  for (const data of made) expect(await sizeIn(new Uint8Array(data))).toEqual([301, 200]);
});

test('whatever stands before the frame, a thumbnail with a frame of its own among it, the size is that of the photo', async () => {
  const thumbnail = [...jpeg(160, 120)];
  const payload = fc.oneof(
    fc.constant(thumbnail),
    fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 300 }),
    fc.integer({ min: 4_000, max: 65_000 }).map((length) => Array<number>(length).fill(0xff)),
  );
  const marker = fc.constantFrom(0xe0, 0xe1, 0xe2, 0xed, 0xfe, 0xdb, 0xc4, 0xcc);
  // Bytes that belong to nothing, and bytes that fill up before a marker.
  const stray = fc.array(fc.integer({ min: 0, max: 0xfe }), { maxLength: 9 });
  const fill = fc.array(fc.constant(0xff), { maxLength: 3 });
  const before = fc
    .tuple(stray, fill, marker, payload)
    .map(([none, more, kind, body]) => [...none, ...more, ...segment(kind, body)]);
  const first = fc.constant(segment(0xe0, 'JFIF\0'));
  const side = fc.integer({ min: 1, max: 65_535 });
  const opens = fc.constantFrom(0xc0, 0xc1, 0xc2, 0xc3, 0xc9, 0xca);
  await fc.assert(
    fc.asyncProperty(
      side,
      side,
      first,
      fc.array(before, { maxLength: 12 }),
      opens,
      async (width, height, one, more, kind) => {
        expect(await sizeIn(jpeg(width, height, [one, ...more], kind))).toEqual([width, height]);
      },
    ),
    { numRuns: 100 },
  );
});

test('a frame behind sixteen megabytes of segments is found, and little is read on the way', async () => {
  const profile = segment(0xe2, Array<number>(65_533).fill(7));
  const photo = new Counted([
    bytes([0xff, 0xd8]),
    ...Array.from({ length: 250 }, () => bytes(profile)),
    bytes(frame(9_000, 8_000)),
  ]);
  expect(photo.size).toBeGreaterThan(16_000_000);
  expect(await inspect(photo)).toBe('too-many-pixels');
  expect(photo.read).toBeLessThan(1_100_000);
});

test('of no file, whatever is in it, more is read than the pages that are allowed', async () => {
  const stray = new Counted([bytes([0xff, 0xd8, 0xff, 0xe0, 0, 2]), new Uint8Array(24_000_000)]);
  expect(await inspect(stray)).toBe('image/jpeg');
  expect(stray.read).toBeLessThanOrEqual(MOST_PAGES * 4_096);
  const segments = new Counted([
    bytes([0xff, 0xd8]),
    new Uint8Array(24_000_000).map((_, i) => [0xff, 0xe1, 0, 2][i % 4]!),
  ]);
  expect(await inspect(segments)).toBe('image/jpeg');
  expect(segments.read).toBeLessThanOrEqual(MOST_PAGES * 4_096);
  const chunks = new Counted([png(4, 4).slice(0, 33), ...Array.from({ length: 2_000 }, () => bytes(textChunk(4_000)))]);
  expect(await inspect(chunks)).toBe('image/png');
  expect(chunks.read).toBeLessThanOrEqual(MOST_PAGES * 4_096);
});

test('no bytes at all make it throw, or take a size that is none', async () => {
  const heads = [
    [],
    [...jpeg(9, 9)],
    [...png(9, 9, 2)],
    [...webpExtended(9, 9)],
    [...webpLossy(9, 9)],
    [...webpLossless(9, 9)],
  ];
  const other = [bytes('II*\0'), bytes('MM\0*'), bytes([0, 0, 0, 255], 'ftyp'), bytes('BM')].map((one) => [...one]);
  const noise = fc.uint8Array({ maxLength: 400 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...heads, ...other), fc.nat(60), noise, async (head, kept, rest) => {
      const data = bytes(head.slice(0, kept), [...rest]);
      expect(typeof (await inspect(data))).toBe('string');
      expect(await inspect(new Blob([data]))).toBe(await inspect(data));
    }),
    { numRuns: 2_000 },
  );
});

test('a photo that is cut anywhere has its size, or none, but never another', async () => {
  for (const name of PHOTOS) {
    const photo = samplePhoto(name);
    const whole = await sizeIn(photo);
    await fc.assert(
      fc.asyncProperty(fc.nat(Math.min(photo.length, 20_000)), async (length) => {
        const size = await jpegSize(pagesOf(photo.subarray(0, length), readBytes));
        if (size !== null) expect([size.width, size.height]).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  }
});

test('what is read does not depend on where pages begin', async () => {
  const photo = samplePhoto('seller/apple.jpg');
  const whole = await sizeIn(photo);
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat(40)), async (lengths) => {
      const torn: Pages = {
        from: async (offset, least) => photo.subarray(offset, offset + least + (lengths.next().value ?? 0)),
      };
      const size = await jpegSize(torn);
      expect([size?.width, size?.height]).toEqual(whole);
    }),
  );
});

test.each([
  ['JPEG', jpeg(8_000, 8_000), jpeg(8_001, 8_000)],
  ['progressive JPEG', jpeg(8_000, 8_000, [], 0xc2), jpeg(8_001, 8_000, [], 0xc2)],
  ['PNG', png(64_000, 1_000), png(64_001, 1_000)],
  ['WebP', webpLossy(16_000, 4_000), webpLossy(16_000, 4_001)],
  ['lossless WebP', webpLossless(16_000, 4_000), webpLossless(16_001, 4_000)],
  ['extended WebP', webpExtended(16_000, 4_000), webpExtended(16_000, 4_001)],
])('a %s of 64 megapixels is taken, and one of a row more is refused by name', async (_, good, large) => {
  expect(MAX_PHOTO_PIXELS).toBe(8_000 * 8_000);
  await expect(preparePhotos([{ name: 'a.jpg', data: good }])).resolves.toMatchObject({ refused: [] });
  const error = await caught(preparePhotos([{ name: 'wall.jpg', data: large }]));
  if (!isS3Error(error, 'INVALID_FILE')) throw error;
  expect(error.data.files).toMatchObject([{ name: 'wall.jpg', reason: 'too-many-pixels' }]);
  expect(error.message).toContain('wall.jpg has more than 64 megapixels');
});
