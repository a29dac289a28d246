/** Jobs made from an earlier job's photos: forks and retries of what failed, with nothing to upload. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { clientFor, creditsOf, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, pass, START, wake } from '../../../proving/world/workerd/clock.ts';
import {
  CHOICE,
  createdJob,
  dispatchOf,
  doneItem,
  doneJob,
  failedItem,
  finish,
  putResults,
  report,
  runningJob,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { inspect, jobObject, keysOf, sqlIn, userRpc } from '../../../proving/world/workerd/objects.ts';
import { deliver, lastSent } from '../../../proving/world/workerd/queue.ts';
import { inputKey, outputKey } from '../../src/domain/keys.ts';
import { newJobId } from '../../src/rpc/objects.ts';

let user: User;
beforeEach(async () => {
  user = await signUp('pro');
});

const fork = (jobId: string, indexes?: number[], idempotencyKey?: string) =>
  user.client.jobs.create.mutate({ from: indexes === undefined ? { jobId } : { jobId, indexes }, idempotencyKey });

/** Executes and dispatches a job that needs no uploads. */
async function run(jobId: string, photos: number) {
  await user.client.jobs.execute.mutate({ jobId, ...CHOICE });
  await deliver(lastSent(jobId));
  return { userId: user.userId, jobId, photos, dispatch: dispatchOf(jobId) };
}

test('a fork of a job that is done is uploaded at once and works on the same inputs under keys of its own', async () => {
  const source = await doneJob(user, 2);
  const made = await fork(source.jobId);
  expect(made).toMatchObject({ status: 'uploaded', uploads: [] });
  expect(made.jobId).not.toBe(source.jobId);
  expect(await creditsOf(user)).toEqual({ balance: 206, held: 2, spent: 2 });
  const job = await run(made.jobId, 2);
  expect(job.dispatch.items.map(({ input_key }) => input_key)).toEqual([inputKey(source, 0), inputKey(source, 1)]);
  expect(job.dispatch.items.map(({ output_key }) => output_key)).toEqual([outputKey(job, 0), outputKey(job, 1)]);
  expect(new URL(job.dispatch.items[1]?.input_url ?? '').pathname).toBe(`/s3-images/${inputKey(source, 1)}`);
  expect((await finish(job, [0, 1])).body.data?.status).toBe('done');
  expect(await creditsOf(user)).toEqual({ balance: 206, held: 0, spent: 4 });
});

test('only the failed photos can be tried again, and only they are charged', async () => {
  const source = await runningJob(user, 4);
  await putResults(source, [0, 2]);
  await report(source, { items: [doneItem(source, 0), failedItem(1), doneItem(source, 2), failedItem(3)] });
  const { jobId } = await fork(source.jobId, [1, 3]);
  const job = await run(jobId, 2);
  expect(job.dispatch.items.map(({ idx, input_key }) => [idx, input_key])).toEqual([
    [0, inputKey(source, 1)],
    [1, inputKey(source, 3)],
  ]);
  await finish(job, [0, 1]);
  expect(await creditsOf(user)).toEqual({ balance: 206, held: 0, spent: 4 });
});

test('a fork of a fork works on the first inputs', async () => {
  const source = await doneJob(user, 3);
  const first = await fork(source.jobId, [2, 1]);
  const second = await fork(first.jobId, [1]);
  const job = await run(second.jobId, 1);
  expect(job.dispatch.items[0]?.input_key).toBe(inputKey(source, 1));
});

const inputsOf = (jobId: string) => keysOf(`inputs/${user.userId}/${jobId}`);
const isEmpty = async (jobId: string) =>
  (await sqlIn(jobObject(jobId), "SELECT 1 FROM sqlite_master WHERE name = 'job'")).length === 0;
/** Results are kept for so long. */
const KEPT = 30 * DAY;

/** Runs the object's alarm at its own times until it is empty. @returns how long that took */
async function untilEmpty(jobId: string): Promise<number> {
  const before = Date.now();
  for (let woken = 0; !(await isEmpty(jobId)); woken++) {
    if (woken > 5) throw new Error('it is not emptied');
    pass(Math.max(0, ((await inspect(jobId)).nextAlarm ?? Number.NaN) - Date.now()));
    await wake(jobObject(jobId));
  }
  return Date.now() - before;
}

test('inputs stay while a job made from them lives and as long as its results are kept, and go with these', async () => {
  const source = await doneJob(user, 1);
  pass(KEPT - 2 * DAY);
  user.client = clientFor((await user.client.auth.renew.mutate()).token);
  const { jobId } = await fork(source.jobId);
  pass(DAY);
  const job = await run(jobId, 1);
  await finish(job, [0]);
  pass(DAY);
  await wake(jobObject(source.jobId));
  expect(await keysOf(`outputs/${user.userId}/${source.jobId}`)).toEqual([]);
  expect(await inputsOf(source.jobId)).toHaveLength(1);
  await untilEmpty(jobId);
  expect(Date.now()).toBe(START + KEPT - DAY + KEPT);
  await untilEmpty(source.jobId);
  expect(Date.now()).toBe(START + KEPT - DAY + KEPT);
  expect(await keysOf(source.jobId)).toEqual([]);
});

test('deleting a job keeps its inputs for a job made from them, until that one is deleted as well', async () => {
  const source = await doneJob(user, 1);
  const { jobId } = await fork(source.jobId);
  await user.client.jobs.delete.mutate({ jobId: source.jobId });
  expect(await keysOf(source.jobId)).toEqual([inputKey(source, 0)]);
  expect((await refusalOf(user.client.jobs.get.query({ jobId: source.jobId }))).code).toBe('JOB_NOT_FOUND');
  expect((await user.client.jobs.list.query()).jobs.map((job) => job.jobId)).toEqual([jobId]);
  const job = await run(jobId, 1);
  expect((await finish(job, [0])).body.data?.status).toBe('done');
  pass(DAY);
  await wake(jobObject(source.jobId));
  expect(await keysOf(source.jobId)).toEqual([inputKey(source, 0)]);
  await user.client.jobs.delete.mutate({ jobId });
  expect(await untilEmpty(source.jobId)).toBeLessThan(HOUR);
  await untilEmpty(jobId);
  expect(await keysOf(user.userId)).toEqual([]);
});

test('a job that was made from another and never executed gives the inputs back within the hour', async () => {
  const source = await doneJob(user, 1);
  const { jobId } = await fork(source.jobId);
  await user.client.jobs.delete.mutate({ jobId: source.jobId });
  await user.client.jobs.cancel.mutate({ jobId });
  expect(await untilEmpty(jobId)).toBeLessThan(HOUR);
  await untilEmpty(source.jobId);
  expect(await keysOf(source.jobId)).toEqual([]);
});

test('of several jobs made from the same photos, the last one has them deleted', async () => {
  const source = await doneJob(user, 3);
  const jobs: string[] = [];
  for (const idx of [0, 1, 2]) {
    const { jobId } = await fork(source.jobId, [idx]);
    await finish(await run(jobId, 1), [0]);
    jobs.push(jobId);
  }
  await user.client.jobs.delete.mutate({ jobId: source.jobId });
  for (const jobId of jobs) {
    expect(await inputsOf(source.jobId)).toHaveLength(3);
    await user.client.jobs.delete.mutate({ jobId });
    await wake(jobObject(source.jobId));
  }
  pass(DAY + HOUR);
  await wake(jobObject(source.jobId));
  expect(await keysOf(source.jobId)).toEqual([]);
});

test('whoever waits for another job is woken by it, and asks nobody and nothing meanwhile', async () => {
  const source = await doneJob(user, 1);
  const { jobId } = await fork(source.jobId);
  await finish(await run(jobId, 1), [0]);
  await user.client.jobs.delete.mutate({ jobId: source.jobId });
  pass(2 * HOUR);
  const looks = vi.spyOn(env.R2, 'list');
  await wake(jobObject(source.jobId));
  expect(looks).not.toHaveBeenCalled();
  expect((await inspect(source.jobId)).pendingEffects).toEqual([]);
});

test('a reservation for a fork that never came to be does not keep the inputs', async () => {
  const source = await doneJob(user, 1);
  const never = env.JOB_COORDINATOR.idFromName('nobody:never').toString();
  await jobObject(source.jobId).lend({ userId: user.userId, requestId: 'test' }, never);
  pass(KEPT);
  await wake(jobObject(source.jobId));
  expect(await inputsOf(source.jobId)).toEqual([]);
});

test('a fork with the same key is the same job with one hold, even after its source was tidied', async () => {
  const source = await doneJob(user, 1);
  const first = await fork(source.jobId, [0], 'fork-once');
  expect((await fork(source.jobId, [0], 'fork-once')).jobId).toBe(first.jobId);
  expect(await creditsOf(user)).toEqual({ balance: 208, held: 1, spent: 1 });
  const other = await doneJob(user, 1);
  expect((await refusalOf(fork(other.jobId, [0], 'fork-once'))).code).toBe('IDEMPOTENCY_CONFLICT');
});

test('a fork is refused of a job without uploads, of photos that it does not have, and of photos that are gone', async () => {
  const open = await createdJob(user, 1);
  expect(await refusalOf(fork(open.jobId))).toMatchObject({
    code: 'INVALID_TRANSITION',
    details: { status: 'created', action: 'make a job from it' },
  });
  await user.client.jobs.cancel.mutate({ jobId: open.jobId });
  expect((await refusalOf(fork(open.jobId))).code).toBe('INVALID_TRANSITION');
  const source = await doneJob(user, 2);
  expect(await refusalOf(fork(source.jobId, [0, 2]))).toMatchObject({
    code: 'VALIDATION_ERROR',
    details: { field: 'from.indexes[1]' },
  });
  await user.client.jobs.delete.mutate({ jobId: source.jobId });
  expect((await refusalOf(fork(source.jobId))).code).toBe('JOB_NOT_FOUND');
  const me = await user.client.user.me.query();
  expect(me).toMatchObject({ activeJobs: 0, credits: { held: 0, spent: 2 } });
});

test('an uploaded job that was canceled before it was executed cannot be a source', async () => {
  const { jobId } = await uploadedJob(user, 1);
  await user.client.jobs.cancel.mutate({ jobId });
  expect((await refusalOf(fork(jobId))).code).toBe('INVALID_TRANSITION');
});

test("a job can be made from one whose own photos were another one's, as long as these were not deleted", async () => {
  const source = await doneJob(user, 2);
  const first = await fork(source.jobId);
  await finish(await run(first.jobId, 2), [0, 1]);
  expect((await fork(first.jobId, [1])).status).toBe('uploaded');
  await user.client.jobs.delete.mutate({ jobId: source.jobId });
  expect((await refusalOf(fork(first.jobId, [1]))).code).toBe('INVALID_TRANSITION');
});

describe('a create that is repeated', () => {
  const KEY = 'fork-once';

  test('finds its job after the job that it was made from was deleted', async () => {
    const source = await doneJob(user, 2);
    const first = await fork(source.jobId, [1], KEY);
    await user.client.jobs.delete.mutate({ jobId: source.jobId });
    expect(await fork(source.jobId, [1], KEY)).toEqual(first);
    expect(await creditsOf(user)).toEqual({ balance: 207, held: 1, spent: 2 });
    expect((await refusalOf(fork(source.jobId, [0], KEY))).code).toBe('IDEMPOTENCY_CONFLICT');
    expect((await refusalOf(fork(source.jobId, [1], 'another-key'))).code).toBe('JOB_NOT_FOUND');
    expect((await refusalOf(fork(source.jobId, [1]))).code).toBe('JOB_NOT_FOUND');
  });

  test('finds it as well when only the photos are gone, which another job had uploaded', async () => {
    const source = await doneJob(user, 2);
    const first = await fork(source.jobId);
    await finish(await run(first.jobId, 2), [0, 1]);
    const second = await fork(first.jobId, [1], KEY);
    await user.client.jobs.delete.mutate({ jobId: source.jobId });
    expect(await fork(first.jobId, [1], KEY)).toEqual(second);
    expect((await refusalOf(fork(first.jobId, [0], KEY))).code).toBe('IDEMPOTENCY_CONFLICT');
  });

  test('finds it however it has ended, and history when its object is gone', async () => {
    const source = await doneJob(user, 1);
    const { jobId } = await fork(source.jobId, undefined, KEY);
    await user.client.jobs.cancel.mutate({ jobId });
    expect(await fork(source.jobId, [0], KEY)).toMatchObject({
      jobId,
      status: 'canceled',
      uploads: [],
      deadline: null,
    });
    await untilEmpty(jobId);
    await user.client.jobs.delete.mutate({ jobId: source.jobId });
    expect(await fork(source.jobId, [0], KEY)).toMatchObject({
      jobId,
      status: 'canceled',
      uploads: [],
      deadline: null,
    });
  });

  test('under a key that was used for another source is a conflict, whether that one is there or not', async () => {
    const source = await doneJob(user, 1);
    const other = await doneJob(user, 1);
    await fork(source.jobId, undefined, KEY);
    expect((await refusalOf(fork(other.jobId, undefined, KEY))).code).toBe('IDEMPOTENCY_CONFLICT');
    await user.client.jobs.delete.mutate({ jobId: other.jobId });
    expect((await refusalOf(fork(other.jobId, undefined, KEY))).code).toBe('IDEMPOTENCY_CONFLICT');
  });

  test('while the first was stopped between its steps goes on from there, and is refused when the source is gone', async () => {
    const source = await doneJob(user, 1);
    const jobId = newJobId({ env }, user.userId, `${KEY}-half`);
    await userRpc(user.userId).reserve(null, { jobId, preset: 'interior', amount: 1 });
    expect(await fork(source.jobId, undefined, `${KEY}-half`)).toMatchObject({ jobId, status: 'uploaded' });
    const gone = newJobId({ env }, user.userId, `${KEY}-gone`);
    await userRpc(user.userId).reserve(null, { jobId: gone, preset: 'interior', amount: 1 });
    await user.client.jobs.delete.mutate({ jobId: source.jobId });
    expect((await refusalOf(fork(source.jobId, undefined, `${KEY}-gone`))).code).toBe('JOB_NOT_FOUND');
  });

  test('asks no object more than one that is made for the first time', async () => {
    const source = await doneJob(user, 1);
    const jobs = vi.spyOn(env.JOB_COORDINATOR, 'get');
    const users = vi.spyOn(env.USER_LIMITER, 'get');
    await fork(source.jobId, undefined, KEY);
    // The source says what it lends and notes it, the job is made; the session is looked at, the credits are held.
    expect([jobs.mock.calls.length, users.mock.calls.length]).toEqual([3, 2]);
  });
});
