// Results in each type that can be asked for: what they are, what they carry, and messages that leave things out.

import sharp from 'sharp';
import { expect, test, vi } from 'vitest';
import { ThreadPool } from '../src/photo/pool.ts';
import type { PhotoResult } from '../src/photo/process.ts';
import { XMP } from '../src/photo/xmp.ts';
import { compare, grey, messageFor, photo, rgb } from './bench.ts';
import { corners, exif, withExif } from './files.ts';
import { OwnBench } from './own-bench.ts';

const own = OwnBench.forEachTest();

const coffee = photo('seller/coffee.jpg');

/** Runs one photo with the result in a type; null leaves the type out. */
async function result(bytes: Uint8Array, type: string | null, changes: object = {}): Promise<Buffer> {
  const message = messageFor(own.storage, 'seller', [bytes]);
  const output_url = own.storage.signed('outputs/0_result.png', type ?? 'image/png');
  const items = message.items.map((item) => ({ ...item, output_url, ...changes }));
  await own.bench.post('/run', { input: { ...message, items, ...(type === null ? {} : { output_type: type }) } });
  await own.bench.ended();
  expect(own.storage.callbacks.at(-1)!.body).toMatchObject({ status: 'done' });
  return own.storage.bytes('outputs/0_result.png');
}

test.each([
  [null, 'png', 0],
  ['image/png', 'png', 0],
  ['image/jpeg', 'jpeg', 3],
  ['image/webp', 'webp', 4],
] as const)('with output_type %s the result is %s, sent as that, and says that it is sRGB', async (type, format, loss) => {
  const bytes = await result(coffee, type);
  expect(own.storage.objects.get('outputs/0_result.png')!.type).toBe(type ?? 'image/png');
  const { format: seen, icc, width, height, exif: about } = await sharp(bytes).metadata();
  expect([seen, width, height, about]).toEqual([format, 600, 400, undefined]);
  if (format === 'png') expect(bytes.toString('latin1', 37, 41)).toBe('sRGB');
  else expect([icc!.length, icc!.toString('latin1', 36, 40)]).toEqual([480, 'acsp']);
  const mask = await grey(own.storage.bytes('masks/0_Body.png'));
  const [before, after] = [await rgb(coffee), await rgb(bytes)];
  if (format === 'png') expect(compare(before, after, mask).changedOutside).toBe(0);
  let [sum, n] = [0, 0];
  for (let i = 0; i < mask.data.length; i++) {
    if (mask.data[i]) continue;
    for (let c = 3 * i; c < 3 * i + 3; c++) sum += Math.abs(before.data[c]! - after.data[c]!);
    n += 3;
  }
  expect(sum / n).toBeLessThanOrEqual(loss);
});

test('a message without masks, as it comes where nobody asked, is worked on, and no mask is even made', async () => {
  const made = vi.spyOn(ThreadPool.prototype, 'process');
  const { items, ...message } = messageFor(own.storage, 'seller', [coffee]);
  const bare = items.map(({ mask_urls: _, instances_url: __, ...item }) => ({ ...item, mask_urls: {} }));
  await own.bench.post('/run', { input: { ...message, masks: false, items: bare } });
  expect(await own.bench.ended()).toBe('COMPLETED');
  const first: PhotoResult | undefined = await made.mock.results[0]?.value;
  made.mockRestore();
  expect(first?.masks).toEqual({});
  expect([...own.storage.objects.keys()].sort()).toEqual([
    'inputs/0.jpg',
    'outputs/0_result.png',
    'previews/0_thumb.jpg',
  ]);
});

test('a message in which absent things are null, with no masks wanted and with fields of later days, is worked on', async () => {
  await result(coffee, null, { mask_urls: {}, instances_url: null, hue: 'a later day' });
  await result(coffee, null, { mask_urls: null });
  expect([...own.storage.objects.keys()].sort()).toEqual([
    'inputs/0.jpg',
    'masks/0_instances.json',
    'outputs/0_result.png',
    'previews/0_thumb.jpg',
  ]);
  const message = {
    ...messageFor(own.storage, 'seller', [coffee]),
    callback_secret: 'whsec_Y2FsbGJhY2stdG9rZW4=',
    output_type: null,
  };
  expect((await own.bench.post('/run', { input: { ...message, protect: null, batch_concurrency: null } })).status).toBe(
    200,
  );
  expect(await own.bench.ended()).toBe('COMPLETED');
});

test('neither place nor camera of a photo goes into what is made of it', async () => {
  const bytes = withExif(await sharp(coffee).jpeg().toBuffer(), exif(6));
  for (const type of ['image/png', 'image/jpeg', 'image/webp']) {
    await result(bytes, type);
    for (const [key, said] of Object.entries({ 'outputs/0_result.png': XMP, 'previews/0_thumb.jpg': undefined })) {
      const { exif: about, xmp, iptc, orientation, width, height } = await sharp(own.storage.bytes(key)).metadata();
      expect([about, xmp?.toString(), iptc, orientation ?? 1]).toEqual([undefined, said, undefined, 1]);
      expect(height).toBeGreaterThan(width);
    }
  }
});

test.each([
  ['high', 400, 5000],
  ['wide', 5000, 400],
])('the preview of a very %s photo is bounded on both sides', async (_, width, height) => {
  const spread = await sharp(coffee).resize(width, height, { fit: 'fill' }).jpeg().toBuffer();
  await result(spread, 'image/jpeg');
  const preview = await sharp(own.storage.bytes('previews/0_thumb.jpg')).metadata();
  expect(Math.max(preview.width, preview.height)).toBe(512);
});

test('transparency is kept in PNG and WebP, and lies on white in JPEG', async () => {
  const hole = Buffer.from('<svg width="600" height="400"><rect width="600" height="400" rx="90"/></svg>');
  const cut = await sharp(coffee)
    .composite([{ input: hole, blend: 'dest-in' }])
    .png()
    .toBuffer();
  for (const type of ['image/png', 'image/webp', 'image/jpeg']) {
    const { data, info } = await sharp(await result(cut, type))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const corner = [...data.subarray(0, info.channels)];
    if (type === 'image/jpeg') expect(Math.min(...corner)).toBeGreaterThan(250);
    else expect(corner[3]).toBe(0);
  }
});

test('what is too long for a format fails with that reason', async () => {
  const long = await corners().resize(16_500, 60, { fit: 'fill' }).png().toBuffer();
  const message = messageFor(own.storage, 'seller', [long]);
  await own.bench.post('/run', { input: { ...message, output_type: 'image/webp' } });
  await own.bench.ended();
  expect(own.storage.callbacks.at(-1)!.body).toMatchObject({
    status: 'failed',
    error: 'a result of type image/webp has at most 16383 pixels a side, the photo has 16500',
  });
});
