/** An album with files in it that can't be sent: what is thrown, what goes on, and which result belongs to which file. */
import { afterEach, expect, test, vi } from 'vitest';
import { createClientWith } from '../../src/client.ts';
import {
  createClient,
  type InvalidFile,
  isS3Error,
  type JobEvent,
  memoryStorage,
  type PhotoFile,
} from '../../src/index.ts';
import { createTestServer } from '../../src/testing/index.ts';
import { usablePhotos } from '../../src/upload/files.ts';
import { ManualClock, until } from '../manual-clock.ts';
import { bytes, caught, jpegs, setUp, status } from '../support.ts';
import { ftyp, jpeg } from './made.ts';

afterEach(() => {
  vi.doUnmock('../../src/upload/inspect/index.ts');
  vi.resetModules();
});

const concepts = { Body: { action: 'remove' } } as const;
const heic = { name: 'IMG_0001.HEIC', data: ftyp('heic', 'mif1') };
const wall = { name: 'wall.jpg', data: jpeg(9_000, 9_000) };
const [first, second, third] = jpegs(3) as [PhotoFile, PhotoFile, PhotoFile];
/** Good files at 1, 2 and 4. */
const ALBUM: PhotoFile[] = [heic, first, second, wall, third];
const REFUSED = [
  { index: 0, name: 'IMG_0001.HEIC', reason: 'heic' },
  { index: 3, name: 'wall.jpg', reason: 'too-many-pixels' },
];

test('without a word about it, one bad file stops the album before anything is held, and all of them are named', async () => {
  const { api, client } = setUp();
  for (const onInvalid of [undefined, 'throw'] as const) {
    const error = await caught(client.jobs.run({ preset: 'seller', files: ALBUM, concepts, onInvalid }));
    expect(isS3Error(error, 'INVALID_FILE') && error.data.files).toMatchObject(REFUSED);
  }
  expect(api.log).toEqual([]);
});

test('with skip the rest goes on, each file left out is told of by name, and each result says whose it is', async () => {
  const { api, client } = setUp();
  const told: InvalidFile[] = [];
  const before: number[] = [];
  const onRefused = (file: InvalidFile) => {
    told.push(file);
    before.push(api.log.length);
  };
  const result = await client.jobs.run({ preset: 'seller', files: ALBUM, concepts, onInvalid: 'skip', onRefused });
  expect(result).toMatchObject({ status: 'done', charged: 3, refused: REFUSED });
  expect(result.refused[0]?.message).toContain('Most Compatible');
  expect(result.items.map(({ idx, fileIndex, name }) => [idx, fileIndex, name])).toEqual([
    [0, 1, 'photo0.jpg'],
    [1, 2, 'photo1.jpg'],
    [2, 4, 'photo2.jpg'],
  ]);
  expect(told).toEqual(result.refused);
  expect(before).toEqual([0, 0]);
  expect(api.inputs.find(({ path }) => path === 'jobs.create')?.input).toMatchObject({ photos: [{}, {}, {}] });
});

test('whoever walks through the events hears of each file once, however late', async () => {
  const { client } = setUp();
  const job = client.jobs.start({ preset: 'seller', files: ALBUM, concepts, onInvalid: 'skip' });
  const refusals = async () => {
    const events: JobEvent[] = [];
    for await (const event of job) events.push(event);
    return events.flatMap((event) => (event.type === 'refused' ? event.file.name : []));
  };
  const [early] = await Promise.all([refusals(), job.result()]);
  expect(early).toEqual(['IMG_0001.HEIC', 'wall.jpg']);
  expect(await refusals()).toEqual(early);
  expect(job.state.refused).toMatchObject(REFUSED);
});

test('when no file can be sent, skip throws as well, and nothing is held', async () => {
  const { api, client } = setUp();
  const error = await caught(client.jobs.run({ preset: 'seller', files: [heic, wall], concepts, onInvalid: 'skip' }));
  expect(isS3Error(error, 'INVALID_FILE') && error.data.files).toMatchObject([{ index: 0 }, { index: 1 }]);
  const none = await caught(client.jobs.run({ preset: 'seller', files: [], concepts, onInvalid: 'skip' }));
  expect(isS3Error(none, 'INVALID_FILE') && none.data.files).toEqual([]);
  expect(api.log).toEqual([]);
});

test('what a job would cost is asked for the files that are sent', async () => {
  const server = createTestServer();
  const client = createClient(server);
  const files = [heic, ...jpegs(2)];
  const input = { preset: 'seller', files, concepts, onInvalid: 'skip', maxCredits: 1 } as const;
  const error = await caught(client.jobs.run(input));
  expect(isS3Error(error, 'OVER_BUDGET') && error.data).toEqual({ credits: 2, maxCredits: 1 });
});

test('two hundred files that can be sent go on, however many others lie between; those beyond are named', async () => {
  const { client } = setUp();
  const files = [heic, ...jpegs(201), wall];
  const result = await client.jobs.run({ preset: 'seller', files, concepts, onInvalid: 'skip' });
  expect(result.items).toHaveLength(200);
  expect(result.refused.map(({ index, reason }) => [index, reason])).toEqual([
    [0, 'heic'],
    [201, 'too-many'],
    [202, 'too-many-pixels'],
  ]);
});

test('an upload that fails names the file by its place among those that were given', async () => {
  const { api, client } = setUp();
  api.faults = [(request) => (request.url.includes('/1?') ? status(403)(request) : undefined)];
  const error = await caught(client.jobs.run({ preset: 'seller', files: ALBUM, concepts, onInvalid: 'skip' }));
  expect(isS3Error(error, 'NETWORK_ERROR') && error.data.file).toEqual({ index: 2, name: 'photo1.jpg' });
});

test('after a reload it is still known which photo is which file, and what was left out', async () => {
  const storage = memoryStorage();
  const { api, client } = setUp({ storage });
  let hanging = 0;
  api.faults = [
    (request) => {
      if (request.method !== 'PUT' || !request.url.includes('/1?')) return undefined;
      hanging += 1;
      return new Promise<Response>(() => {});
    },
  ];
  const closed = client.jobs.start({ preset: 'seller', files: ALBUM, concepts, onInvalid: 'skip' });
  await until(() => hanging === 1 && api.stored.size === 2);
  closed.detach();
  await caught(closed.result());
  api.faults = [];
  const clock = new ManualClock();
  const again = createClientWith({ baseUrl: api.base, fetch: api.fetch, WebSocket: null, storage }, clock);
  const job = again.jobs.attach(closed.id ?? '');
  await until(() => job.state.missing.length === 1);
  expect(job.state).toMatchObject({ missing: [1], refused: REFUSED });
  expect(job.state.items.map(({ fileIndex }) => fileIndex)).toEqual([1, 2, 4]);
  const uploads = () => api.log.filter((entry) => entry.startsWith('PUT')).length;
  const sent = uploads();
  job.resume(ALBUM.toReversed());
  await until(() => job.state.status === 'running');
  expect(uploads()).toBe(sent + 1);
  await clock.advance(30_000);
  const { items, refused } = await job.result();
  expect(items.map(({ fileIndex, name }) => [fileIndex, name])).toEqual([
    [1, 'photo0.jpg'],
    [2, 'photo1.jpg'],
    [4, 'photo2.jpg'],
  ]);
  expect(refused).toMatchObject(REFUSED);
});

test('a job that an earlier version of this package began is taken up with its files in their order', async () => {
  const storage = memoryStorage();
  const { api, client } = setUp({ storage });
  api.faults = [(request) => (request.method === 'PUT' ? new Promise<Response>(() => {}) : undefined)];
  const closed = client.jobs.start({ preset: 'seller', files: jpegs(2), concepts });
  await until(() => closed.id !== null);
  closed.detach();
  const key = `s3-workers:${api.base}:job:${closed.id}`;
  const { fileIndexes, refused, ...old } = JSON.parse((await storage.get(key)) ?? '');
  expect([fileIndexes, refused]).toEqual([[0, 1], []]);
  delete old.change.format;
  await storage.set(key, JSON.stringify(old));
  api.faults = [];
  const job = client.jobs.attach(closed.id ?? '', { files: jpegs(2) });
  const { items } = await job.result();
  expect(items.map(({ fileIndex }) => fileIndex)).toEqual([0, 1]);
  const executed = api.inputs.find(({ path }) => path === 'jobs.execute')?.input;
  expect(executed, 'the job was begun when results were PNG').not.toHaveProperty('format');
});

test('a retry of what failed still knows the files', async () => {
  const server = createTestServer({ gpu: { fail: ({ idx }) => (idx === 1 ? 'too dark' : undefined) } });
  const client = createClient(server);
  const job = client.jobs.start({ preset: 'seller', files: ALBUM, concepts, onInvalid: 'skip', format: 'webp' });
  await job.result();
  server.gpu.auto();
  const again = await job.retryFailed({ concepts: { Body: { action: 'tone', value: 'warm' } } }).result();
  expect(again).toMatchObject({ items: [{ idx: 0, fileIndex: 2, name: 'photo1.jpg' }], refused: [], format: 'webp' });
});

test('another device, without word of what was left out, brings the photos in the order of those that can be sent', async () => {
  const photos = await usablePhotos(ALBUM);
  expect(photos.map(({ index, fileIndex }) => [index, fileIndex])).toEqual([
    [0, 1],
    [1, 2],
    [2, 4],
  ]);
});

test('the files are those of the moment: an input that is emptied at once takes none away', async () => {
  const { client } = setUp();
  const files = [...ALBUM];
  const job = client.jobs.start({ preset: 'seller', files, concepts, onInvalid: 'skip' });
  files.length = 0;
  expect((await job.result()).items).toHaveLength(3);
});

test('where the code that looks at files cannot be loaded any more, photos are still sent', async () => {
  vi.resetModules();
  vi.doMock('../../src/upload/inspect/index.ts', () => {
    throw new Error('404');
  });
  const { preparePhotos } = await import('../../src/upload/files.ts');
  const { photos, refused } = await preparePhotos(ALBUM, 'skip');
  expect(photos.map(({ name }) => name)).toEqual(['photo0.jpg', 'photo1.jpg', 'wall.jpg', 'photo2.jpg']);
  expect(refused).toMatchObject([
    { name: 'IMG_0001.HEIC', reason: 'unknown-type', message: 'cannot be sent (unknown-type)' },
  ]);
  expect(await caught(preparePhotos([{ name: 'empty.jpg', data: bytes() }]))).toMatchObject({
    data: { files: [{ reason: 'empty' }] },
  });
});
