/** Files on a disk that are changed or removed after they were chosen, and what storage and proxies answer to a PUT. */
import { copyFileSync, mkdtempSync, openAsBlob, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { isS3Error } from '../src/index.ts';
import { until } from './manual-clock.ts';
import { caught, first, samplePhoto, setUpOverHttp } from './support.ts';

const folder = mkdtempSync(path.join(tmpdir(), 's3-changed-'));
let set: Awaited<ReturnType<typeof setUpOverHttp>>;
beforeEach(async () => {
  set = await setUpOverHttp();
});
afterEach(() => set.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const APPLE = path.resolve(import.meta.dirname, '../../examples/photos/seller/apple.jpg');
const concepts = { Body: { action: 'remove' } } as const;
const puts = () => set.api.log.filter((entry) => entry.startsWith('PUT')).length;

test.each([
  ['changed', (file: string) => writeFileSync(file, 'something else, and longer than before')],
  ['removed', (file: string) => rmSync(file)],
])('a file that was %s is named after one try, and the other photos arrive', async (_, act) => {
  const file = path.join(folder, 'apple.jpg');
  copyFileSync(APPLE, file);
  const onDisk = new File([await openAsBlob(file)], 'apple.jpg');
  set.api.onCall = (called) => called === 'jobs.create' && act(file);
  const files = [
    { name: 'a.jpg', data: samplePhoto('seller/books.jpg') },
    onDisk,
    { name: 'c.jpg', data: samplePhoto('seller/coffee.jpg') },
  ];
  const error = await caught(set.client.jobs.run({ preset: 'seller', files, concepts }));
  expect(isS3Error(error, 'INVALID_FILE') && error.data.files).toEqual([
    { index: 1, name: 'apple.jpg', reason: 'changed', message: expect.stringContaining('choose it again') },
  ]);
  expect([...set.api.stored.keys()].map((key) => key.at(-1)).toSorted()).toEqual(['0', '2']);
  expect(set.clock.slept.filter((ms) => ms >= 150)).toEqual([]);
});

const xml = (status: number, code: string) => () =>
  new Response(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>m</Message></Error>`, {
    status,
    headers: { 'content-type': 'application/xml' },
  });
const html = (status: number) => () =>
  new Response('<!doctype html><title>Sign in</title>', { status, headers: { 'content-type': 'text/html' } });

test.each<[string, () => Response]>([
  ['400 RequestTimeout', xml(400, 'RequestTimeout')],
  ['400 IncompleteBody', xml(400, 'IncompleteBody')],
  ['409 ConditionalRequestConflict', xml(409, 'ConditionalRequestConflict')],
  ['409 OperationAborted', xml(409, 'OperationAborted')],
  ['503 SlowDown', xml(503, 'SlowDown')],
  ['429 TooManyRequests', xml(429, 'TooManyRequests')],
  ["a proxy's page with 200", html(200)],
  ["a proxy's page with 403", html(403)],
  ["a proxy's page with 404", html(404)],
  ['an answer with 200 that says something', () => new Response('ok', { status: 200 })],
])("%s in place of the storage's answer: the photo is sent again", async (_, answer) => {
  set.api.faults = [first(2, '/0?', answer)];
  const files = [{ name: 'a.jpg', data: samplePhoto('seller/books.jpg') }];
  expect((await set.client.jobs.run({ preset: 'seller', files, concepts })).status).toBe('done');
  expect(puts()).toBe(1);
  expect(set.clock.slept.slice(0, 2)).toEqual([150, 300]);
});

test.each([
  ['400 EntityTooLarge', xml(400, 'EntityTooLarge')],
  ['404 NoSuchBucket', xml(404, 'NoSuchBucket')],
])('%s is a refusal, and asked for once', async (_, answer) => {
  let tries = 0;
  set.api.faults = [
    (request) => {
      if (request.method !== 'PUT') return undefined;
      tries += 1;
      return answer();
    },
  ];
  const files = [{ name: 'a.jpg', data: samplePhoto('seller/books.jpg') }];
  const error = await caught(set.client.jobs.run({ preset: 'seller', files, concepts }));
  expect(error).toMatchObject({ code: 'NETWORK_ERROR', retryable: false });
  expect(tries).toBe(1);
});

test('URLs are not signed again and again by a clock that is an hour ahead', async () => {
  set.clock.time += 3600_000;
  const ahead = set.clock.time;
  set.api.now = () => ahead - 3600_000;
  const files = Array.from({ length: 12 }, (_, at) => ({ name: `${at}.jpg`, data: samplePhoto('seller/books.jpg') }));
  expect((await set.client.jobs.run({ preset: 'seller', files, concepts })).status).toBe('done');
  expect(set.api.inputs.filter(({ path: called }) => called === 'jobs.renewUploads')).toHaveLength(1);
});

test('a handle waits for a file that was removed, tells so at once, and goes on with it when it is back: the others are not sent again', async () => {
  const file = path.join(folder, 'back.jpg');
  copyFileSync(APPLE, file);
  const onDisk = new File([await openAsBlob(file)], 'back.jpg');
  set.api.onCall = (called) => called === 'jobs.create' && rmSync(file);
  const job = set.client.jobs.start({
    preset: 'seller',
    files: [onDisk, { name: 'b.jpg', data: samplePhoto('seller/books.jpg') }],
    concepts,
  });
  for await (const event of job) {
    if (event.type !== 'waiting') continue;
    expect(event).toMatchObject({
      for: 'files',
      missing: [0],
      unmatched: [{ index: 0, name: 'back.jpg', reason: 'changed' }],
    });
    if (puts() === 1) break;
  }
  copyFileSync(APPLE, file);
  job.resume([new File([await openAsBlob(file)], 'back.jpg')]);
  expect((await job.result()).status).toBe('done');
  expect(puts()).toBe(2);
});

/** Three photos, of which the second is removed as soon as the job is made; and what is left of them. */
async function album() {
  const file = path.join(folder, 'gone.jpg');
  copyFileSync(APPLE, file);
  const onDisk = new File([await openAsBlob(file)], 'gone.jpg');
  set.api.onCall = (called) => called === 'jobs.create' && rmSync(file, { force: true });
  const [a, c] = ['books', 'coffee'].map((name) => ({ name: `${name}.jpg`, data: samplePhoto(`seller/${name}.jpg`) }));
  if (!a || !c) throw new Error('no photos');
  const input = { preset: 'seller', files: [a, onDisk, c], concepts } as const;
  return { input, rest: { ...input, files: [a, c] } };
}
const canceled = () => [...set.api.jobs.values()].map(({ status }) => status === 'canceled');

test('a handle that waits for a file which does not come back is called off: it ends, and the next run goes without that file', async () => {
  const { input, rest } = await album();
  const job = set.client.jobs.start(input);
  await until(() => job.state.missing.length > 0);
  expect(job.state.waiting?.unmatched).toMatchObject([{ index: 1, name: 'gone.jpg', reason: 'changed' }]);
  const [told, next] = [job.cancel(), set.client.jobs.run(rest)];
  expect(await told).toMatchObject({ status: 'canceled', refunded: 3 });
  expect((await job.result()).status).toBe('canceled');
  expect((await next).status).toBe('done');
  expect(canceled()).toEqual([true, false]);
});

test('a run whose file was removed ends with its name and holds nothing any more, and is begun again without it', async () => {
  const { input, rest } = await album();
  const error = await caught(set.client.jobs.run(input));
  expect(isS3Error(error, 'INVALID_FILE') && error.data.files).toMatchObject([{ index: 1, name: 'gone.jpg' }]);
  expect(canceled()).toEqual([true]);
  const [gone] = isS3Error(error, 'INVALID_FILE') ? error.data.files : [];
  const others = input.files.filter((_, index) => index !== gone?.index);
  expect(others).toEqual(rest.files);
  expect((await set.client.jobs.run({ ...input, files: others })).status).toBe('done');
  expect(canceled()).toEqual([true, false]);
});
