/** Jobs whose page was left or reloaded in the middle of their upload: found, gone on with, or canceled. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createClientWith } from '../src/client.ts';
import { systemClock } from '../src/clock.ts';
import { type ClientOptions, type JobHandle, memoryStorage } from '../src/index.ts';
import { createTestServer } from '../src/testing/index.ts';
import { body, count, left, sticking, watchProgress, white } from './left.ts';
import { turns, until } from './manual-clock.ts';
import { caught, jpegs, setUp } from './support.ts';

// The locks of Node itself are those of one page, which these tests leave.
beforeEach(() => void vi.stubGlobal('navigator', {}));
afterEach(() => void vi.unstubAllGlobals());

test('after a reload unfinished names the job that waits, with its photos, and what it takes to go on', async () => {
  const files = jpegs(3);
  const { api, open, jobId } = await left(files, [1, 2]);
  const { client } = open();
  const [unfinished, ...others] = await client.jobs.unfinished();
  expect(others).toEqual([]);
  expect(unfinished).toMatchObject({
    jobId,
    status: 'created',
    preset: 'seller',
    names: files.map(({ name }) => name),
  });
  const job = unfinished?.resume() as JobHandle;
  await until(() => job.state.waiting !== null);
  expect(job.state.missing).toEqual([1, 2]);
  job.resume(files.toReversed());
  await until(() => job.state.status === 'running');
  expect(count(api, 'jobs.create')).toBe(1);
  expect(await client.jobs.unfinished()).toEqual([]);
});

test('an unfinished job that is canceled is gone, and holds nothing', async () => {
  const { api, open, jobId } = await left(jpegs(2), [1]);
  const { client } = open();
  const [unfinished] = await client.jobs.unfinished();
  expect(await unfinished?.cancel()).toMatchObject({ status: 'canceled' });
  expect(api.job(jobId).status).toBe('canceled');
  const before = api.log.length;
  expect(await client.jobs.unfinished()).toEqual([]);
  expect(api.log.slice(before)).toEqual([]);
});

test('unfinished asks nothing where nothing was left, and leaves out what is uploaded here, has ended, or is not this user’s', async () => {
  const fresh = setUp();
  expect(await fresh.client.jobs.unfinished()).toEqual([]);
  expect(fresh.api.log).toEqual([]);
  const { api, client, job, jobId, open } = await left(jpegs(2), [1]);
  expect(await client.jobs.unfinished()).toEqual([]);
  job.detach();
  await caught(job.result());
  expect(await client.jobs.unfinished()).toMatchObject([{ jobId }]);
  expect(await open().client.jobs.unfinished()).toHaveLength(1);
  api.job(jobId).status = 'canceled';
  expect(await open().client.jobs.unfinished()).toEqual([]);
  const others = await left(jpegs(2), [1]);
  others.api.jobs.clear();
  expect(await others.open().client.jobs.unfinished()).toEqual([]);
});

test('a job that another tab is uploading is not unfinished, and is not taken from it', async () => {
  const held = new Set<string>();
  const locks = {
    request: async (name: string, _: object, work: () => Promise<void>) => {
      held.add(name);
      await work().finally(() => held.delete(name));
    },
    query: async () => ({ held: [...held].map((name) => ({ name })) }),
  };
  vi.stubGlobal('navigator', { locks });
  const files = jpegs(2);
  const { api, job, open } = await left(files, [1]);
  api.onCall = () => {};
  const { client } = open();
  expect(await client.jobs.unfinished()).toEqual([]);
  const other = client.jobs.start({ preset: 'seller', files, concepts: white });
  await until(() => count(api, 'jobs.create') === 2);
  job.detach();
  await caught(job.result());
  await turns();
  expect(await client.jobs.unfinished()).toMatchObject([{ jobId: job.id }]);
  expect(other.id).not.toBe(job.id);
});

test('the same photos started again after a reload are the job that was left: no second job, and only what is missing is sent', async () => {
  const files = jpegs(3);
  const { api, jobId, open } = await left(files, [1, 2]);
  const { client, clock } = open();
  const before = api.log.filter((entry) => entry.startsWith('PUT')).length;
  const job = client.jobs.start({ preset: 'seller', files: files.toReversed(), concepts: white });
  const seen = watchProgress(job);
  await until(() => job.state.status === 'running');
  expect(job.id).toBe(jobId);
  expect(count(api, 'jobs.create')).toBe(1);
  expect(
    api.log
      .filter((entry) => entry.startsWith('PUT'))
      .slice(before)
      .sort(),
  ).toEqual([`PUT ${jobId}/1`, `PUT ${jobId}/2`]);
  expect(api.inputs.find(({ path }) => path === 'jobs.execute')?.input).toMatchObject({ concepts: white });
  await clock.advance(100_000);
  const { items } = await job.result();
  expect(items.map(({ name, fileIndex }) => [name, fileIndex])).toEqual([
    ['photo0.jpg', 2],
    ['photo1.jpg', 1],
    ['photo2.jpg', 0],
  ]);
  expect(seen.at(-1)).toBe(1);
});

test.each([
  ['other photos', { files: jpegs(2) }],
  ['another preset', { preset: 'interior' as const, concepts: { Floor: { action: 'remove' } } as never }],
  ['a key of their own', { idempotencyKey: 'key-of-its-own' }],
])('%s are another job, and the one that was left stays', async (_, other) => {
  const files = jpegs(3);
  const { api, jobId, open } = await left(files, [2]);
  const { client } = open();
  const job = client.jobs.start({ preset: 'seller', files, concepts: body, ...other });
  await until(() => job.state.status === 'running');
  expect([count(api, 'jobs.create'), api.job(jobId).status]).toEqual([2, 'created']);
});

test('attach to a job that this client is uploading looks at its run, and leaving that leaves the upload alone', async () => {
  const { api, client, job, jobId } = await left(jpegs(2), [1]);
  const view = client.jobs.attach(jobId);
  expect(view.state).toBe(job.state);
  await turns(50);
  expect(view.state).toMatchObject({ missing: [], waiting: null, uploaded: 1 });
  view.detach();
  view.detach();
  expect(job.state.error).toBeNull();
  const other = client.jobs.attach(jobId);
  job.detach();
  expect(other.state.error).toBeNull();
  other.detach();
  expect(await caught(job.result())).toMatchObject({ code: 'ABORTED' });
  expect(count(api, 'jobs.cancel')).toBe(0);
});

test('of the jobs that are remembered the oldest are forgotten, so that what is stored does not grow for ever', async () => {
  const kept = new Map<string, string>();
  const storage = {
    get: (key: string) => kept.get(key) ?? null,
    set: (key: string, value: string) => void kept.set(key, value),
    remove: (key: string) => void kept.delete(key),
  };
  const { api, client } = setUp({ storage });
  api.faults = [sticking(0)];
  for (let made = 0; made < 23; made++) {
    const job = client.jobs.start({
      preset: 'seller',
      files: jpegs(1),
      concepts: { Logo: { action: 'remove' } },
      idempotencyKey: `the-run-${made}`,
    });
    await until(() => kept.has(`s3-workers:${api.base}:job:${job.id}`));
    job.detach();
  }
  expect([...kept.keys()].filter((key) => key.includes(':job:'))).toHaveLength(20);
});

test('other photos are refused while a job that was left holds the only slot: the error names it, and discarding it lets them through', async () => {
  const server = createTestServer({ gpu: 'manual' });
  const storage = memoryStorage();
  const open = (hang: boolean) => {
    const fetch: ClientOptions['fetch'] = (url, init) =>
      hang && init?.method === 'PUT' ? new Promise(() => {}) : server.fetch(url, init);
    return createClientWith({ baseUrl: server.baseUrl, fetch, WebSocket: null, storage }, systemClock);
  };
  const page = open(true);
  const first = page.jobs.start({ preset: 'seller', files: jpegs(2), concepts: body });
  await until(() => first.state.phase === 'uploading');
  const { jobs } = open(false);
  const run = { preset: 'seller', files: jpegs(3).slice(2), concepts: body } as const;
  const error = await caught(jobs.run(run));
  expect(error).toMatchObject({ code: 'CONCURRENCY_LIMIT', retryable: false, data: { activeJobs: [first.id] } });
  const [left] = await jobs.unfinished();
  expect(left?.jobId).toBe(first.id);
  await left?.cancel();
  const again = jobs.start(run);
  await until(() => again.state.phase === 'processing');
});
