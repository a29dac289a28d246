/** What a callback may say, and what its answer tells: bodies, fields, limits, unknown jobs, repetition. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ask, creditsOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import {
  doneItem,
  failedItem,
  post,
  putResults,
  type RunningJob,
  range,
  report,
  runningJob,
} from '../../../proving/world/workerd/jobs.ts';
import { countObjects, inspect, jobObject, sqlIn } from '../../../proving/world/workerd/objects.ts';
import { outputKey, previewKey } from '../../src/domain/keys.ts';

let user: User;
let job: RunningJob;
beforeEach(async () => {
  user = await signUp();
  job = await runningJob(user, 3);
});
const bearer = () => ({ authorization: `Bearer ${job.dispatch.callback_token}` });
const secret = { 'X-Callback-Secret': env.GPU_CALLBACK_SECRET ?? '' };

describe('a body is refused as a whole, and its field named', () => {
  const bad: [string, (job: RunningJob) => unknown, string][] = [
    ['no index', () => ({ status: 'done' }), 'idx'],
    ['an index that is text', () => ({ idx: '0', status: 'done' }), 'idx'],
    ['an index below 0', () => ({ idx: -1, status: 'done' }), 'idx'],
    ['an index that the job does not have', () => ({ idx: 3, status: 'done' }), 'idx'],
    ['an unknown status', () => ({ idx: 0, status: 'maybe' }), 'status'],
    ['no items', () => ({ items: [] }), 'items'],
    ['201 items', () => ({ items: Array.from({ length: 201 }, () => failedItem(0)) }), 'items'],
    ['an attempt of 0', () => ({ ...failedItem(0), attempt: 0 }), 'attempt'],
    ['the key of another photo', (own) => ({ ...doneItem(own, 0), output_key: outputKey(own, 1) }), 'output_key'],
    [
      'the key of another job',
      (own) => ({ ...doneItem(own, 0), output_key: outputKey({ ...own, jobId: 'x' }, 0) }),
      'output_key',
    ],
    [
      'a preview key of another photo',
      (own) => ({ ...doneItem(own, 0), preview_key: previewKey(own, 2) }),
      'preview_key',
    ],
    ['another job in the body', () => ({ ...failedItem(0), job_id: 'another' }), 'job_id'],
    [
      'one bad item among good ones',
      (own) => ({ items: [doneItem(own, 0), { idx: 9, status: 'done' }] }),
      'items[1].idx',
    ],
    ['a list', () => [failedItem(0)], ''],
    ['null', () => null, ''],
  ];
  test.for(bad)('%s', async ([, make, field]) => {
    const answer = await report(job, make(job));
    expect(answer).toMatchObject({ status: 400, body: { success: false, error: { code: 'VALIDATION_ERROR' } } });
    expect(answer.body.error?.details).toMatchObject({ field });
    expect(await inspect(job.jobId)).toMatchObject({ done: 0, failed: 0, status: 'running' });
  });

  test('what is not JSON', async () => {
    const answer = await post(job.jobId, '{', bearer());
    expect(answer).toMatchObject({ status: 400, body: { error: { details: { field: 'body' } } } });
  });
});

test('a body over 1 MB is PAYLOAD_TOO_LARGE before its credential is looked at', async () => {
  const answer = await post(job.jobId, 'x'.repeat(1024 * 1024 + 1), {});
  expect(answer).toMatchObject({
    status: 413,
    body: { error: { code: 'PAYLOAD_TOO_LARGE', details: { limit: 1024 * 1024 } } },
  });
});

test('a job that never was is JOB_NOT_FOUND, and an id that we did not make makes no object', async () => {
  const absent = env.JOB_COORDINATOR.idFromName('nobody:nothing').toString();
  expect(await post(absent, JSON.stringify(failedItem(0)), secret)).toMatchObject({
    status: 404,
    body: { error: { code: 'JOB_NOT_FOUND' } },
  });
  const objects = await countObjects();
  for (const id of ['nonsense', 'a'.repeat(64), env.USER_LIMITER.idFromName(user.userId).toString()]) {
    expect((await post(id, JSON.stringify(failedItem(0)), secret)).status).toBe(404);
  }
  expect(await countObjects()).toBe(objects);
});

test('the callback is POST only', async () => {
  expect((await ask(`/jobs/${job.jobId}/callback`, { headers: bearer() })).status).toBe(404);
});

test('the same result again is a duplicate and writes nothing; the first one stands', async () => {
  await putResults(job, [0]);
  expect((await report(job, doneItem(job, 0))).body.data?.items).toEqual([{ idx: 0, outcome: 'accepted' }]);
  const events = () => sqlIn(jobObject(job.jobId), 'SELECT * FROM event');
  const before = await events();
  for (const again of [
    doneItem(job, 0),
    { ...doneItem(job, 0), idempotency_key: 'another' },
    failedItem(0),
    { ...doneItem(job, 0), attempt: 7 },
  ]) {
    expect((await report(job, again)).body.data?.items).toEqual([{ idx: 0, outcome: 'duplicate' }]);
  }
  expect(await events()).toEqual(before);
  expect(await inspect(job.jobId)).toMatchObject({ done: 1, failed: 0 });
});

test('one callback can hold new results, repeated ones and the same one twice', async () => {
  await report(job, failedItem(1));
  const { body } = await report(job, { items: [failedItem(0), failedItem(1), failedItem(0), failedItem(2)] });
  expect(body.data?.items).toEqual([
    { idx: 0, outcome: 'accepted' },
    { idx: 1, outcome: 'duplicate' },
    { idx: 0, outcome: 'duplicate' },
    { idx: 2, outcome: 'accepted' },
  ]);
  expect(body.data?.status).toBe('failed');
  expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
});

test('a callback of results costs one written row, however many it holds, and none for duplicates', async () => {
  const rows = () => sqlIn(jobObject(job.jobId), 'SELECT seq FROM event');
  await report(job, { items: [failedItem(0), failedItem(1)] });
  expect(await rows()).toEqual([{ seq: 1 }]);
  await report(job, failedItem(0));
  expect(await rows()).toEqual([{ seq: 1 }]);
});

test('fields that we do not know are ignored, keys may be left out, and `completed` is done', async () => {
  await putResults(job, range(3));
  await report(job, { idx: 0, status: 'completed', gpu_ms: 12, nested: { a: 1 } });
  await report(job, { idx: 1, status: 'done', output_key: null, preview_key: null, error: null, attempt: null });
  expect(await inspect(job.jobId)).toMatchObject({ done: 2 });
});

test('a long reason is cut to 500 characters, and a missing one is said to be missing', async () => {
  await report(job, failedItem(0, 'x'.repeat(2000)));
  await report(job, { idx: 1, status: 'failed' });
  const { items } = await user.client.jobs.get.query({ jobId: job.jobId });
  expect(items[0]?.error).toBe('x'.repeat(500));
  expect(items[1]?.error).toBe('the GPU worker gave no reason');
});

test('a callback leaves one line in the log: the request, the job, and what became of the results', async () => {
  const lines = vi.spyOn(console, 'log').mockReturnValue();
  const callbacks = () =>
    lines.mock.calls.map(([line]) => JSON.parse(line)).filter((line) => JSON.stringify(line).includes(job.jobId));
  await report(job, { items: [doneItem(job, 0), failedItem(1)] });
  await vi.waitFor(() => expect(callbacks()).not.toEqual([]));
  const taken = { jobId: job.jobId, job: 'running', accepted: 2, duplicate: 0, ignored: 0 };
  expect(callbacks()).toMatchObject([{ event: 'request', status: 200, method: 'POST', ...taken }]);
});
