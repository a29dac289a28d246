/** Jobs that are taken up again: after a reload, in another tab, with the files or without, and uploads that pause. */
import { afterEach, expect, test, vi } from 'vitest';
import { createClientWith } from '../src/client.ts';
import { memoryStorage, type PhotoFile, type SessionStorage } from '../src/index.ts';
import type { FakeApi } from './fake-api.ts';
import { ManualClock, turns, until } from './manual-clock.ts';
import { refuse } from './refuse.ts';
import { bytes, caught, jpegs, setUp } from './support.ts';

afterEach(() => vi.unstubAllGlobals());

const body = { Body: { action: 'remove' } } as const;
const puts = (api: FakeApi) => api.log.filter((entry) => entry.startsWith('PUT'));
const count = (api: FakeApi, path: string) => api.log.filter((entry) => entry === path).length;

/** A tab that was closed with the photos at `stuck` not uploaded, and the next one on the same storage and server. */
async function reloaded(files: PhotoFile[], stuck: number[]) {
  const storage = memoryStorage();
  const { api, client } = setUp({ storage });
  let hanging = 0;
  api.faults = [
    (request) => {
      if (!stuck.some((idx) => request.url.includes(`/${idx}?`))) return undefined;
      hanging += 1;
      return new Promise<Response>(() => {});
    },
  ];
  const closed = client.jobs.start({ preset: 'seller', files, concepts: body, protect: ['Logo'] });
  await until(() => api.stored.size === files.length - stuck.length && hanging === stuck.length);
  closed.detach();
  await caught(closed.result());
  api.faults = [];
  const clock = new ManualClock();
  const again = createClientWith({ baseUrl: api.base, fetch: api.fetch, WebSocket: null, storage }, clock);
  return { api, storage, clock, client: again, jobId: closed.id as string };
}

test('after a reload the missing photos are named; picked again in any order, they alone are sent, and the work begins', async () => {
  const files = jpegs(5);
  const { api, client, clock, jobId } = await reloaded(files, [1, 3]);
  const job = client.jobs.attach(jobId);
  await until(() => job.state.missing.length > 0);
  expect(job.state).toMatchObject({ missing: [1, 3], uploaded: 3, total: 5, phase: 'uploading' });
  expect(job.state.items.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
  const before = puts(api).length;
  const renamed = [...files].reverse().map(({ data }, at) => new File([data], `IMG_${at}.jpg`));
  job.resume(renamed);
  await until(() => count(api, 'jobs.execute') === 1);
  expect(puts(api).slice(before).sort()).toEqual([`PUT ${jobId}/1`, `PUT ${jobId}/3`]);
  expect(job.state).toMatchObject({ missing: [], uploaded: 5 });
  expect(api.inputs.find(({ path }) => path === 'jobs.execute')?.input).toMatchObject({
    concepts: body,
    protect: ['Logo'],
  });
  await clock.advance(30_000);
  expect((await job.result()).status).toBe('done');
});

test('files given with attach need no second step', async () => {
  const files = jpegs(3);
  const { client, clock, jobId } = await reloaded(files, [2]);
  const job = client.jobs.attach(jobId, { files });
  await until(() => job.state.status === 'running');
  await clock.advance(30_000);
  expect((await job.result()).items.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
});

test('wrong files change nothing; the right ones may come in several rounds', async () => {
  const files = jpegs(4);
  const { api, client, jobId } = await reloaded(files, [0, 1, 2]);
  const job = client.jobs.attach(jobId);
  await until(() => job.state.missing.length === 3);
  const before = puts(api).length;
  const wrong = [{ name: 'photo0.jpg', data: bytes([0xff, 0xd8, 0xff, 0xe0], [9, 9, 9, 9, 9, 9]) }];
  job.resume([...wrong, { name: 'notes.txt', data: bytes('hello') }]);
  await turns(50);
  expect(job.state).toMatchObject({ missing: [0, 1, 2], error: null });
  expect(puts(api)).toHaveLength(before);
  job.resume(files.slice(0, 1));
  await until(() => job.state.missing.join() === '1,2');
  job.resume(files.slice(1));
  await until(() => job.state.status === 'running');
  expect(puts(api).slice(before)).toHaveLength(3);
});

test('of files that were picked twice before they were looked at, the last pick counts', async () => {
  const files = jpegs(2);
  const { api, client, jobId } = await reloaded(files, [0, 1]);
  const job = client.jobs.attach(jobId);
  job.resume([{ name: 'other.jpg', data: bytes([0xff, 0xd8, 0xff, 0xe0], 'another') }]);
  job.resume(files);
  await until(() => count(api, 'jobs.execute') === 1);
});

test('of two equal files one is enough to bring both photos', async () => {
  const [twin] = jpegs(1) as [PhotoFile];
  const { api, client, jobId } = await reloaded([twin, twin, ...jpegs(3).slice(2)], [0, 1]);
  const job = client.jobs.attach(jobId, { files: [twin] });
  await until(() => job.state.status === 'running');
  expect(job.state.missing).toEqual([]);
  expect(api.stored.size).toBe(3);
});

test('a job whose photos had all arrived is begun without any file', async () => {
  const storage = memoryStorage();
  const { api, client } = setUp({ storage });
  api.onCall = (path) => path === 'jobs.confirmUpload' && job.detach();
  const job = client.jobs.start({ preset: 'seller', files: jpegs(2), concepts: body });
  await caught(job.result());
  api.onCall = () => {};
  const again = client.jobs.attach(job.id as string);
  expect((await again.result()).status).toBe('done');
  expect(count(api, 'jobs.execute')).toBe(1);
});

test('two tabs that go on with one job begin it once: both use the stored key', async () => {
  const files = jpegs(2);
  const { api, client, jobId } = await reloaded(files, [1]);
  const jobs = [client.jobs.attach(jobId, { files }), client.jobs.attach(jobId, { files })];
  await until(() => count(api, 'jobs.execute') === 2);
  expect(jobs.map((job) => job.state.error)).toEqual([null, null]);
  const keys = api.inputs.filter(({ path }) => path === 'jobs.execute').map(({ input }) => input);
  expect(new Set(keys.map((input) => (input as { idempotencyKey: string }).idempotencyKey)).size).toBe(1);
});

test('what another tab brings is no longer missing here', async () => {
  const files = jpegs(2);
  const { api, client, clock, jobId } = await reloaded(files, [1]);
  const waiting = client.jobs.attach(jobId);
  await until(() => waiting.state.missing.length === 1);
  api.itemsAt = (_, job) => job.photos.map((_photo, idx) => ({ idx, status: 'pending' }));
  client.jobs.attach(jobId, { files });
  await until(() => count(api, 'jobs.execute') === 1);
  await clock.advance(5_000);
  expect(waiting.state).toMatchObject({ missing: [], phase: 'processing' });
  await waiting.cancel();
  expect((await waiting.result()).status).toBe('canceled');
});

test('another device, which knows nothing of the job, follows it to its end', async () => {
  const { api, client } = setUp();
  const { jobId } = await client.jobs.run({ preset: 'seller', files: jpegs(2), concepts: body });
  const { token } = await client.auth.anon();
  const other = createClientWith(
    { baseUrl: api.base, fetch: api.fetch, WebSocket: null, auth: { token } },
    new ManualClock(),
  );
  const items: string[] = [];
  const result = await other.jobs.attach(jobId, { onItem: ({ name }) => items.push(name) }).result();
  expect(result).toMatchObject({ status: 'done', charged: 2 });
  expect(items).toEqual(['photo-1', 'photo-2']);
});

test('another device that is told what to do goes on with the upload, the files in their order', async () => {
  const files = jpegs(3);
  const { api, client, clock, jobId } = await reloaded(files, [0, 1, 2]);
  const { token } = await client.auth.anon();
  const other = createClientWith({ baseUrl: api.base, fetch: api.fetch, WebSocket: null, auth: { token } }, clock);
  const job = other.jobs.attach<'seller'>(jobId, { files, change: { concepts: { Logo: { action: 'remove' } } } });
  await until(() => job.state.status === 'running');
  expect(api.inputs.find(({ path }) => path === 'jobs.execute')?.input).toMatchObject({
    concepts: { Logo: { action: 'remove' } },
  });
});

test('an attached job that is aborted goes on', async () => {
  const { api, client, jobId } = await reloaded(jpegs(1), [0]);
  const controller = new AbortController();
  const job = client.jobs.attach(jobId, { signal: controller.signal });
  await until(() => job.state.missing.length === 1);
  controller.abort();
  expect(await caught(job.result())).toMatchObject({ code: 'ABORTED', jobId });
  expect(count(api, 'jobs.cancel')).toBe(0);
});

test('a job that is not there rejects with JOB_NOT_FOUND', async () => {
  const { client } = setUp();
  expect(await caught(client.jobs.attach('nowhere').result())).toMatchObject({
    code: 'JOB_NOT_FOUND',
    jobId: 'nowhere',
  });
});

test('what is stored of a job is gone when it has ended, and a broken storage stops nothing', async () => {
  const kept = new Map<string, string>();
  const set: string[] = [];
  const storage: SessionStorage = {
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => {
      if (key.includes(':job:') && kept.has('full')) throw new Error('quota');
      kept.set(key, value);
      set.push(key);
    },
    remove: (key) => void kept.delete(key),
  };
  const { client } = setUp({ storage });
  const job = client.jobs.start({ preset: 'seller', files: jpegs(1), concepts: body });
  await job.result();
  expect(set.at(-1)).toMatch(new RegExp(`:job:${job.id}$`));
  expect([...kept.keys()].filter((key) => key.includes(':job:'))).toEqual([]);
  kept.set('full', '');
  expect((await client.jobs.run({ preset: 'seller', files: jpegs(1), concepts: body })).status).toBe('done');
});

test('offline in the middle of an upload waits for the network without using up its tries', async () => {
  const window = new EventTarget();
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window));
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window));
  vi.stubGlobal('navigator', { onLine: true });
  const { api, clock, client } = setUp();
  let tries = 0;
  api.faults = [
    (request) => {
      if (request.method !== 'PUT') return undefined;
      tries += 1;
      vi.stubGlobal('navigator', { onLine: false });
      throw new TypeError('network is down');
    },
  ];
  const job = client.jobs.start({ preset: 'seller', files: jpegs(1), concepts: body });
  await until(() => tries === 1);
  await turns(100);
  expect(tries).toBe(1);
  expect(clock.slept).toHaveLength(1);
  api.faults = [];
  vi.stubGlobal('navigator', { onLine: true });
  window.dispatchEvent(new Event('online'));
  expect((await job.result()).status).toBe('done');
});

test('an upload that the server takes for none of ours is refused by code, and the handle says so', async () => {
  const { api, client, jobId } = await reloaded(jpegs(1), [0]);
  api.onCall = (path) => path === 'jobs.renewUploads' && refuse('RATE_LIMITED', { retryAfterSeconds: 3600 });
  const job = client.jobs.attach(jobId, { files: jpegs(1) });
  expect(await caught(job.result())).toMatchObject({ code: 'RATE_LIMITED', jobId });
});
