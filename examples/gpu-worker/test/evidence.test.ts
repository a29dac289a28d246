// Photos with nothing in them: whatever is asked for, nothing is found and nothing is painted.

import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decode } from '../src/photo/decode.ts';
import { nothingThere } from '../src/segment/evidence.ts';
import { findLayers } from '../src/segment/layers.ts';
import { PRESETS } from '../src/segment/presets.ts';
import { buildScene } from '../src/segment/scene.ts';
import { photo } from './bench.ts';
import { bell, blurredNoise, bokeh, clouds, drawing, HEIGHT, type Plane, randomNumbers, WIDTH } from './pictures.ts';

const random = randomNumbers(7);
const noise = (): number => bell(random);
const grey = (v: number): number[] => [v, v, v];
const fromMiddle = (x: number, y: number): number => Math.hypot(x - 0.5, y - 0.5);

const EMPTY: readonly [string, (x: number, y: number) => number[]][] = [
  ['black', () => grey(0)],
  ['white', () => grey(255)],
  ['grey', () => grey(128)],
  ['red', () => [220, 30, 30]],
  ['blue as the sky', () => [60, 120, 230]],
  ['Gaussian noise', () => grey(128 + 40 * noise())],
  ['the noise of a covered lens', () => [14 + 6 * noise(), 12 + 6 * noise(), 13 + 6 * noise()]],
  ['uniform noise', () => grey(255 * random())],
  ['coloured noise', () => [255 * random(), 255 * random(), 255 * random()]],
  ['noise on a colour', () => [150 + 20 * noise(), 100 + 20 * noise(), 90 + 20 * noise()]],
  ['a gradient downwards', (_, y) => grey(255 * y)],
  ['a gradient between two colours', (x) => [255 * x, 100, 255 - 255 * x]],
  ['a gradient over the corner', (x, y) => [127 * (x + y), 40 + 60 * (x + y), 90]],
  ['a gradient from the middle', (x, y) => grey(255 - 330 * fromMiddle(x, y))],
  ['a soft spot', (x, y) => grey(60 + 150 * Math.exp(-(fromMiddle(x, y) ** 2) / 0.06))],
  ['a noisy gradient', (_, y) => grey(255 * y + 12 * noise())],
];

const BLANK = new Uint8Array(WIDTH * HEIGHT);

type Scene = ReturnType<typeof buildScene>;

const sceneOf = (...colour: Parameters<typeof drawing>): Scene => buildScene(drawing(...colour), WIDTH, HEIGHT);

function expectNothing(scene: Scene, what: string): void {
  for (const [name, { concepts }] of Object.entries(PRESETS)) {
    const wanted = { targets: concepts, protects: [], withRim: [] };
    const layers = findLayers({ scene, width: WIDTH, height: HEIGHT }, name, wanted);
    expect([what, ...layers.filter(({ found }) => found).map(({ concept }) => concept)]).toEqual([what]);
    expect(layers.every(({ mask, reason }) => reason && Buffer.compare(mask, BLANK) === 0)).toBe(true);
  }
}

test.each(EMPTY)('in %s no concept of any preset is found', (what, colour) => expectNothing(sceneOf(colour), what));

/** What a picture shows is drawn from a random source; its colours are those of three planes or one. */
type Draw = (random: () => number) => (x: number, y: number, i: number) => readonly number[];
const tinted = (ground: readonly number[], strength: readonly number[], planes: readonly Plane[]): ReturnType<Draw> => {
  const at = (c: number, i: number): number => ground[c]! + strength[c]! * planes[c % planes.length]![i]!;
  return (_x, _y, i) => [at(0, i), at(1, i), at(2, i)];
};

const DRAWN: readonly [string, Draw][] = [
  ...[1, 2, 3, 4, 5, 6, 8, 12].flatMap((sigma): [string, Draw][] => [
    [`grey noise blurred by ${sigma}`, (r) => tinted([128, 128, 128], [45, 45, 45], [blurredNoise(r, sigma)])],
    [`weak noise blurred by ${sigma}`, (r) => tinted([128, 128, 128], [14, 14, 14], [blurredNoise(r, sigma)])],
    [`bluish noise blurred by ${sigma}`, (r) => tinted([70, 100, 160], [25, 35, 45], [blurredNoise(r, sigma)])],
    [
      `coloured noise blurred by ${sigma}`,
      (r) =>
        tinted(
          [120, 120, 120],
          [40, 40, 40],
          [0, 1, 2].map(() => blurredNoise(r, sigma)),
        ),
    ],
  ]),
  ...[16, 40, 100].flatMap((cell): [string, Draw][] => [
    [`soft clouds of ${cell} pixels`, (r) => tinted([90, 130, 190], [35, 35, 35], [clouds(r, cell, 1)])],
    [`ragged clouds of ${cell} pixels`, (r) => tinted([128, 128, 128], [45, 45, 45], [clouds(r, cell, 5)])],
  ]),
  ...[4, 6, 8, 12].map((sigma): [string, Draw] => [
    `lights out of focus by ${sigma}`,
    (r) => tinted([0, 0, 0], [1, 1, 1], bokeh(r, sigma)),
  ]),
  [
    'a vignette',
    (r) => {
      const [power, depth, grain] = [2 + 5 * r(), 0.4 + 0.6 * r(), 6 * r()];
      return (x, y) => grey(225 * (1 - depth * Math.min(1, (1.4 * fromMiddle(x, y)) ** power)) + grain * bell(r));
    },
  ],
  [
    'a soft spot anywhere',
    (r) => {
      const [x0, y0, size] = [0.2 + 0.6 * r(), 0.2 + 0.6 * r(), 0.02 + 0.2 * r()];
      const ground = [100 * r(), 100 * r(), 100 * r()];
      return (x, y) => ground.map((v) => v + 120 * Math.exp(-((x - x0) ** 2 + (y - y0) ** 2) / size));
    },
  ],
  [
    'a gradient of three colours',
    (r) => {
      const stops = [0, 1, 2].map(() => [255 * r(), 255 * r(), 255 * r()]);
      const at = (c: number, y: number): number => {
        const [from, to] = y < 0.5 ? [stops[0]![c]!, stops[1]![c]!] : [stops[1]![c]!, stops[2]![c]!];
        return from + (to - from) * ((2 * y) % 1);
      };
      return (_x, y) => [0, 1, 2].map((c) => at(c, y));
    },
  ],
];

test.each(DRAWN)('in %s nothing is found, however it is drawn', (what, draw) => {
  for (const seed of [1, 2]) expectNothing(sceneOf(draw(randomNumbers(seed))), `${what}, seed ${seed}`);
});

test('in a plain colour with the noise of a coarse JPEG nothing is found', async () => {
  for (const seed of [1, 2, 3]) {
    const r = randomNumbers(seed);
    const [colour, grain] = [[60 + 140 * r(), 60 + 140 * r(), 60 + 140 * r()], 1 + 5 * r()];
    const rgb = drawing(() => colour.map((v) => v + grain * bell(r)));
    const raw = sharp(rgb, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
    const { small } = await decode(await raw.jpeg({ quality: 25 + 20 * seed }).toBuffer());
    expectNothing(buildScene(small.rgb, WIDTH, HEIGHT), `seed ${seed}`);
  }
});

/** What the detectors and the evidence for it leave of each sample photo, for all concepts of its preset. */
const SEEN: Readonly<Record<string, readonly string[]>> = {
  'interior/facade': ['Wall', 'Window', 'Frame_Molding', 'Glass_highlight'],
  'interior/house': ['Wall', 'Window', 'Frame_Molding'],
  'interior/plant-and-wallpaper': ['Wall'],
  'interior/wallpaper-corner': ['Wall', 'Floor', 'Frame_Molding'],
  'seller/apple': ['Body'],
  'seller/books': ['Body', 'Parts', 'Label_Text', 'Logo'],
  'seller/cameras': ['Body', 'Accessories', 'Logo'],
  'seller/coffee': ['Body', 'Parts', 'Accessories', 'Gloss'],
  'seller/cookie-box': ['Body', 'Parts', 'Label_Text', 'Gloss'],
  'seller/fruit': ['Body', 'Accessories', 'Gloss'],
};

test.each(Object.entries(SEEN))('in the photo %s everything is found that is there', async (name, seen) => {
  const { small } = await decode(photo(`${name}.jpg`));
  const preset = name.split('/')[0]!;
  const wanted = { targets: PRESETS[preset]!.concepts, protects: [], withRim: [] };
  const { width, height } = small;
  const layers = findLayers({ scene: buildScene(small.rgb, width, height), width, height }, preset, wanted);
  expect(layers.filter(({ found }) => found).map(({ concept }) => concept)).toEqual(seen);
});

test('real photos, and a tiled wall that is everywhere the same, are not taken for noise', async () => {
  for (const name of ['interior/wallpaper-corner.jpg', 'interior/plant-and-wallpaper.jpg', 'seller/fruit.jpg']) {
    const { small } = await decode(photo(name));
    expect(nothingThere(buildScene(small.rgb, small.width, small.height))).toBeNull();
  }
  const joint = (v: number, tiles: number): boolean => (v * tiles) % 1 < 0.06;
  const tiled = sceneOf((x, y) => grey((joint(x, 12) || joint(y, 8) ? 90 : 200) + 3 * noise()));
  expect(nothingThere(tiled)).toBeNull();
});
