// Whole jobs over HTTP: what is stored, what is called back, and what a bad photo does to the others.

import sharp from 'sharp';
import { expect, test } from 'vitest';
import { compare, grey, messageFor, photo, rgb, rulesOf } from './bench.ts';
import { OwnBench } from './own-bench.ts';

const own = OwnBench.forEachTest();

const INTERIOR = ['facade', 'house', 'plant-and-wallpaper', 'wallpaper-corner'].map((n) => `interior/${n}.jpg`);
const SELLER = ['apple', 'books', 'cameras', 'coffee', 'cookie-box', 'fruit'].map((n) => `seller/${n}.jpg`);

test.each([
  ['interior', INTERIOR],
  ['seller', SELLER],
] as const)('every sample photo of %s comes back done under the demo rules, protected pixels byte-identical', async (preset, names) => {
  const rules = rulesOf(preset);
  await own.bench.post('/run', { input: messageFor(own.storage, preset, names.map(photo)) });
  expect(await own.bench.ended()).toBe('COMPLETED');
  expect(own.storage.callbacks.map(({ body }) => body.status)).toEqual(names.map(() => 'done'));
  let photosWithProtects = 0;
  for (const [idx, name] of names.entries()) {
    const before = await rgb(photo(name));
    const after = await rgb(own.storage.bytes(`outputs/${idx}_result.png`));
    expect([after.width, after.height]).toEqual([before.width, before.height]);
    const targets = Object.keys(rules.concepts);
    const masks = await Promise.all(targets.map((c) => grey(own.storage.bytes(`masks/${idx}_${c}.png`))));
    const painted = {
      ...masks[0]!,
      data: masks[0]!.data.map((_, i) => (masks.some((m) => m.data[i]) ? 1 : 0)) as Buffer,
    };
    const { changedOutside, changedInside, inside } = compare(before, after, painted);
    expect(changedOutside).toBe(0);
    expect(changedInside).toBeGreaterThan(inside * 0.6);
    let protectedPixels = 0;
    for (const concept of rules.protect) {
      const mask = await grey(own.storage.bytes(`masks/${idx}_${concept}.png`));
      const kept = compare(before, after, mask);
      expect(kept.changedInside).toBe(0);
      protectedPixels += kept.inside;
    }
    if (protectedPixels > 0) photosWithProtects++;
  }
  expect(photosWithProtects).toBeGreaterThanOrEqual(3);
});

test('the plain form takes the message itself and reports its status under the same id', async () => {
  const answer = await own.bench.post('/', messageFor(own.storage, 'seller', [photo('seller/cookie-box.jpg')]));
  const { id, status } = (await answer.json()) as { id: string; status: string };
  expect([answer.status, status]).toEqual([200, 'IN_QUEUE']);
  expect(await own.bench.ended()).toBe('COMPLETED');
  expect(await (await own.bench.get(`/status/${id}`)).json()).toEqual({ id, status: 'COMPLETED' });
});

test('masks, instances and preview are stored before the result, and the callback comes last', async () => {
  await own.bench.post('/run', { input: messageFor(own.storage, 'seller', [photo('seller/coffee.jpg')]) });
  await own.bench.ended();
  const order = own.storage.requests.map((line) => line.replace(/masks\/0_[A-Z]\w+\.png/, 'mask'));
  expect(order).toEqual([
    'GET inputs/0.jpg',
    ...Array(4).fill('PUT mask'),
    'PUT masks/0_instances.json',
    'PUT previews/0_thumb.jpg',
    'PUT outputs/0_result.png',
    'POST /callback',
  ]);
  const preview = await sharp(own.storage.bytes('previews/0_thumb.jpg')).metadata();
  expect([preview.format, preview.width]).toEqual(['jpeg', 512]);
  const mask = await sharp(own.storage.bytes('masks/0_Body.png')).metadata();
  expect([mask.format, mask.channels, mask.depth, mask.width, mask.height]).toEqual(['png', 1, 'uchar', 600, 400]);
});

test('the callback carries the job token, the keys, the attempt and the idempotency key', async () => {
  await own.bench.post('/run', {
    input: { ...messageFor(own.storage, 'seller', [photo('seller/cookie-box.jpg')]), attempt: 2 },
  });
  await own.bench.ended();
  expect(own.storage.callbacks).toEqual([
    {
      key: 'job-1:1:0',
      authorization: 'Bearer callback-token',
      answered: 200,
      body: {
        idx: 0,
        status: 'done',
        output_key: 'outputs/0_result.png',
        preview_key: 'previews/0_thumb.jpg',
        attempt: 2,
        idempotency_key: 'job-1:1:0',
      },
    },
  ]);
});

test('photos that cannot be read fail in plain words while the others are done', async () => {
  const good = photo('seller/cookie-box.jpg');
  const coffee = photo('seller/coffee.jpg');
  const flipped = Buffer.from(coffee);
  flipped[30_008] = flipped[30_008]! ^ 0xff;
  const text = Buffer.from('<!doctype html>');
  const bad = [coffee.subarray(0, 400), coffee.subarray(0, 20_000), flipped, Buffer.alloc(0), text];
  await own.bench.post('/run', { input: messageFor(own.storage, 'seller', [...bad, good]) });
  expect(await own.bench.ended()).toBe('COMPLETED');
  const byIdx = [...own.storage.callbacks].sort((a, b) => Number(a.body.idx) - Number(b.body.idx));
  expect(byIdx.map(({ body }) => [body.status, body.error])).toEqual([
    ['failed', 'the photo file is damaged or incomplete: the data end early; upload its original once more'],
    ['failed', 'the photo file is damaged or incomplete: the data end early; upload its original once more'],
    [
      'failed',
      'the photo file is damaged or incomplete: a block with more than 64 values; upload its original once more',
    ],
    ['failed', 'the photo file is empty'],
    ['failed', 'the file is not a JPEG, PNG or WEBP photo but a web page'],
    ['done', undefined],
  ]);
  expect([...own.storage.objects.keys()].filter((key) => key.startsWith('outputs/'))).toEqual(['outputs/5_result.png']);
});

test('a photo that is missing from storage fails and is said to be missing', async () => {
  const message = messageFor(own.storage, 'seller', [photo('seller/coffee.jpg')]);
  own.storage.objects.delete('inputs/0.jpg');
  await own.bench.post('/run', { input: message });
  await own.bench.ended();
  expect(own.storage.callbacks[0]!.body.error).toBe('the photo is not in storage');
});

test('PNG and WEBP photos work under a .jpg key, and keep their transparency', async () => {
  const png = await sharp(photo('seller/coffee.jpg')).ensureAlpha(0.5).png().toBuffer();
  const webp = await sharp(photo('seller/coffee.jpg')).webp().toBuffer();
  await own.bench.post('/run', { input: messageFor(own.storage, 'seller', [png, webp]) });
  await own.bench.ended();
  expect(own.storage.callbacks.map(({ body }) => body.status)).toEqual(['done', 'done']);
  const before = await rgb(png);
  const result = own.storage.bytes('outputs/0_result.png');
  expect((await sharp(result).metadata()).channels).toBe(4);
  expect(compare(before, await rgb(result), await grey(own.storage.bytes('masks/0_Body.png'))).changedOutside).toBe(0);
});

test('a photo with an EXIF orientation comes back upright, protected pixels unchanged', async () => {
  const turned = await sharp(photo('seller/books.jpg')).rotate(90).withMetadata({ orientation: 8 }).jpeg().toBuffer();
  await own.bench.post('/run', { input: messageFor(own.storage, 'seller', [turned]) });
  await own.bench.ended();
  const before = await rgb(turned);
  const after = await rgb(own.storage.bytes('outputs/0_result.png'));
  expect([after.width, after.height]).toEqual([612, 459]);
  const text = compare(before, after, await grey(own.storage.bytes('masks/0_Label_Text.png')));
  expect(text.inside).toBeGreaterThan(0);
  expect(text.changedInside).toBe(0);
});

test('a concept that is not in the photo is never painted and says why; with none found the photo fails', async () => {
  const some = {
    concepts: { Wall: { action: 'tone', value: 'cool' }, Floor: { action: 'recolor', value: '#00ff00' } },
  };
  await own.bench.post('/run', { input: messageFor(own.storage, 'interior', [photo('interior/house.jpg')], some) });
  await own.bench.ended();
  const { concepts } = own.storage.json('masks/0_instances.json') as { concepts: Record<string, unknown>[] };
  expect(concepts[1]).toMatchObject({ concept: 'Floor', role: 'target', found: false, coverage: 0, instances: [] });
  expect(concepts[1]!.reason).toBe('the photo shows an exterior');
  expect((await grey(own.storage.bytes('masks/0_Floor.png'))).data.every((v) => v === 0)).toBe(true);
  expect(own.storage.callbacks[0]!.body.status).toBe('done');

  const none = { concepts: { Floor: some.concepts.Floor, Tile: some.concepts.Floor } };
  own.storage.objects.clear();
  await own.bench.post('/run', { input: messageFor(own.storage, 'interior', [photo('interior/house.jpg')], none) });
  await own.bench.ended();
  expect(own.storage.callbacks[1]!.body).toMatchObject({
    status: 'failed',
    error: 'not found in this photo: Floor, Tile',
  });
  expect(own.storage.objects.has('outputs/0_result.png')).toBe(false);
  expect(own.storage.objects.has('masks/0_instances.json')).toBe(true);
});
