// The plain ground behind things is no thing, also where these stand so close together that it is surrounded by them.

import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decode } from '../src/photo/decode.ts';
import { findLayers, type Layer } from '../src/segment/layers.ts';
import { PRESETS } from '../src/segment/presets.ts';
import { buildScene } from '../src/segment/scene.ts';

const [WIDTH, HEIGHT] = [480, 240];

async function found(file: Buffer): Promise<Layer[]> {
  const { small } = await decode(file);
  const { width, height } = small;
  const wanted = { targets: PRESETS.seller!.concepts, protects: [], withRim: [] };
  const layers = findLayers({ scene: buildScene(small.rgb, width, height), width, height }, 'seller', wanted);
  return layers.filter((layer) => layer.found);
}

const drawn = (inner: string): Promise<Buffer> =>
  sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">${inner}</svg>`))
    .removeAlpha()
    .jpeg({ quality: 92, chromaSubsampling: '4:4:4' })
    .toBuffer();
const light = (from: string, to: string): string =>
  `<defs><linearGradient id="light" x2="1" y2="1"><stop stop-color="${from}"/><stop offset="1" stop-color="${to}"/>
  </linearGradient></defs><rect width="${WIDTH}" height="${HEIGHT}" fill="url(#light)"/>`;

/** Two rows of four, 20 pixels apart; one is nearly as light as the ground. */
const COLOURS = ['#ff0000', '#00a040', '#0050ff', '#e67814', '#c81e78', '#808080', '#efe8d8', '#286ebe'];
const patch = (k: number): readonly [number, number] => [30 + 108 * (k % 4), 20 + 104 * Math.floor(k / 4)];
const chart = (ground: string): Promise<Buffer> => {
  const rects = COLOURS.map((colour, k) => {
    const [x, y] = patch(k);
    return `<rect x="${x}" y="${y}" width="88" height="84" fill="${colour}"/>`;
  });
  return drawn(ground + rects.join(''));
};
/** Pixels that are the ground's, but for those beside a patch. */
const isGround = (x: number, y: number): boolean =>
  COLOURS.every((_, k) => {
    const [left, top] = patch(k);
    return x < left - 3 || y < top - 3 || x > left + 90 || y > top + 86;
  });

test.each([
  ['plain', light('#ebe9e4', '#ebe9e4')],
  ['in light that falls off', light('#f1efea', '#dedcd6')],
])('the ground between patches of colour, %s, is in no concept, and the patches are', async (_, ground) => {
  const layers = await found(await chart(ground));
  expect(layers.map(({ concept }) => concept)).toContain('Body');
  expect(layers.reduce((sum, { coverage }) => sum + coverage, 0)).toBeGreaterThan(0.4);
  for (const { concept, mask } of layers) {
    let n = 0;
    for (let i = 0; i < mask.length; i++) if (mask[i] && isGround(i % WIDTH, Math.floor(i / WIDTH))) n++;
    expect([concept, n]).toEqual([concept, 0]);
  }
});

test.each(['16bit', '8bit'])('so it is in the chart of patches with %s a sample', async (bits) => {
  const layers = await found(readFileSync(new URL(`./fixtures/${bits}-srgb-profile.png`, import.meta.url)));
  const body = layers.find(({ concept }) => concept === 'Body');
  expect(body!.coverage).toBeLessThan(0.08);
  expect(layers.reduce((sum, { coverage }) => sum + coverage, 0)).toBeGreaterThan(0.45);
});

test('white goods that go over into the white behind them are not found in part', async () => {
  const mug = `<defs><linearGradient id="mug"><stop stop-color="#f2f2f0"/><stop offset="0.4" stop-color="#fff"/>
    <stop offset="1" stop-color="#d8d8d4"/></linearGradient></defs>
    <rect x="150" y="40" width="150" height="170" rx="20" fill="url(#mug)"/>`;
  expect(await found(await drawn(light('#ffffff', '#ffffff') + mug))).toEqual([]);
});
