// The actions on real photos: each changes its target, visibly, and nothing else.

import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Rule } from '../src/message.ts';
import { decode } from '../src/photo/decode.ts';
import { processPhoto } from '../src/photo/process.ts';
import { labToRgb, rgbToLab } from '../src/segment/lab.ts';
import { compare, grey, photo, rgb } from './bench.ts';

const wall = photo('interior/wallpaper-corner.jpg');

const run = (concepts: Record<string, Rule>, protect: string[] = [], idx = 0, preset = 'interior', bytes = wall) =>
  processPhoto({ idx, bytes, preset, concepts, protect, outputType: 'image/png' });

/** Mean Lab of the pixels inside a mask. */
async function meanInside(image: Uint8Array, maskPng: Uint8Array): Promise<[number, number, number]> {
  const [{ data }, mask] = await Promise.all([rgb(image), grey(maskPng)]);
  const lab = new Float32Array(3);
  const sum: [number, number, number] = [0, 0, 0];
  let n = 0;
  for (let i = 0; i < mask.data.length; i++) {
    if (!mask.data[i]) continue;
    rgbToLab(data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!, lab);
    for (let c = 0; c < 3; c++) sum[c] = sum[c]! + lab[c]!;
    n++;
  }
  return [sum[0] / n, sum[1] / n, sum[2] / n];
}

test.each<[string, Rule]>([
  ['recolor', { action: 'recolor', value: '#2266aa' }],
  ['tone warm', { action: 'tone', value: 'warm' }],
  ['tone cool', { action: 'tone', value: 'cool' }],
  ['tone brighter', { action: 'tone', value: 'brighter' }],
  ['tone darker', { action: 'tone', value: 'darker' }],
  ['texture wood', { action: 'texture', value: 'wood' }],
  ['texture marble', { action: 'texture', value: 'marble' }],
  ['texture concrete', { action: 'texture', value: 'concrete' }],
  ['texture linen', { action: 'texture', value: 'linen' }],
  ['remove', { action: 'remove' }],
])('%s changes the target and not one pixel outside it', async (_, rule) => {
  const { painted, masks } = await run({ Floor: rule });
  const change = compare(await rgb(wall), await rgb(painted!.result), await grey(masks.Floor!));
  expect(change.changedOutside).toBe(0);
  expect(change.changedInside).toBeGreaterThan(change.inside * 0.9);
});

test('recolor moves the mean to the colour asked for and keeps the shading', async () => {
  const { painted, masks } = await run({ Wall: { action: 'recolor', value: '#2266aa' } });
  const target = new Float32Array(3);
  rgbToLab(0x22, 0x66, 0xaa, target);
  const before = await meanInside(wall, masks.Wall!);
  const after = await meanInside(painted!.result, masks.Wall!);
  const away = (lab: [number, number, number]) => Math.hypot(lab[1] - target[1]!, lab[2] - target[2]!);
  expect(away(after)).toBeLessThan(0.45 * away(before));
  const [old, fresh, mask] = [await rgb(wall), await rgb(painted!.result), await grey(masks.Wall!)];
  expect(correlation(old.data, fresh.data, mask.data)).toBeGreaterThan(0.85);
});

/** How closely green, which carries most of lightness, follows the original's. */
function correlation(x: Buffer, y: Buffer, mask: Buffer): number {
  let [n, sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    const [p, q] = [x[3 * i + 1]!, y[3 * i + 1]!];
    n++;
    sx += p;
    sy += q;
    sxx += p * p;
    syy += q * q;
    sxy += p * q;
  }
  return (n * sxy - sx * sy) / Math.sqrt((n * sxx - sx * sx) * (n * syy - sy * sy));
}

test('brighter raises lightness, darker lowers it, warm and cool pull the colour apart', async () => {
  const mean = async (value: 'warm' | 'cool' | 'brighter' | 'darker') => {
    const { painted, masks } = await run({ Floor: { action: 'tone', value } });
    return meanInside(painted!.result, masks.Floor!);
  };
  expect((await mean('brighter'))[0]).toBeGreaterThan((await mean('darker'))[0] + 15);
  expect((await mean('warm'))[2]).toBeGreaterThan((await mean('cool'))[2] + 15);
});

test('remove fills the area from its surroundings', async () => {
  const apple = photo('seller/apple.jpg');
  const { painted, masks } = await run({ Body: { action: 'remove' } }, [], 0, 'seller', apple);
  // The apple is red (a > 0), the wall behind it green.
  expect((await meanInside(apple, masks.Body!))[1]).toBeGreaterThan(15);
  expect((await meanInside(painted!.result, masks.Body!))[1]).toBeLessThan(12);
});

test('a texture is the same for the same photo, and another for the next photo of the job', async () => {
  const rules: Record<string, Rule> = { Floor: { action: 'texture', value: 'marble' } };
  const [first, again, next] = await Promise.all([run(rules), run(rules), run(rules, [], 1)]);
  expect(Buffer.from(first.painted!.result).equals(again.painted!.result)).toBe(true);
  expect(Buffer.from(first.painted!.result).equals(next.painted!.result)).toBe(false);
});

test('a protect wins over the target it lies in, and over itself as a target', async () => {
  const rule: Rule = { action: 'recolor', value: '#2266aa' };
  const books = photo('seller/books.jpg');
  const { painted, masks, instances } = await run({ Body: rule, Label_Text: rule }, ['Label_Text'], 0, 'seller', books);
  const [body, text] = await Promise.all([grey(masks.Body!), grey(masks.Label_Text!)]);
  expect(body.data.some((v, i) => v && text.data[i])).toBe(false);
  expect(compare(await rgb(books), await rgb(painted!.result), text).changedInside).toBe(0);
  expect(JSON.parse(instances).concepts.map((c: { role: string }) => c.role)).toEqual(['target', 'protect']);
});

test('masks hold only 0 and 255', async () => {
  const { masks } = await run({ Wall: { action: 'tone', value: 'warm' } }, ['Frame_Molding']);
  for (const png of Object.values(masks)) {
    const { data } = await grey(png);
    expect(data.every((v) => v === 0 || v === 255)).toBe(true);
    expect(data.some((v) => v === 255)).toBe(true);
  }
});

test('colours survive the way to Lab and back', () => {
  const lab = new Float32Array(3);
  const back = new Uint8Array(3);
  let worst = 0;
  for (let i = 0; i < 4096; i++) {
    const colour = [(i & 15) * 17, ((i >> 4) & 15) * 17, (i >> 8) * 17] as const;
    rgbToLab(...colour, lab);
    labToRgb(lab[0]!, lab[1]!, lab[2]!, back);
    for (let c = 0; c < 3; c++) worst = Math.max(worst, Math.abs(back[c]! - colour[c]!));
  }
  expect(worst).toBeLessThanOrEqual(2);
});

test('a decompression bomb is refused by its header, before it is decoded', async () => {
  const header = Buffer.from('IHDR\0\0\0\0\0\0\0\0\x08\x02\0\0\0', 'latin1');
  header.writeUInt32BE(30_000, 4);
  header.writeUInt32BE(30_000, 8);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(header));
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
  const data = Buffer.from([0, 0, 0, 0, 0x49, 0x44, 0x41, 0x54, 0x35, 0xaf, 0x06, 0x1e]);
  const bomb = Buffer.concat([start, header, sum, data]);
  await expect(run({ Wall: { action: 'remove' } }, [], 0, 'interior', bomb)).rejects.toThrow(
    'the photo has more than 64 megapixels',
  );
});

test('half photos are said to be damaged, however many are decoded at once', async () => {
  const halves = Array.from({ length: 60 }, (_, i) => wall.subarray(0, 400 + i * 500));
  const answers = await Promise.all(halves.map((bytes) => decode(bytes).catch((error: unknown) => String(error))));
  for (const answer of answers) expect(answer).toMatch(/^BadPhoto: the photo file is damaged or incomplete: /);
});
