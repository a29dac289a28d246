// Flipped bits in the scan of a JPEG: what spoils much of the photo is noticed, and no whole photo is taken for spoilt, however it is written.

import sharp, { type JpegOptions, type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { Block } from '../src/photo/jpeg/block.ts';
import { jpegDamage, jpegFrame } from '../src/photo/jpeg/jpeg.ts';
import { photo } from './bench.ts';
import { bell, randomNumbers } from './pictures.ts';
import { withRestarts } from './restarts.ts';

const PHOTOS = [
  ...['facade', 'house', 'plant-and-wallpaper', 'wallpaper-corner'].map((name) => `interior/${name}.jpg`),
  ...['apple', 'books', 'cameras', 'coffee', 'cookie-box', 'fruit'].map((name) => `seller/${name}.jpg`),
];
const WAYS: readonly JpegOptions[] = [
  { quality: 95, chromaSubsampling: '4:4:4' },
  { quality: 30 },
  { progressive: true },
  { mozjpeg: true, quality: 60 },
  { quality: 40, trellisQuantisation: true, overshootDeringing: true },
];
/** Tables with a code for every symbol, so that others can be written with them. */
const PLAIN: JpegOptions = { quality: 88, optimiseCoding: false };
const acrossOf = (file: Buffer): number => jpegFrame(file)!.mcusAcross;

test.each(PHOTOS)('the photo %s is whole, however it is written', async (name) => {
  const file = photo(name);
  expect(jpegDamage(file)).toBeNull();
  const written = WAYS.map((way) => sharp(file).jpeg(way).toBuffer());
  const grey = sharp(file).greyscale().jpeg(PLAIN).toBuffer();
  const cmyk = sharp(file).toColourspace('cmyk').jpeg().toBuffer();
  for (const each of await Promise.all([...written, grey, cmyk])) expect(jpegDamage(each)).toBeNull();
  const plain = await sharp(file).jpeg(PLAIN).toBuffer();
  for (const interval of [4, acrossOf(plain), 2 * acrossOf(plain) + 5])
    expect(jpegDamage(withRestarts(plain, interval))).toBeNull();
});

test('restart markers leave the picture as it is, and one that is missing or out of turn is noticed', async () => {
  const plain = await sharp(photo('seller/fruit.jpg')).jpeg(PLAIN).toBuffer();
  const marked = withRestarts(plain, 20);
  const pixels = (file: Buffer): Promise<Buffer> => sharp(file).raw().toBuffer();
  expect((await pixels(marked)).equals(await pixels(plain))).toBe(true);
  const second = marked.indexOf(Buffer.from([0xff, 0xd1]));
  const turned = Buffer.from(marked);
  turned[second + 1] = 0xd3;
  expect(jpegDamage(turned)).toBe('a restart marker is missing');
  const gone = Buffer.concat([marked.subarray(0, second), marked.subarray(second + 2)]);
  expect(jpegDamage(gone)).not.toBeNull();
});

test('a photo that is lighter from some place on is noticed, also where restart markers end that', async () => {
  for (const name of ['interior/facade.jpg', 'seller/coffee.jpg', 'interior/house.jpg']) {
    const plain = await sharp(photo(name)).jpeg(PLAIN).toBuffer();
    const across = acrossOf(plain);
    for (const interval of [across, 4 * across, 65_535]) {
      const spoilt = withRestarts(plain, interval, { from: Math.floor(6.3 * across), by: 40 });
      expect([name, interval, jpegDamage(spoilt)]).toEqual([
        name,
        interval,
        expect.stringMatching(/shifted|no photo has/),
      ]);
    }
  }
});

/** Things that are drawn along the grid of MCUs, 16 pixels a side. */
const DRAWN: readonly (readonly [string, string])[] = [
  ['stripes', [1, 3, 5, 7, 9].map((row) => `<rect y="${32 * row}" width="640" height="32" fill="#dde"/>`).join('')],
  ['a bar at the right', '<rect x="160" y="160" width="480" height="16" fill="#c33"/>'],
  ['a bar at the left', '<rect x="0" y="160" width="320" height="16" fill="#c33"/>'],
  ['a ground from halfway on', '<rect y="240" width="640" height="240" fill="#888"/>'],
  ['steps', '<path d="M0 176 H320 V160 H640 V480 H0 Z" fill="#36c"/>'],
  [
    'a chart',
    [1, 2, 3, 4].map((k) => `<rect x="${128 * k}" y="${32 * k}" width="64" height="480" fill="#2a7"/>`).join(''),
  ],
];
const drawn = (inner: string): Sharp =>
  sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480">
    <rect width="640" height="480" fill="#fff"/>${inner}</svg>`),
  ).removeAlpha();

test.each(DRAWN)('%s drawn along the grid of the blocks: no damage', async (_, inner) => {
  for (const way of [{ chromaSubsampling: '4:4:4' }, {}]) {
    const file = await drawn(inner)
      .jpeg({ ...PLAIN, ...way })
      .toBuffer();
    for (const each of [file, withRestarts(file, acrossOf(file))]) expect(jpegDamage(each)).toBeNull();
  }
});

test('a step that the photo has more than once is no damage', async () => {
  const random = randomNumbers(3);
  const board = (y: number): string =>
    `<path d="M0 ${y + 16} H320 V${y} H640 V${y + 32} H320 V${y + 48} H0 Z" fill="#777"/>`;
  const boards = await drawn([160, 224, 288].map(board).join('')).raw().toBuffer();
  const grainy = boards.map((v) => Math.min(255, Math.max(0, v - 8 + 6 * bell(random))));
  const file = sharp(grainy, { raw: { width: 640, height: 480, channels: 3 } }).jpeg(PLAIN);
  expect(jpegDamage(await file.toBuffer())).toBeNull();
});

const scanOf = (file: Buffer): number => file.indexOf(Buffer.from([0xff, 0xda])) + 14;

/** What flips of bits did to a photo, by how far pixels are from what they were, and whether that was noticed. */
async function flips(name: string, count: number): Promise<{ wide: boolean; most: number; noticed: boolean }[]> {
  const file = photo(name);
  const random = randomNumbers(PHOTOS.indexOf(name));
  const pixels = (bytes: Buffer): Promise<Buffer> => sharp(bytes, { failOn: 'none' }).raw().toBuffer();
  const before = await pixels(file);
  const out = [];
  for (let n = 0; n < count; n++) {
    const spoilt = Buffer.from(file);
    const at = scanOf(file) + Math.floor(random() * (file.length - scanOf(file) - 2));
    spoilt[at] = spoilt[at]! ^ (1 << Math.floor(8 * random()));
    const after = await pixels(spoilt);
    let [changed, most] = [0, 0];
    for (let i = 0; i < after.length; i++) {
      const off = Math.abs(after[i]! - before[i]!);
      if (off > 8) changed++;
      if (off > most) most = off;
    }
    out.push({ wide: changed > 0.005 * after.length, most, noticed: jpegDamage(spoilt) !== null });
  }
  return out;
}

test('of bits flipped in a scan, most that change much of the photo are noticed', async () => {
  const all = (await Promise.all(PHOTOS.map((name) => flips(name, 24)))).flat();
  const share = (of: typeof all): number => of.filter(({ noticed }) => noticed).length / of.length;
  const [wide, local] = [all.filter((flip) => flip.wide), all.filter((flip) => !flip.wide && flip.most >= 100)];
  expect(wide.length).toBeGreaterThan(50);
  expect(share(wide)).toBeGreaterThan(0.85);
  expect(share(local)).toBeGreaterThan(0.35);
});

test('a block is one of samples between black and white, or is none', () => {
  const fine = new Uint16Array(64).fill(4);
  const coarse = new Uint16Array(64).fill(80);
  const block = new Block();
  const filled = (mean: number, ...values: (readonly [number, number])[]): Block => {
    block.begin(mean);
    for (const value of values) block.put(...value);
    return block;
  };
  expect(filled(1016).impossible(fine)).toBe(false);
  // Half black, half white.
  expect(filled(0, [1, 920], [6, -320], [15, 220], [28, -180]).impossible(fine)).toBe(false);
  // White, and a wave on it.
  expect(filled(1000, [1, 300]).impossible(fine)).toBe(true);
  expect(filled(1000, [1, 300]).impossible(coarse)).toBe(false);
  expect(filled(0, [1, 700], [2, 700]).impossible(fine)).toBe(true);
  expect(filled(1090, [1, 200]).impossible(fine)).toBe(true);
  // Means of rows: a wave down the block.
  expect(filled(80, [2, 100]).row(0)).toBeCloseTo(10 + 100 * Math.cos(Math.PI / 16) * 0.25 * Math.SQRT1_2);
  expect(filled(80, [2, 100]).row(7)).toBeCloseTo(10 - 100 * Math.cos(Math.PI / 16) * 0.25 * Math.SQRT1_2);
});
