// Damaged files: what only sounds like damage is worked on, and half a photo never passes for a whole one.

import sharp, { type JpegOptions } from 'sharp';
import { expect, test } from 'vitest';
import { decode } from '../src/photo/decode.ts';
import { jpegDamage } from '../src/photo/jpeg/jpeg.ts';
import { photo } from './bench.ts';
import { chunk, patches } from './files.ts';

const refusal = (bytes: Uint8Array): Promise<string> =>
  decode(bytes).then(
    () => 'decoded',
    (error: unknown) => String(error),
  );

const books = photo('seller/books.jpg');
const DAMAGED = /^BadPhoto: the photo file is damaged or incomplete: /;
const [SOS, EOI] = [Buffer.from([0xff, 0xda]), Buffer.from([0xff, 0xd9])];

/** Ways in which encoders write the same photo. */
const WAYS: readonly [string, JpegOptions][] = [
  ['baseline', {}],
  ['progressive', { progressive: true }],
  ['of mozjpeg', { mozjpeg: true }],
  ['without subsampling', { chromaSubsampling: '4:4:4' }],
];
const written = (way: JpegOptions): Promise<Buffer> =>
  sharp(books)
    .jpeg({ quality: 88, ...way })
    .toBuffer();
const insert = (file: Buffer, at: number, ...bytes: number[]): Buffer =>
  Buffer.concat([file.subarray(0, at), Buffer.from(bytes), file.subarray(at)]);

test.each(
  WAYS,
)('a %s JPEG is worked on with its end marker missing, with stray bytes or fill before a marker, and with a tail', async (_, way) => {
  const file = await written(way);
  const end = file.lastIndexOf(EOI);
  const frame = file.indexOf(Buffer.from([0xff, way.progressive || way.mozjpeg ? 0xc2 : 0xc0]));
  const odd = [
    file.subarray(0, end),
    insert(file, end, 0, 0, 0),
    insert(file, end, 0x12, 0x34, 0x56),
    insert(file, end, 0xff, 0xff, 0xff),
    insert(file, frame, 0x42, 0x17),
    insert(file, frame, 0xff, 0xff),
    Buffer.concat([file, Buffer.from('a film that a phone puts behind the photo')]),
  ];
  expect(await Promise.all([file, ...odd].map(refusal))).toEqual(Array(8).fill('decoded'));
});

test('a JPEG whose scan says nonsense of coefficients, as some phones write it, is worked on', async () => {
  // Length 12: components at 5, then first and last coefficient and the bits.
  for (const nonsense of [
    [0, 0, 0],
    [63, 0, 0],
    [0, 255, 0x11],
  ]) {
    const file = await written({});
    file.set(nonsense, file.indexOf(SOS) + 11);
    expect(await refusal(file)).toBe('decoded');
  }
});

test('a JPEG in grey, in CMYK, and of odd sizes is all there', async () => {
  const files = [
    sharp(books).greyscale().jpeg(),
    sharp(books).toColourspace('cmyk').jpeg(),
    sharp(books).resize(33, 17, { fit: 'fill' }).jpeg(),
    sharp(books).resize(47, 131, { fit: 'fill' }).jpeg({ progressive: true }),
    sharp(books).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }),
    sharp({ create: { width: 64, height: 64, channels: 3, background: '#fff' } }).jpeg({ quality: 100 }),
  ];
  for (const file of files) expect(jpegDamage(await file.toBuffer())).toBeNull();
});

test.each(WAYS)('a %s JPEG that ends in the midst of its rows is refused, wherever that is', async (_, way) => {
  const file = await written(way);
  const start = file.indexOf(SOS) + 14;
  const ends = [0.02, 0.3, 0.6, 0.9, 0.99].map((share) => Math.floor(start + share * (file.length - start - 2)));
  for (const end of ends) {
    expect(await refusal(file.subarray(0, end))).toMatch(DAMAGED);
    expect(await refusal(Buffer.concat([file.subarray(0, end), EOI]))).toMatch(DAMAGED);
  }
});

test.each(WAYS)('a %s JPEG of which bytes were overwritten is refused', async (_, way) => {
  const file = await written(way);
  const start = file.indexOf(SOS) + 14;
  let noticed = 0;
  for (let n = 0; n < 20; n++) {
    const spoilt = Buffer.from(file);
    for (let k = 0; k < 12; k++) {
      const at = start + ((n * 7919 + k * 104_729) % (file.length - start - 4));
      spoilt[at] = spoilt[at]! ^ 0xff;
    }
    if (jpegDamage(spoilt) !== null) noticed++;
  }
  expect(noticed).toBeGreaterThanOrEqual(18);
});

test('a PNG whose checksums are wrong, or that lacks rows, is refused; one that lacks only its end, or whose comment is spoilt, is worked on', async () => {
  const file = await sharp(photo('seller/coffee.jpg')).png().toBuffer();
  const data = file.indexOf('IDAT');
  const spoilt = Buffer.from(file);
  spoilt[data + 2000] = spoilt[data + 2000]! ^ 1;
  expect(await refusal(spoilt)).toMatch(/damaged or incomplete: the checksum of IDAT is wrong/);
  expect(await refusal(file.subarray(0, file.length - 12 - 4000))).toMatch(DAMAGED);
  expect(await refusal(file.subarray(0, file.length - 12))).toBe('decoded');
  const comment = chunk('tEXt', Buffer.from('Comment\0spoilt'));
  comment[comment.length - 1] = comment.at(-1)! ^ 1;
  expect(await refusal(patches([[1, 2, 3]], { before: [comment] }))).toBe('decoded');
});

test('a WebP that ends early is refused', async () => {
  for (const lossless of [false, true]) {
    const file = await sharp(photo('seller/coffee.jpg')).webp({ lossless }).toBuffer();
    expect(await refusal(file)).toBe('decoded');
    for (const share of [0.2, 0.6, 0.95]) expect(await refusal(file.subarray(0, file.length * share))).toMatch(DAMAGED);
  }
});
