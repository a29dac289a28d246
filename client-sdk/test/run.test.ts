import { expect, test } from 'vitest';
import { isS3Error, type RunItem, type RunProgress } from '../src/index.ts';
import { refuse } from './refuse.ts';
import { caught, cut, first, jpegs, loseAnswer, setUp, status } from './support.ts';

const run = (count: number) => ({
  preset: 'interior' as const,
  files: jpegs(count),
  concepts: { Floor: { action: 'recolor', value: 'oak' } } as const,
});
const count = (log: string[], path: string) => log.filter((entry) => entry === path).length;

test('one call does the whole of it and gives each photo its result', async () => {
  const { api, client } = setUp();
  const result = await client.jobs.run({ ...run(3), protect: ['Grout'], outputTemplate: 'before-after' });
  expect(result).toMatchObject({ status: 'done', charged: 3, refunded: 0, error: null });
  expect(result.keptUntil).toBeInstanceOf(Date);
  expect(result.items).toMatchObject([
    { idx: 0, name: 'photo0.jpg', status: 'done', resultUrl: 'r/0' },
    { idx: 1, name: 'photo1.jpg', status: 'done', resultUrl: 'r/1' },
    { idx: 2, name: 'photo2.jpg', status: 'done', resultUrl: 'r/2' },
  ]);
  expect(api.log.filter((entry) => !entry.startsWith('PUT') && entry !== 'jobs.get')).toEqual([
    'auth.anon',
    'jobs.create',
    'jobs.confirmUpload',
    'jobs.execute',
  ]);
  expect(api.inputs.find(({ path }) => path === 'jobs.execute')?.input).toMatchObject({
    concepts: { Floor: { action: 'recolor', value: 'oak' } },
    protect: ['Grout'],
    outputTemplate: 'before-after',
  });
});

test('photos are announced with the type and the size of their bytes', async () => {
  const { api, client } = setUp();
  await client.jobs.run(run(2));
  expect(api.inputs.find(({ path }) => path === 'jobs.create')?.input).toMatchObject({
    photos: [
      { contentType: 'image/jpeg', bytes: 5 },
      { contentType: 'image/jpeg', bytes: 6 },
    ],
  });
});

test('a rule from a file and a saved rule are sent as they are', async () => {
  const { api, client } = setUp();
  const rule = JSON.parse('{"concepts":{"Wall":{"action":"tone","value":"warm"}},"protect":["Door"]}');
  await client.jobs.run({ preset: 'interior', files: jpegs(1), rule });
  await client.jobs.run({ preset: 'interior', files: jpegs(1), ruleId: 'rule-1' });
  const [byFile, byId] = api.inputs.filter(({ path }) => path === 'jobs.execute').map(({ input }) => input);
  expect(byFile).toMatchObject(rule);
  expect(byId).toMatchObject({ ruleId: 'rule-1' });
});

test('progress counts uploads and photos, and each photo is told of once', async () => {
  const { client } = setUp();
  const steps: RunProgress[] = [];
  const items: RunItem[] = [];
  await client.jobs.run({ ...run(3), onProgress: (step) => steps.push(step), onItem: (item) => items.push(item) });
  expect(steps[0]).toMatchObject({ phase: 'preparing', jobId: null, uploaded: 0, total: 0 });
  const uploading = steps.filter(({ phase }) => phase === 'uploading');
  expect(uploading[0]).toMatchObject({ uploaded: 0, uploadedBytes: 0, total: 3, totalBytes: 18 });
  expect(uploading.at(-1)).toMatchObject({ uploaded: 3, uploadedBytes: 18 });
  for (const [at, step] of steps.slice(1).entries()) {
    expect(step.uploaded).toBeGreaterThanOrEqual(steps[at]?.uploaded ?? 0);
    expect(step.done).toBeGreaterThanOrEqual(steps[at]?.done ?? 0);
  }
  expect(steps.at(-1)).toMatchObject({ phase: 'ended', status: 'done', uploadedBytes: 18 });
  expect(items.map(({ idx, name }) => [idx, name])).toEqual([
    [0, 'photo0.jpg'],
    [1, 'photo1.jpg'],
    [2, 'photo2.jpg'],
  ]);
});

test('a job that failed is a result, with the reasons', async () => {
  const { api, client } = setUp();
  api.itemsAt = (_, job) => job.photos.map((_photo, idx) => ({ idx, status: 'failed', error: 'out of memory' }));
  const result = await client.jobs.run(run(2));
  expect(result).toMatchObject({ status: 'failed', charged: 0, refunded: 2 });
  expect(result.items[1]).toMatchObject({ idx: 1, name: 'photo1.jpg', status: 'failed', error: 'out of memory' });
});

test('polling grows from 250 ms to 3 s while nothing moves, and starts again when something does', async () => {
  const { api, clock, client } = setUp();
  api.itemsAt = (polls) => [
    { idx: 0, status: polls > 8 ? 'done' : 'pending' },
    { idx: 1, status: polls > 10 ? 'done' : 'pending' },
  ];
  await client.jobs.run(run(2));
  expect(clock.slept.map(Math.round)).toEqual([250, 375, 563, 844, 1266, 1898, 2848, 3000, 250, 375]);
});

test('polling survives a line that is cut, 5xx and an internal error', async () => {
  const { api, client } = setUp();
  let broken = 2;
  api.onCall = (path) => path === 'jobs.get' && broken-- > 0 && refuse('INTERNAL_ERROR');
  api.faults = [first(6, 'jobs.get', cut), first(3, 'jobs.get', status(502))];
  expect((await client.jobs.run(run(1))).status).toBe('done');
});

test('a server that stays away while polling is given up, the job goes on, and the error names it', async () => {
  const { api, client } = setUp();
  api.faults = [(request) => (request.url.includes('jobs.get') ? cut(request) : undefined)];
  const error = await caught(client.jobs.run(run(1)));
  expect(isS3Error(error, 'NETWORK_ERROR') && error.jobId).toBe([...api.jobs.keys()][0]);
  expect(api.log).not.toContain('jobs.cancel');
});

test('a job that is not yet settled at its end is asked for until it is', async () => {
  const { api, client } = setUp();
  const { view } = api;
  api.view = (job) => ({ ...view.call(api, job), ...(job.polls < 4 && { charged: null }) });
  expect(await client.jobs.run(run(1))).toMatchObject({ charged: 1, refunded: 0 });
});

test('lost answers to create, confirm and execute make no second job', async () => {
  const { api, client } = setUp();
  api.faults = ['jobs.create', 'jobs.confirmUpload', 'jobs.execute'].map((path) => first(1, path, loseAnswer(api)));
  expect((await client.jobs.run(run(2))).status).toBe('done');
  expect(api.jobs.size).toBe(1);
});

test('bad files are refused before anything is sent', async () => {
  const { api, client } = setUp();
  const files = [...jpegs(1), { name: 'empty.jpg', data: new Uint8Array() }];
  expect(await caught(client.jobs.run({ ...run(1), files }))).toMatchObject({ code: 'INVALID_FILE' });
  expect(api.log).toEqual([]);
});

test('an execute that is refused cancels the job, so that it holds no credits', async () => {
  const { api, client } = setUp();
  api.onCall = (path) => path === 'jobs.execute' && refuse('VALIDATION_ERROR', { field: 'concepts.Flor', issues: [] });
  const error = await caught(client.jobs.run(run(1)));
  expect(isS3Error(error, 'VALIDATION_ERROR') && error.data.field).toBe('concepts.Flor');
  expect([...api.jobs.values()].map((job) => job.status)).toEqual(['canceled']);
});

test('a create that is refused cancels nothing', async () => {
  const { api, client } = setUp();
  api.onCall = (path) => path === 'jobs.create' && refuse('CONCURRENCY_LIMIT', { limit: 1, activeJobs: ['a'] });
  expect(await caught(client.jobs.run(run(1)))).toMatchObject({ code: 'CONCURRENCY_LIMIT', jobId: null });
  expect(api.log).not.toContain('jobs.cancel');
});

test('a callback that throws ends the run with its error', async () => {
  const { client } = setUp();
  const onItem = () => {
    throw new RangeError('of the app');
  };
  expect(await caught(client.jobs.run({ ...run(1), onItem }))).toBeInstanceOf(RangeError);
});

test('abort while polling rejects with ABORTED and cancels the job on the server', async () => {
  const { api, client } = setUp();
  const controller = new AbortController();
  const canceled = new Promise<void>((resolve) => {
    api.onCanceled = resolve;
  });
  const onItem = () => controller.abort();
  const error = await caught(client.jobs.run({ ...run(3), onItem, signal: controller.signal }));
  expect(error).toMatchObject({ code: 'ABORTED', jobId: [...api.jobs.keys()][0] });
  await canceled;
  expect([...api.jobs.values()].map((job) => job.status)).toEqual(['canceled']);
});

test('abort while the job is being created cancels what comes of it', async () => {
  const { api, client } = setUp();
  const controller = new AbortController();
  const canceled = new Promise<void>((resolve) => {
    api.onCanceled = resolve;
  });
  api.onCall = (path) => path === 'jobs.create' && controller.abort();
  expect(await caught(client.jobs.run({ ...run(1), signal: controller.signal }))).toMatchObject({ code: 'ABORTED' });
  await canceled;
  expect(count(api.log, 'jobs.cancel')).toBe(1);
});

test('the next run waits for the canceling of an aborted one, which still holds the slot', async () => {
  const { api, client } = setUp();
  const controller = new AbortController();
  api.onCall = (path) => path === 'jobs.execute' && controller.abort();
  await caught(client.jobs.run({ ...run(1), signal: controller.signal }));
  api.onCall = () => {};
  await client.jobs.run(run(1));
  const order = api.log.filter((path) => path === 'jobs.cancel' || path === 'jobs.create');
  expect(order).toEqual(['jobs.create', 'jobs.cancel', 'jobs.create']);
});

test('a run with a signal that has fired does nothing', async () => {
  const { api, client } = setUp();
  expect(await caught(client.jobs.run({ ...run(1), signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORTED' });
  expect(api.log).toEqual([]);
});

test.each([
  ['CEILING_REACHED', { until: '2026-01-02T00:00:00.000Z' }],
  ['ALLOWANCE_EXHAUSTED', { limit: 20, until: '2026-01-02T00:00:00.000Z' }],
  ['RATE_LIMITED', { retryAfterSeconds: 3_600, until: '2026-01-01T01:00:00.000Z' }],
] as const)('at %s the uploaded job waits as it is, and goes on when it is taken up again', async (code, details) => {
  const { api, clock, client } = setUp();
  let refused = 0;
  api.onCall = (path) => {
    if (path === 'jobs.execute' && refused++ === 0) refuse(code, details);
  };
  const before = clock.now();
  const error = await caught(client.jobs.run(run(2)));
  if (!isS3Error(error, code)) throw error;
  expect(error).toMatchObject({ data: details, jobId: expect.any(String) });
  expect(clock.now() - before).toBeLessThan(60_000);
  expect(count(api.log, 'jobs.execute')).toBe(1);
  expect(count(api.log, 'jobs.cancel')).toBe(0);
  expect(api.job(error.jobId ?? '').status).toBe('uploaded');
  const result = await client.jobs.attach(error.jobId ?? '').result();
  expect(result).toMatchObject({ jobId: error.jobId, status: 'done', charged: 2 });
  const puts = api.log.filter((entry) => entry.startsWith('PUT'));
  expect(puts).toHaveLength(2);
});

test('an abort cancels a job that waits for the next day as well', async () => {
  const { api, client } = setUp();
  const controller = new AbortController();
  api.onCall = (path) => {
    if (path !== 'jobs.execute') return;
    controller.abort();
    refuse('CEILING_REACHED', { until: '2026-01-02T00:00:00.000Z' });
  };
  const canceled = new Promise<void>((resolve) => {
    api.onCanceled = resolve;
  });
  expect(await caught(client.jobs.run({ ...run(1), signal: controller.signal }))).toMatchObject({ code: 'ABORTED' });
  await canceled;
});

test('whoever follows a job is told of a limit that lasts hours, and does not wait for it', async () => {
  const { api, clock, client } = setUp();
  api.onCall = (path) => {
    if (path === 'jobs.get') refuse('RATE_LIMITED', { retryAfterSeconds: 3_600, until: '2026-01-01T01:00:00.000Z' });
  };
  const before = clock.now();
  expect(await caught(client.jobs.run(run(1)))).toMatchObject({ code: 'RATE_LIMITED', jobId: expect.any(String) });
  expect(clock.now() - before).toBeLessThan(60_000);
  expect(count(api.log, 'jobs.cancel')).toBe(0);
});
