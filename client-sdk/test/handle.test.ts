/** A job to hold on to: its state, its events, and what can be done with it. */
import { afterEach, expect, test, vi } from 'vitest';
import { isS3Error, type JobEvent, type JobHandle, type JobState } from '../src/index.ts';
import type { FakeApi } from './fake-api.ts';
import { ManualClock, turns, until } from './manual-clock.ts';
import { refuse } from './refuse.ts';
import { caught, first, jpegs, setUp, status } from './support.ts';

afterEach(() => void vi.useRealTimers());

const oak = { Floor: { action: 'recolor', value: 'oak' } } as const;
const floors = (count: number) => ({ preset: 'interior' as const, files: jpegs(count), concepts: oak });
const sentTo = (api: FakeApi, path: string) => api.inputs.filter((one) => one.path === path).map(({ input }) => input);
/** Photos at `failed` fail, the others are done. */
const failing = (api: FakeApi, ...failed: number[]) => {
  api.itemsAt = (_, job) =>
    job.photos.map((_photo, idx) =>
      failed.includes(idx) ? { idx, status: 'failed', error: 'too dark' } : { idx, status: 'done' },
    );
};

async function eventsOf(job: JobHandle<'interior'>): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of job) events.push(event);
  return events;
}

test('a handle has its id once the job is made, and ends with its result', async () => {
  const { api, client } = setUp();
  const job = client.jobs.start(floors(2));
  expect([job.id, job.state.phase]).toEqual([null, 'preparing']);
  const result = await job.result();
  expect(job.id).toBe([...api.jobs.keys()][0]);
  expect(job.state).toMatchObject({ phase: 'ended', status: 'done', result, error: null });
});

test('state is one object until something changes, and each change is told', async () => {
  const { client } = setUp();
  const job = client.jobs.start(floors(3));
  const states = new Set<JobState>([job.state]);
  let calls = 0;
  const stop = job.subscribe(() => {
    calls += 1;
    expect(states.has(job.state)).toBe(false);
    states.add(job.state);
    expect(job.state).toBe(job.state);
  });
  await job.result();
  expect(calls).toBe(states.size - 1);
  stop();
});

test('a subscription that ended hears nothing more, and one listener may be given twice', async () => {
  const { client } = setUp();
  const job = client.jobs.start(floors(1));
  let heard = 0;
  const listener = () => {
    heard += 1;
  };
  const stops = [job.subscribe(listener), job.subscribe(listener)];
  stops[0]?.();
  await until(() => heard > 0);
  stops[1]?.();
  const before = heard;
  await job.result();
  expect(heard).toBe(before);
});

test('every loop over the events is told everything, even one that begins when all is over', async () => {
  const { client } = setUp();
  const job = client.jobs.start(floors(3));
  const [one, other] = await Promise.all([eventsOf(job), eventsOf(job)]);
  const late = await eventsOf(job);
  const items = (events: JobEvent[]) => events.flatMap((event) => (event.type === 'item' ? [event.item.idx] : []));
  expect([one, other, late].map(items)).toEqual([
    [0, 1, 2],
    [0, 1, 2],
    [0, 1, 2],
  ]);
  for (const events of [one, other, late])
    expect(events.at(-1)).toMatchObject({ type: 'done', result: job.state.result });
});

test('a loop that is left early leaves nothing behind and does not disturb the job', async () => {
  const { client } = setUp();
  const job = client.jobs.start(floors(2));
  for await (const event of job) if (event.type === 'progress') break;
  expect((await job.result()).status).toBe('done');
});

test('every photo shows its own bytes, and together they are the total', async () => {
  const { client } = setUp();
  const job = client.jobs.start(floors(3));
  let most = 0;
  job.subscribe(() => {
    const { items, uploadedBytes, totalBytes } = job.state;
    expect(items.reduce((sum, { sentBytes }) => sum + sentBytes, 0)).toBe(uploadedBytes);
    if (totalBytes > 0) expect(items.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(totalBytes);
    most = Math.max(most, uploadedBytes);
  });
  await job.result();
  expect(most).toBe(5 + 6 + 7);
});

test('cancel ends the job on the server, and the result says what was charged', async () => {
  const { api, client } = setUp({}, new ManualClock());
  api.itemsAt = (_, job) => job.photos.map((_photo, idx) => ({ idx, status: 'pending' }));
  const job = client.jobs.start(floors(2));
  await until(() => job.state.status === 'running');
  expect(await job.cancel()).toEqual({ status: 'canceled', charged: 0, refunded: 2 });
  expect(await job.result()).toMatchObject({ status: 'canceled', charged: 0, refunded: 2 });
  expect(job.state.phase).toBe('ended');
});

test('cancel during the upload stops it at once', async () => {
  const { api, client } = setUp();
  let puts = 0;
  api.faults = [
    (request) => {
      if (request.method !== 'PUT') return undefined;
      puts += 1;
      return new Promise<Response>(() => {});
    },
  ];
  const job = client.jobs.start(floors(9));
  await until(() => puts === 6);
  await job.cancel();
  expect((await job.result()).status).toBe('canceled');
  expect(puts).toBe(6);
  expect(api.log).not.toContain('jobs.confirmUpload');
});

test('cancel before the job is made cancels what is made', async () => {
  const { api, client } = setUp();
  const job = client.jobs.start(floors(1));
  expect(await job.cancel()).toMatchObject({ status: 'canceled' });
  expect((await job.result()).status).toBe('canceled');
  expect(api.log.filter((path) => path === 'jobs.cancel')).toHaveLength(1);
});

test('cancel of a job that cannot be made rejects with the reason', async () => {
  const { api, client } = setUp();
  api.onCall = (path) => path === 'jobs.create' && refuse('CREDITS_EXHAUSTED', { needed: 1, balance: 0 });
  const job = client.jobs.start(floors(1));
  expect(await caught(job.cancel())).toMatchObject({ code: 'CREDITS_EXHAUSTED' });
});

test('retryFailed makes a job of the failed photos alone, with the same change and their names, and uploads nothing', async () => {
  const { api, client } = setUp();
  failing(api, 1, 3);
  const job = client.jobs.start({ ...floors(4), protect: ['Grout'] });
  const { jobId } = await job.result();
  const puts = api.stored.size;
  failing(api);
  const result = await job.retryFailed().result();
  expect(sentTo(api, 'jobs.create')[1]).toMatchObject({ from: { jobId, indexes: [1, 3] } });
  expect(sentTo(api, 'jobs.execute')[1]).toMatchObject({ concepts: oak, protect: ['Grout'] });
  expect(result.items.map(({ name, status: end }) => [name, end])).toEqual([
    ['photo1.jpg', 'done'],
    ['photo3.jpg', 'done'],
  ]);
  expect(api.stored.size).toBe(puts);
});

test('retryFailed throws INVALID_TRANSITION while the job lives and when nothing failed', async () => {
  const { client } = setUp();
  const job = client.jobs.start(floors(1));
  expect(() => job.retryFailed()).toThrow(expect.objectContaining({ code: 'INVALID_TRANSITION' }));
  await job.result();
  expect(() => job.retryFailed()).toThrow(expect.objectContaining({ code: 'INVALID_TRANSITION' }));
});

test('three forks of one album make three jobs on the same photos, each with its own change', async () => {
  const { api, client } = setUp();
  const { jobId } = await client.jobs.run(floors(3));
  const puts = api.log.filter((path) => path.startsWith('PUT')).length;
  const changes = [{ concepts: oak }, { ruleId: 'r' }, { concepts: oak, protect: ['Grout'], indexes: [2] }];
  const results = await Promise.all(changes.map((change) => client.jobs.fork(jobId, change).result()));
  expect(results.map(({ items }) => items.length)).toEqual([3, 3, 1]);
  expect(sentTo(api, 'jobs.create').slice(1)).toMatchObject([
    { from: { jobId } },
    { from: { jobId } },
    { from: { jobId, indexes: [2] } },
  ]);
  expect(sentTo(api, 'jobs.execute').slice(1)).toMatchObject([
    { concepts: oak },
    { ruleId: 'r' },
    { protect: ['Grout'] },
  ]);
  expect(api.log.filter((path) => path.startsWith('PUT'))).toHaveLength(puts);
});

test('OVER_BUDGET is thrown before anything is held', async () => {
  const { api, client } = setUp();
  const error = await caught(client.jobs.run({ ...floors(3), maxCredits: 2 }));
  expect(isS3Error(error, 'OVER_BUDGET') && error.data).toEqual({ credits: 3, maxCredits: 2 });
  expect(api.log).not.toContain('jobs.create');
  expect((await client.jobs.run({ ...floors(3), maxCredits: 3 })).status).toBe('done');
});

test('maxCredits bounds forks and retries too, by the photos that they take', async () => {
  const { api, client } = setUp();
  failing(api, 0, 1);
  const job = client.jobs.start(floors(3));
  const { jobId } = await job.result();
  const limit = { maxCredits: 1 };
  const over = (credits: number) => ({ code: 'OVER_BUDGET', data: { credits, maxCredits: 1 } });
  expect(await caught(client.jobs.fork(jobId, { concepts: oak }, limit).result())).toMatchObject(over(3));
  expect(await caught(job.retryFailed(undefined, limit).result())).toMatchObject(over(2));
  expect((await client.jobs.fork(jobId, { concepts: oak, indexes: [2] }, limit).result()).items).toHaveLength(1);
});

test('what a callback throws is the result of the run, the end of every loop, and in the state', async () => {
  const { api, client } = setUp();
  const own = new RangeError('of the app');
  const onProgress = ({ phase }: { phase: string }) => {
    if (phase === 'uploading') throw own;
  };
  const job = client.jobs.start({ ...floors(2), onProgress });
  expect(await caught(eventsOf(job))).toBe(own);
  expect(await caught(job.result())).toBe(own);
  expect(job.state.error).toBe(own);
  expect([...api.jobs.values()].map((one) => one.status)).toEqual(['canceled']);
});

test('an error is in the state as well, for those who only subscribe', async () => {
  const { api, client } = setUp();
  api.onCall = (path) => path === 'jobs.create' && refuse('CREDITS_EXHAUSTED', { needed: 2, balance: 0 });
  const job = client.jobs.start(floors(2));
  await until(() => job.state.error !== null);
  expect(isS3Error(job.state.error, 'CREDITS_EXHAUSTED')).toBe(true);
});

test('a server that is away for a while after the upload does not cost the run its photos', async () => {
  const { api, clock, client } = setUp();
  api.faults = [first(6, 'jobs.confirmUpload', status(502)), first(6, 'jobs.execute', status(502))];
  expect((await client.jobs.run(floors(1))).status).toBe('done');
  expect(clock.slept.slice(0, 6)).toEqual([125, 250, 500, 1000, 2000, 2000]);
});

test('a job that another tab has executed or canceled meanwhile is followed, and not canceled', async () => {
  for (const code of ['INVALID_TRANSITION', 'ALREADY_CANCELED'] as const) {
    const { api, client } = setUp();
    api.onCall = (path) => {
      if (path !== 'jobs.execute') return;
      for (const job of api.jobs.values()) job.status = code === 'ALREADY_CANCELED' ? 'canceled' : 'running';
      refuse(code, code === 'INVALID_TRANSITION' ? { status: 'running', action: 'execute' } : null);
    };
    const result = await client.jobs.run(floors(1));
    expect(result.status).toBe(code === 'ALREADY_CANCELED' ? 'canceled' : 'done');
    expect(api.log).not.toContain('jobs.cancel');
  }
});

test('a create that is answered only after the run was aborted is canceled all the same', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { api, clock, client } = setUp({}, new ManualClock());
  let answer = () => {};
  const late = new Promise<void>((resolve) => {
    answer = resolve;
  });
  api.faults = [
    async (request) => {
      if (request.url.includes('jobs.create')) await late;
      return undefined;
    },
  ];
  const controller = new AbortController();
  const running = caught(client.jobs.run({ ...floors(1), signal: controller.signal }));
  await until(() => api.users.size > 0);
  await (clock as ManualClock).advance(1);
  controller.abort();
  expect(await running).toMatchObject({ code: 'ABORTED', jobId: null });
  // Longer than anyone waits for the canceling, and shorter than the create may take.
  vi.advanceTimersByTime(6_000);
  await turns();
  answer();
  await until(() => api.log.includes('jobs.cancel'));
  expect([...api.jobs.values()].map((job) => job.status)).toEqual(['canceled']);
});

test('jobs.list is a page, and all jobs one by one', async () => {
  const { client } = setUp();
  for (let made = 0; made < 5; made++) await client.jobs.run(floors(1));
  const page = await client.jobs.list({ limit: 2 });
  expect([page.jobs.length, page.nextCursor]).toEqual([2, '2']);
  const all: string[] = [];
  for await (const { jobId } of client.jobs.list({ limit: 2 })) all.push(jobId);
  expect(new Set(all).size).toBe(5);
  const rest: string[] = [];
  for await (const { jobId } of client.jobs.list({ cursor: page.nextCursor ?? '', limit: 2 })) rest.push(jobId);
  expect(rest).toEqual(all.slice(2));
});
