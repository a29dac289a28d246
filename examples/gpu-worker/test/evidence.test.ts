// Photos with nothing in them: whatever is asked for, nothing is found and nothing is painted.

import { expect, test } from 'vitest';
import { decode } from '../src/photo/decode.ts';
import { nothingThere } from '../src/segment/evidence.ts';
import { findLayers } from '../src/segment/layers.ts';
import { PRESETS } from '../src/segment/presets.ts';
import { buildScene } from '../src/segment/scene.ts';
import { photo } from './bench.ts';

const [WIDTH, HEIGHT] = [480, 320];

/** The same on every run. */
function randomNumbers(): () => number {
  let state = 7;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
const random = randomNumbers();
const bell = (): number => Math.sqrt(-2 * Math.log(random() + 1e-9)) * Math.cos(2 * Math.PI * random());
const grey = (v: number): number[] => [v, v, v];
const fromMiddle = (x: number, y: number): number => Math.hypot(x - 0.5, y - 0.5);

const EMPTY: readonly [string, (x: number, y: number) => number[]][] = [
  ['black', () => grey(0)],
  ['white', () => grey(255)],
  ['grey', () => grey(128)],
  ['red', () => [220, 30, 30]],
  ['blue as the sky', () => [60, 120, 230]],
  ['Gaussian noise', () => grey(128 + 40 * bell())],
  ['the noise of a covered lens', () => [14 + 6 * bell(), 12 + 6 * bell(), 13 + 6 * bell()]],
  ['uniform noise', () => grey(255 * random())],
  ['coloured noise', () => [255 * random(), 255 * random(), 255 * random()]],
  ['noise on a colour', () => [150 + 20 * bell(), 100 + 20 * bell(), 90 + 20 * bell()]],
  ['a gradient downwards', (_, y) => grey(255 * y)],
  ['a gradient between two colours', (x) => [255 * x, 100, 255 - 255 * x]],
  ['a gradient over the corner', (x, y) => [127 * (x + y), 40 + 60 * (x + y), 90]],
  ['a gradient from the middle', (x, y) => grey(255 - 330 * fromMiddle(x, y))],
  ['a soft spot', (x, y) => grey(60 + 150 * Math.exp(-(fromMiddle(x, y) ** 2) / 0.06))],
  ['a noisy gradient', (_, y) => grey(255 * y + 12 * bell())],
];

function sceneOf(colour: (x: number, y: number) => number[]) {
  const rgb = new Uint8Array(3 * WIDTH * HEIGHT);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const values = colour((i % WIDTH) / WIDTH, Math.floor(i / WIDTH) / HEIGHT);
    rgb.set(
      values.map((v) => Math.round(Math.min(255, Math.max(0, v)))),
      3 * i,
    );
  }
  return buildScene(rgb, WIDTH, HEIGHT);
}

test.each(EMPTY)('in %s no concept of any preset is found', (_, colour) => {
  const scene = sceneOf(colour);
  for (const [name, { concepts }] of Object.entries(PRESETS)) {
    const wanted = { targets: concepts, protects: [], withRim: [] };
    const layers = findLayers({ scene, width: WIDTH, height: HEIGHT }, name, wanted);
    expect(layers.filter(({ found }) => found).map(({ concept }) => concept)).toEqual([]);
    expect(layers.every(({ mask, reason }) => reason && mask.every((v) => v === 0))).toBe(true);
  }
});

test('real photos, and a tiled wall that is everywhere the same, are not taken for noise', async () => {
  for (const name of ['interior/wallpaper-corner.jpg', 'interior/plant-and-wallpaper.jpg', 'seller/fruit.jpg']) {
    const { small } = await decode(photo(name));
    expect(nothingThere(buildScene(small.rgb, small.width, small.height))).toBeNull();
  }
  const joint = (v: number, tiles: number): boolean => (v * tiles) % 1 < 0.06;
  const tiled = sceneOf((x, y) => grey((joint(x, 12) || joint(y, 8) ? 90 : 200) + 3 * bell()));
  expect(nothingThere(tiled)).toBeNull();
});
