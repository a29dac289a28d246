// The rim of what is recoloured: no old colour is left there, and no new one runs out. What is right is drawn: the same shape, in the new
// colour, by the same anti-aliasing.

import { readFileSync } from 'node:fs';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { paint } from '../src/paint/paint.ts';
import { decode, interleaved } from '../src/photo/decode.ts';
import { findLayers } from '../src/segment/layers.ts';
import { buildScene } from '../src/segment/scene.ts';
import type { Colour } from './files.ts';

const [WIDTH, HEIGHT] = [540, 400];
/** A jug with a spout and a handle, so that its edge runs in every direction. */
const jug = (colour: string): string => `<g fill="${colour}"><path d="M120 90 L170 105 L165 130 Z"/>
  <rect x="160" y="90" width="180" height="240" rx="26"/>
  <path d="M335 150 a62 62 0 0 1 0 124 v-34 a28 28 0 0 0 0 -56 Z"/></g>`;
const drawn = (inner: string): Sharp =>
  sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">${inner}</svg>`));
const ground = (colour: string): string => `<rect width="${WIDTH}" height="${HEIGHT}" fill="${colour}"/>`;

interface Rim {
  /** of what lies beyond the edge and should be as it was: mean and largest difference, 0..255 */
  readonly beyond: { mean: number; most: number };
  /** how much of the way from what is right back to the old colour, 0..1, in pixels that are at least half the thing */
  readonly old: { mean: number; most: number };
  /** difference from what is right in pixels that are partly the thing, 0..255 */
  readonly mixed: { mean: number; most: number };
}

/** How many pixels to both sides of the edge are looked at. */
const REACH = 5;

/** Pixels that have one of the other side, inside or outside the thing, within REACH across and down; those at the picture's rim have none. */
function edgeOf(cover: Uint8Array): (i: number) => boolean {
  // How many pixels of the thing lie above and to the left, so that any rectangle's are told by four looks.
  const [stride, side] = [WIDTH + 1, 2 * REACH + 1];
  const sums = new Uint32Array(stride * (HEIGHT + 1));
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0, row = 0; x < WIDTH; x++) {
      row += cover[y * WIDTH + x]! > 127 ? 1 : 0;
      sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1]! + row;
    }
  }
  return (i) => {
    const [x, y] = [(i % WIDTH) - REACH, Math.floor(i / WIDTH) - REACH];
    if (x < 0 || y < 0 || x + side > WIDTH || y + side > HEIGHT) return false;
    const [top, low] = [y * stride + x, (y + side) * stride + x];
    const inside = sums[low + side]! - sums[low]! - sums[top + side]! + sums[top]!;
    return inside > 0 && inside < side * side;
  };
}

function rimOf(cover: Uint8Array, result: Uint8Array, channels: number, thing: Colour, behind: Colour): Rim {
  const edge = edgeOf(cover);
  let [nBeyond, sumBeyond, mostBeyond, nOld, sumOld, mostOld] = [0, 0, 0, 0, 0, 0];
  let [nMixed, sumMixed, mostMixed] = [0, 0, 0];
  const inner = meanInside(cover, result, channels);
  const way = thing.map((v, c) => v - inner[c]!);
  const length = way.reduce((sum, v) => sum + v * v, 0);
  for (let i = 0; i < cover.length; i++) {
    if (!edge(i)) continue;
    const share = channels === 4 ? 1 : cover[i]! / 255;
    const pixel = [0, 1, 2].map((c) => result[channels * i + c]!);
    const off = pixel.map((v, c) => v - (behind[c]! + share * (inner[c]! - behind[c]!)));
    const most = Math.max(...off.map(Math.abs));
    if (channels === 3 && cover[i]! > 0 && cover[i]! < 255) {
      nMixed++;
      sumMixed += most;
      mostMixed = Math.max(mostMixed, most);
    }
    if (cover[i] === 0) {
      if (channels === 4) continue;
      nBeyond++;
      sumBeyond += most;
      mostBeyond = Math.max(mostBeyond, most);
    } else if (cover[i]! > 127) {
      const old = off.reduce((sum, v, c) => sum + v * way[c]!, 0) / length;
      nOld++;
      sumOld += Math.max(0, old);
      mostOld = Math.max(mostOld, old);
    }
  }
  return {
    beyond: { mean: sumBeyond / Math.max(1, nBeyond), most: mostBeyond },
    old: { mean: sumOld / nOld, most: mostOld },
    mixed: { mean: sumMixed / Math.max(1, nMixed), most: mostMixed },
  };
}

/** Mean of the result well inside the shape: the rectangle's middle. */
function meanInside(cover: Uint8Array, result: Uint8Array, channels: number): number[] {
  const sum = [0, 0, 0];
  let n = 0;
  for (let y = 150; y < 280; y++) {
    for (let x = 190; x < 310; x++) {
      const i = y * WIDTH + x;
      if (cover[i] !== 255) continue;
      n++;
      for (let c = 0; c < 3; c++) sum[c] = sum[c]! + result[channels * i + c]!;
    }
  }
  return sum.map((v) => v / n);
}

const hex = (colour: string): Colour => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as never;

/** Without anything protected, and with what the preset protects. */
const PROTECTS = [[], ['Label_Text', 'Logo', 'Gloss']] as const;

/** The photo with its product in another colour, once for each of the lists of what is protected. */
async function recoloured(
  file: Buffer,
  value: string,
  alpha: boolean,
  protects: readonly (readonly string[])[],
): Promise<Uint8Array[]> {
  const photo = await decode(file);
  expect(photo.alpha !== null).toBe(alpha);
  const { small, width, height } = photo;
  const scene = buildScene(small.rgb, small.width, small.height);
  const results = protects.map((protect) => {
    const wanted = { targets: ['Body'], protects: protect, withRim: [] };
    const layers = findLayers({ scene, width, height }, 'seller', wanted);
    return paint(photo, layers, { Body: { action: 'recolor', value } }, 0).rgb;
  });
  return Promise.all(
    results.map((rgb) =>
      alpha
        ? interleaved({ ...photo, rgb })
            .raw()
            .toBuffer()
        : rgb,
    ),
  );
}

/** A name, the thing's colour, that of what is behind it, and the thing's new one. */
type Case = readonly [string, string, string, string];

const CASES: readonly Case[] = [
  ['dark on light', '#1f6fc4', '#f1efe9', '#b0305c'],
  ['light on dark', '#e9d9a0', '#23272b', '#b0305c'],
  ['orange on white', '#e8791c', '#ffffff', '#b0305c'],
  ['blue to green', '#1f6fc4', '#f1efe9', '#2f9e44'],
  ['blue to green on grey', '#1f6fc4', '#8d9096', '#2f9e44'],
  ['red to blue', '#c62828', '#efe6d8', '#1c4fb8'],
  ['red to blue on wood', '#c62828', '#a9794b', '#1c4fb8'],
  ['dark to light', '#23272b', '#d9d6cf', '#f4e9c8'],
  ['light to dark', '#f0ead8', '#6f7f8c', '#20242c'],
];
const coverOf = (shape: (colour: string) => string): Promise<Buffer> =>
  drawn(ground('#000') + shape('#fff'))
    .extractChannel(0)
    .raw()
    .toBuffer();

async function opaqueRims(
  [, thing, behind, value]: Case,
  protects: readonly (readonly string[])[],
  encode: (drawing: Sharp) => Sharp,
  shape = jug,
): Promise<Rim[]> {
  const file = await encode(drawn(ground(behind) + shape(thing)).removeAlpha()).toBuffer();
  const cover = await coverOf(shape);
  const results = await recoloured(file, value, false, protects);
  return results.map((rgb) => rimOf(cover, rgb, 3, hex(thing), hex(behind)));
}

test.each(
  CASES,
)('%s: nothing of the old colour stays at the edge, and none of the new one runs out', async (...given) => {
  const rims = await opaqueRims(given, PROTECTS, (drawing) => drawing.png());
  expect(rims).toHaveLength(PROTECTS.length);
  for (const { old, beyond, mixed } of rims) {
    expect(old.mean).toBeLessThan(0.002);
    expect(old.most).toBeLessThan(0.06);
    expect(beyond.mean).toBeLessThan(0.2);
    expect(beyond.most).toBeLessThan(4);
    expect(mixed.mean).toBeLessThan(7);
    expect(mixed.most).toBeLessThan(25);
  }
});

test('a white ring on a dark ground becomes black: neither its edges nor what is seen through it keep or take a colour', async () => {
  const ring = (colour: string): string =>
    `<path fill="${colour}" fill-rule="evenodd" d="M270 60 a140 140 0 1 0 0.1 0 Z M270 140 a60 60 0 1 1 -0.1 0 Z"/>`;
  const given: Case = ['white to black on dark', '#f2f0ea', '#23272b', '#101012'];
  const [{ old, beyond }] = (await opaqueRims(given, [PROTECTS[1]], (drawing) => drawing.png(), ring)) as [Rim];
  expect(old.mean).toBeLessThan(0.002);
  expect(old.most).toBeLessThan(0.05);
  expect(beyond.most).toBeLessThan(2);
  const [jpeg] = (await opaqueRims(given, [PROTECTS[1]], (drawing) => drawing.jpeg({ quality: 90 }), ring)) as [Rim];
  expect(jpeg.old.mean).toBeLessThan(0.01);
  expect(jpeg.beyond.mean).toBeLessThan(3);
});

test.each(
  CASES,
)('%s in a JPEG, whose colours run over the edge themselves, little of the old one stays', async (...given) => {
  const [{ old, beyond }] = (await opaqueRims(given, [PROTECTS[1]], (drawing) => drawing.jpeg({ quality: 90 }))) as [
    Rim,
  ];
  expect(old.mean).toBeLessThan(0.025);
  expect(old.most).toBeLessThan(0.3);
  expect(beyond.mean).toBeLessThan(7);
});

test.each(
  CASES,
)('%s, cut out: every pixel of it that can be seen is recoloured, and its transparency is as it was', async (...given) => {
  const [, thing, , value] = given;
  const cut = await drawn(jug(thing)).png().toBuffer();
  const [result] = (await recoloured(cut, value, true, [PROTECTS[1]])) as [Uint8Array];
  const cover = Uint8Array.from({ length: WIDTH * HEIGHT }, (_unused, i) => result[4 * i + 3]!);
  expect(Buffer.from(cover).equals(await sharp(cut).extractChannel(3).raw().toBuffer())).toBe(true);
  const rim = rimOf(cover, result, 4, hex(thing), [0, 0, 0]);
  expect(rim.old.mean).toBeLessThan(0.002);
  expect(rim.old.most).toBeLessThan(0.05);
});

test('a blue jug with a label, whose print is protected, is blue nowhere: its outline is no print', async () => {
  const file = readFileSync(new URL('./fixtures/jug.jpg', import.meta.url));
  const [result] = (await recoloured(file, '#b0305c', false, [PROTECTS[1]])) as [Uint8Array];
  let blue = 0;
  for (let i = 0; i < result.length; i += 3) if (result[i + 2]! > result[i]! + 40) blue++;
  expect(blue).toBe(0);
});
