/** Jobs made from an earlier job's photos: forks and retries of what failed, with nothing to upload. */
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { inputKey, outputKey } from '../../src/domain/keys.ts';
import { creditsOf, refusalOf, signUp, type User } from '../support/client.ts';
import { DAY, pass, SECOND, wake } from '../support/clock.ts';
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
} from '../support/jobs.ts';
import { jobObject, keysOf } from '../support/objects.ts';
import { deliver, lastSent } from '../support/queue.ts';

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

test('inputs stay while a job made from them lives, and go once it has ended', async () => {
  const source = await doneJob(user, 1);
  const { jobId } = await fork(source.jobId);
  pass(DAY - SECOND);
  const job = await run(jobId, 1);
  pass(2 * SECOND);
  await wake(jobObject(source.jobId));
  expect(await keysOf(`inputs/${user.userId}/${source.jobId}`)).toHaveLength(1);
  await finish(job, [0]);
  pass(2 * 3_600_000);
  await wake(jobObject(source.jobId));
  expect(await keysOf(`inputs/${user.userId}/${source.jobId}`)).toEqual([]);
  expect(await keysOf(`outputs/${user.userId}`)).toHaveLength(2);
});

test('deleting a job keeps its inputs for a live job made from them, though its results are gone', async () => {
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
  expect(await keysOf(source.jobId)).toEqual([]);
  expect(await keysOf(jobId)).toHaveLength(2);
});

test('a reservation for a fork that never came to be does not keep the inputs', async () => {
  const source = await doneJob(user, 1);
  const never = env.JOB_COORDINATOR.idFromName('nobody:never').toString();
  await jobObject(source.jobId).lend({ userId: user.userId, requestId: 'test' }, never);
  pass(DAY + SECOND);
  await wake(jobObject(source.jobId));
  expect(await keysOf(`inputs/${user.userId}/${source.jobId}`)).toEqual([]);
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
  pass(DAY + SECOND);
  await wake(jobObject(source.jobId));
  expect((await refusalOf(fork(source.jobId))).code).toBe('INVALID_TRANSITION');
  const me = await user.client.user.me.query();
  expect(me).toMatchObject({ activeJobs: 0, credits: { held: 0, spent: 2 } });
});

test('an uploaded job that was canceled before it was executed cannot be a source', async () => {
  const { jobId } = await uploadedJob(user, 1);
  await user.client.jobs.cancel.mutate({ jobId });
  expect((await refusalOf(fork(jobId))).code).toBe('INVALID_TRANSITION');
});
