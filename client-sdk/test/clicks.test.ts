/** Buttons that are clicked twice, and inputs that are cleared: one job comes of it, of what was given. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createClientWith } from '../src/client.ts';
import { body, count, left, sticking, white } from './left.ts';
import { ManualClock, turns, until } from './manual-clock.ts';
import { refuse } from './refuse.ts';
import { caught, jpegs, setUp } from './support.ts';

// The locks of Node itself are those of one page, which these tests leave.
beforeEach(() => void vi.stubGlobal('navigator', {}));
afterEach(() => void vi.unstubAllGlobals());

test('a button that is clicked twice starts one run, and both clicks have its handle', async () => {
  const { api, client } = setUp();
  const files = jpegs(2);
  const click = () => client.jobs.start({ preset: 'seller', files, concepts: body });
  const [first, second] = [click(), click()];
  expect(second).toBe(first);
  await until(() => first.id !== null);
  expect(click()).toBe(first);
  await first.result();
  expect(count(api, 'jobs.create')).toBe(1);
  expect(click()).not.toBe(first);
});

test('two clicks that wait for the end have one result, and each is told on the way', async () => {
  const { api, client } = setUp();
  const files = jpegs(2);
  const told: string[] = [];
  const click = (who: string) =>
    client.jobs.run({ preset: 'seller', files, concepts: body, onItem: ({ name }) => told.push(`${who} ${name}`) });
  const [first, second] = await Promise.all([click('a'), click('b')]);
  expect(second).toBe(first);
  expect(told.sort()).toEqual(['a photo0.jpg', 'a photo1.jpg', 'b photo0.jpg', 'b photo1.jpg']);
  expect(count(api, 'jobs.create')).toBe(1);
});

test('what differs in its photos, in what is to be done or in its signal is another run', async () => {
  const { api, client } = setUp();
  const files = jpegs(2);
  const base = { preset: 'seller', files, concepts: body } as const;
  const jobs = [
    client.jobs.start(base),
    client.jobs.start({ ...base, concepts: white }),
    client.jobs.start({ ...base, files: files.slice(1) }),
    client.jobs.start({ ...base, files: jpegs(2) }),
    client.jobs.start({ ...base, signal: new AbortController().signal }),
    client.jobs.start({ ...base, idempotencyKey: 'another-key' }),
  ];
  await Promise.all(jobs.map((job) => job.result()));
  expect(count(api, 'jobs.create')).toBe(6);
});

test('a run that was left, aborted or canceled is not the one that the next click gets', async () => {
  const { api, client } = setUp({}, new ManualClock());
  const files = jpegs(1);
  api.faults = [sticking(0)];
  const click = () => client.jobs.start({ preset: 'seller', files, concepts: body });
  const first = click();
  first.detach();
  const second = click();
  expect(second).not.toBe(first);
  await until(() => second.id !== null);
  const canceling = second.cancel();
  expect(click()).not.toBe(second);
  await canceling;
});

test('retry and fork that are clicked twice make one job each', async () => {
  const { api, client } = setUp();
  api.itemsAt = (_, job) => job.photos.map((_photo, idx) => ({ idx, status: 'failed', error: 'too dark' }));
  const job = client.jobs.start({ preset: 'seller', files: jpegs(2), concepts: body });
  const { jobId } = await job.result();
  const [retry, again] = [job.retryFailed(), job.retryFailed()];
  expect(again).toBe(retry);
  await retry.result();
  const forks = [client.jobs.fork(jobId, { concepts: white }), client.jobs.fork(jobId, { concepts: white })];
  expect(forks[1]).toBe(forks[0]);
  await forks[0]?.result();
  expect(count(api, 'jobs.create')).toBe(3);
});

test('a cancel that is clicked twice is one, and the next run waits for the slot that it frees', async () => {
  const { api, client } = setUp({}, new ManualClock());
  api.itemsAt = (_, job) => job.photos.map((_photo, idx) => ({ idx, status: 'pending' }));
  const job = client.jobs.start({ preset: 'seller', files: jpegs(1), concepts: body });
  await until(() => job.state.status === 'running');
  let answer = () => {};
  const slow = new Promise<undefined>((resolve) => {
    answer = () => resolve(undefined);
  });
  api.faults = [({ url }) => (url.includes('jobs.cancel') ? slow : undefined)];
  const answers = [job.cancel(), job.cancel()];
  const next = client.jobs.start({ preset: 'seller', files: jpegs(1), concepts: body });
  await turns(100);
  expect([count(api, 'jobs.create'), next.state.phase]).toEqual([1, 'preparing']);
  answer();
  await until(() => next.state.status === 'running');
  expect(await answers[1]).toEqual(await answers[0]);
  const order = api.log.filter((path) => path === 'jobs.cancel' || path === 'jobs.create');
  expect(order).toEqual(['jobs.create', 'jobs.cancel', 'jobs.create']);
});

test('a cancel that failed may be asked for again', async () => {
  const { api, client } = setUp({}, new ManualClock());
  api.itemsAt = (_, job) => job.photos.map((_photo, idx) => ({ idx, status: 'pending' }));
  const job = client.jobs.start({ preset: 'seller', files: jpegs(1), concepts: body });
  await until(() => job.state.status === 'running');
  api.onCall = (path) => path === 'jobs.cancel' && refuse('IDEMPOTENCY_CONFLICT', { field: 'idempotencyKey' });
  expect(await caught(job.cancel())).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  api.onCall = () => {};
  expect(await job.cancel()).toMatchObject({ status: 'canceled' });
});

test('whatever is given is what it was at the call: lists that are emptied and choices that are changed later do not matter', async () => {
  const { api, client } = setUp();
  const files = jpegs(3);
  const indexes = [1, 2];
  const concepts: Record<string, { action: 'recolor'; value: string }> = { Body: { action: 'recolor', value: 'red' } };
  const job = client.jobs.start({ preset: 'seller', files, rule: { concepts } });
  files.length = 0;
  (concepts.Body as { value: string }).value = 'blue';
  const { jobId, items } = await job.result();
  expect(items.map(({ name }) => name)).toEqual(['photo0.jpg', 'photo1.jpg', 'photo2.jpg']);
  const fork = client.jobs.fork(jobId, { concepts: concepts as never, indexes });
  indexes.length = 0;
  (concepts.Body as { value: string }).value = 'green';
  expect((await fork.result()).items).toHaveLength(2);
  const sent = api.inputs.filter(({ path }) => path === 'jobs.execute').map(({ input }) => input);
  expect(sent).toMatchObject([{ concepts: { Body: { value: 'red' } } }, { concepts: { Body: { value: 'blue' } } }]);
});

test('files given with attach may be taken away at once, as an input does that is cleared', async () => {
  const files = jpegs(3);
  const { open, jobId } = await left(files, [1, 2]);
  const { client } = open();
  const list = [...files];
  const job = client.jobs.attach(jobId, { files: list });
  list.length = 0;
  await until(() => job.state.status === 'running');
});

test('runs of one idempotency key are one job, in whatever program: the second goes on where the first was', async () => {
  const idempotencyKey = 'album-7-of-monday';
  const input = () => ({ preset: 'seller' as const, files: jpegs(3), concepts: body, idempotencyKey });
  const { api, client } = setUp({}, new ManualClock());
  api.faults = [sticking(1)];
  const first = client.jobs.start(input());
  await until(() => api.stored.size === 2);
  first.detach();
  api.faults = [];
  const { token } = await client.auth.anon();
  const options = { baseUrl: api.base, fetch: api.fetch, WebSocket: null, auth: { token } };
  const clock = new ManualClock();
  const second = createClientWith(options, clock).jobs.start(input());
  await until(() => second.state.status === 'running');
  expect(second.id).toBe(first.id);
  expect([api.jobs.size, api.stored.size]).toEqual([1, 3]);
  const keys = api.inputs.flatMap(({ path, input: sent }) =>
    path === 'jobs.create' || path === 'jobs.execute' ? (sent as { idempotencyKey: string }).idempotencyKey : [],
  );
  expect(new Set(keys)).toEqual(new Set([idempotencyKey]));
  await clock.advance(30_000);
  expect((await second.result()).status).toBe('done');
});
