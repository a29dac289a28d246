/** Progress: a number from 0 to 1 that never goes back. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createClientWith } from '../src/client.ts';
import type { JobEvent } from '../src/index.ts';
import { memoryStorage } from '../src/index.ts';
import { body, left, watchProgress, white } from './left.ts';
import { ManualClock, until } from './manual-clock.ts';
import { jpegs, setUp } from './support.ts';

// The locks of Node itself are those of one page, which these tests leave.
beforeEach(() => void vi.stubGlobal('navigator', {}));
afterEach(() => void vi.unstubAllGlobals());

test('progress is a number from 0 to 1 that never goes back, however often photos are sent again', async () => {
  const { api, client } = setUp();
  let tries = 0;
  api.faults = [
    async (request) => {
      if (request.method !== 'PUT' || tries++ > 6) return undefined;
      await request.arrayBuffer();
      return new Response('expired', { status: tries % 2 === 0 ? 403 : 503 });
    },
  ];
  const job = client.jobs.start({ preset: 'seller', files: jpegs(4), concepts: body });
  const seen = watchProgress(job);
  const events: JobEvent[] = [];
  for await (const event of job) events.push(event);
  expect(seen[0]).toBe(0);
  expect(seen).toContain(0.5);
  expect(seen.at(-1)).toBe(1);
  for (const event of events) if (event.type === 'progress') expect(event.progress).toBeGreaterThanOrEqual(0);
});

test('a try that broke off half-way does not take back the bytes that were shown', async () => {
  const tries: number[] = [];
  /** Sends all but one byte and breaks off; the second time it begins again, and stays there. */
  class Request {
    upload: { onprogress?: (event: { loaded: number }) => void } = {};
    onerror = () => {};
    open() {}
    setRequestHeader() {}
    abort() {}
    send(photo: Uint8Array) {
      const loaded = tries.length === 0 ? photo.byteLength - 1 : 1;
      tries.push(loaded);
      queueMicrotask(() => {
        this.upload.onprogress?.({ loaded });
        if (loaded > 1) this.onerror();
      });
    }
  }
  vi.stubGlobal('XMLHttpRequest', Request);
  const { api } = setUp();
  vi.stubGlobal('fetch', api.fetch);
  const clock = new ManualClock();
  const { jobs } = createClientWith({ baseUrl: api.base, WebSocket: null }, clock);
  const job = jobs.start({ preset: 'seller', files: jpegs(1), concepts: body });
  const seen = watchProgress(job);
  await until(() => tries.length === 1);
  await clock.advance(10_000);
  expect(tries).toEqual([4, 1]);
  expect([seen.at(-1), job.state.items[0]?.sentBytes]).toEqual([0.4, 4]);
  job.detach();
});

test('after a reload progress goes on where it was, photo by photo that is picked again', async () => {
  const files = jpegs(4);
  const { open, jobId } = await left(files, [1, 2, 3]);
  const { client } = open();
  const job = client.jobs.attach(jobId);
  const seen = watchProgress(job);
  await until(() => job.state.waiting !== null);
  expect(job.state).toMatchObject({ uploaded: 1, uploadedBytes: 5, totalBytes: 26 });
  expect(job.state.progress).toBeCloseTo(5 / 26 / 2);
  job.resume(files.slice(1, 2));
  await until(() => job.state.uploaded === 2);
  expect(job.state.progress).toBeCloseTo(11 / 26 / 2);
  job.resume(files.slice(2));
  await until(() => job.state.status === 'running');
  expect(seen.at(-1)).toBe(0.5);
  expect(job.state).toMatchObject({ uploaded: 4, uploadedBytes: 26 });
});

test('where the sizes of the photos are not known, those that are picked later take nothing back either', async () => {
  const files = jpegs(3);
  const { api, open, jobId } = await left(files, [0, 1, 2]);
  const { client } = open({ storage: memoryStorage(), auth: { token: [...api.tokens.keys()][0] } });
  const job = client.jobs.attach(jobId);
  job.detach();
  const again = client.jobs.attach<'seller'>(jobId, { change: { concepts: body } });
  const seen = watchProgress(again);
  again.resume(files.slice(0, 1));
  await until(() => again.state.missing.join() === '1,2');
  expect(seen.at(-1)).toBe(0.5);
  again.resume(files);
  await until(() => again.state.status === 'running');
  expect(again.state).toMatchObject({ uploaded: 3, uploadedBytes: 18, progress: 0.5 });
});

test('an answer that was under way when a photo ended does not take its end back', async () => {
  const { api, client } = setUp();
  const items: number[] = [];
  api.itemsAt = (polls) => [
    { idx: 0, status: polls === 1 || polls > 3 ? 'done' : 'pending' },
    { idx: 1, status: polls > 4 ? 'done' : 'pending' },
  ];
  const job = client.jobs.start({
    preset: 'seller',
    files: jpegs(2),
    concepts: body,
    onItem: ({ idx }) => items.push(idx),
  });
  watchProgress(job);
  let done = 0;
  job.subscribe(() => {
    expect(job.state.done).toBeGreaterThanOrEqual(done);
    done = job.state.done;
  });
  await job.result();
  expect(items).toEqual([0, 1]);
});

test('a fork has its own photos from the beginning: nothing to upload, and all of its progress is work', async () => {
  const { api, client } = setUp();
  const { jobId } = await client.jobs.run({ preset: 'seller', files: jpegs(4), concepts: body });
  api.itemsAt = (polls, { photos }) => photos.map((_, idx) => ({ idx, status: idx < polls - 1 ? 'done' : 'pending' }));
  const fork = client.jobs.fork(jobId, { concepts: white, indexes: [1, 3] });
  await until(() => fork.state.phase !== 'preparing');
  expect(fork.state).toMatchObject({ total: 2, uploaded: 2, done: 0, progress: 0, totalBytes: 0 });
  const seen = watchProgress(fork);
  await fork.result();
  expect(new Set(seen)).toEqual(new Set([0, 0.5, 1]));
});
