// Colours, whatever depth and profile a photo has. What is right is written down or follows from a formula, and comes from no decoder.

import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decode } from '../src/photo/decode.ts';
import { matrixProfile, SRGB_PRIMARIES } from '../src/photo/icc.ts';
import { builtIn, type Colour, chunk, iccChunk, middles, patches, worst } from './files.ts';

const COLOURS: readonly Colour[] = [
  [255, 0, 0],
  [0, 160, 60],
  [0, 80, 255],
  [230, 120, 20],
  [200, 30, 120],
  [128, 128, 128],
  [238, 232, 214],
  [12, 9, 3],
];

async function decoded(file: Uint8Array, count: number): Promise<Colour[]> {
  return middles((await decode(file)).rgb, count);
}

const curved = (v: number): number => 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
const greyOf = (v: number, gamma: number): Colour => {
  const out = Math.round(curved((v / 255) ** gamma));
  return [out, out, out];
};

const ADOBE = {
  white: [0.3127, 0.329],
  red: [0.64, 0.33],
  green: [0.21, 0.71],
  blue: [0.15, 0.06],
} as const;
/** The corners of sRGB as Display P3 and as Adobe RGB write them. */
const CORNERS: readonly Colour[] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
];
const IN_P3: readonly Colour[] = [
  [234, 51, 35],
  [117, 251, 76],
  [0, 0, 245],
];
const IN_ADOBE: readonly Colour[] = [
  [219, 0, 0],
  [144, 255, 60],
  [0, 0, 250],
];

test.each([
  8, 16,
] as const)('with %i bits a sample, with and without a profile, opaque or not, sRGB stays what it is', async (depth) => {
  const srgb = iccChunk(await builtIn('srgb'));
  for (const before of [[], [srgb], [chunk('sRGB', Buffer.of(0))]]) {
    for (const alpha of [undefined, 255, 128]) {
      expect(worst(await decoded(patches(COLOURS, { depth, before, alpha }), 8), COLOURS)).toBeLessThanOrEqual(1);
    }
  }
});

test.each([8, 16] as const)('Display P3 and Adobe RGB of %i bits become sRGB', async (depth) => {
  const p3 = await decoded(patches(IN_P3, { depth, before: [iccChunk(await builtIn('p3'))] }), 3);
  expect(worst(p3, CORNERS)).toBeLessThanOrEqual(8);
  const adobe = iccChunk(matrixProfile(ADOBE, 563 / 256)!);
  expect(worst(await decoded(patches(IN_ADOBE, { depth, before: [adobe] }), 3), CORNERS)).toBeLessThanOrEqual(8);
});

test.each([8, 16] as const)('grey of %i bits follows its profile', async (depth) => {
  const values: readonly Colour[] = [0, 40, 128, 200, 255].map((v) => [v, v, v]);
  expect(worst(await decoded(patches(values, { depth, grey: true }), 5), values)).toBeLessThanOrEqual(1);
  const before = [iccChunk(matrixProfile(SRGB_PRIMARIES, 1.8, true)!)];
  const right = values.map(([v]) => greyOf(v, 1.8));
  for (const alpha of [undefined, 255])
    expect(worst(await decoded(patches(values, { depth, grey: true, before, alpha }), 5), right)).toBeLessThanOrEqual(
      1,
    );
});

const numbers = (...values: number[]): Buffer => {
  const out = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) out.writeUInt32BE(Math.round(value * 100_000), 4 * i);
  return out;
};

test('a PNG that states its colours by gAMA and cHRM alone is read by them, and not where it names a profile too', async () => {
  const gamma = chunk('gAMA', numbers(1 / 1.8));
  const greys: readonly Colour[] = [40, 128, 200].map((v) => [v, v, v]);
  const right = greys.map(([v]) => greyOf(v, 1.8));
  expect(worst(await decoded(patches(greys, { before: [gamma] }), 3), right)).toBeLessThanOrEqual(1);
  expect(worst(await decoded(patches(greys, { before: [gamma], grey: true }), 3), right)).toBeLessThanOrEqual(1);
  const adobe = [
    chunk('gAMA', numbers(256 / 563)),
    chunk('cHRM', numbers(0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)),
  ];
  expect(worst(await decoded(patches(IN_ADOBE, { before: adobe }), 3), CORNERS)).toBeLessThanOrEqual(8);
  const named = [chunk('sRGB', Buffer.of(0)), gamma];
  expect(worst(await decoded(patches(greys, { before: named }), 3), greys)).toBe(0);
});

test('a profile that is broken, or meant for other channels, is passed over', async () => {
  const srgb = await builtIn('srgb');
  const grey = matrixProfile(SRGB_PRIMARIES, 1.8, true)!;
  const cut = [srgb.subarray(0, 300), Buffer.from('no profile at all'), Buffer.alloc(200), grey];
  for (const depth of [8, 16] as const) {
    for (const icc of cut) {
      expect(
        worst(await decoded(patches(COLOURS, { depth, before: [iccChunk(icc)] }), 8), COLOURS),
      ).toBeLessThanOrEqual(1);
    }
  }
});

test('a palette, and a CMYK JPEG with and without its profile, come out in the colours they were made from', async () => {
  const plain = patches(COLOURS);
  const palette = await sharp(plain).png({ palette: true, effort: 1 }).toBuffer();
  expect(worst(await decoded(palette, 8), COLOURS)).toBeLessThanOrEqual(3);
  const muted: readonly Colour[] = [
    [180, 120, 90],
    [120, 120, 120],
    [90, 110, 140],
  ];
  const cmyk = sharp(patches(muted)).toColourspace('cmyk');
  for (const file of [
    cmyk.clone().jpeg({ quality: 100 }),
    cmyk.clone().withIccProfile('cmyk').jpeg({ quality: 100 }),
  ]) {
    expect(worst(await decoded(await file.toBuffer(), 3), muted)).toBeLessThanOrEqual(20);
  }
});
