/** What a job leaves behind, and for how long: inputs a day, results 30 days, then nothing but history. */
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test, vi } from 'vitest';
import { maskKey, outputKey, previewKey } from '../../src/domain/keys.ts';
import { clientFor, signUp, type User } from '../support/client.ts';
import { DAY, HOUR, MINUTE, pass, SECOND, START, wake } from '../support/clock.ts';
import {
  createdJob,
  doneItem,
  doneJob,
  failedItem,
  putInputs,
  putResults,
  report,
  runningJob,
} from '../support/jobs.ts';
import { d1, inspect, jobObject, keysOf, sqlIn } from '../support/objects.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});
/** Tokens live as long as results do. */
const renewed = async () => clientFor((await user.client.auth.renew.mutate()).token);
const wakeJob = (jobId: string) => wake(jobObject(jobId));
const tables = (jobId: string) =>
  sqlIn(jobObject(jobId), "SELECT name FROM sqlite_master WHERE name IN ('job', 'event')");

test('inputs stay for a day after the end, and are deleted then; results stay', async () => {
  const { jobId } = await doneJob(user, 2);
  pass(DAY - SECOND);
  await wakeJob(jobId);
  expect(await keysOf(`inputs/${user.userId}/${jobId}`)).toHaveLength(2);
  pass(SECOND);
  await wakeJob(jobId);
  expect(await keysOf(`inputs/${user.userId}/${jobId}`)).toEqual([]);
  expect(await keysOf(jobId)).toHaveLength(4);
  const view = await user.client.jobs.get.query({ jobId });
  expect(view).toMatchObject({ status: 'done', keptUntil: new Date(START + 30 * DAY) });
  expect(view.items[0]?.resultUrl).toBeDefined();
});

test('what lay there of photos that were not finished goes with the inputs', async () => {
  const job = await runningJob(user, 2);
  await putResults(job, [0, 1]);
  await env.R2.put(maskKey(job, 0, 'Floor'), 'png');
  await env.R2.put(maskKey(job, 1, 'Floor'), 'png');
  await report(job, { items: [doneItem(job, 0), failedItem(1)] });
  pass(DAY);
  await wakeJob(job.jobId);
  expect((await keysOf(job.jobId)).toSorted()).toEqual(
    [maskKey(job, 0, 'Floor'), outputKey(job, 0), previewKey(job, 0)].toSorted(),
  );
});

test('after 30 days everything is gone, the object included, and history still tells the story', async () => {
  const { jobId } = await doneJob(user, 2);
  pass(DAY);
  await wakeJob(jobId);
  pass(29 * DAY - SECOND);
  await wakeJob(jobId);
  expect(await keysOf(jobId)).toHaveLength(4);
  pass(SECOND);
  await wakeJob(jobId);
  expect(await keysOf(jobId)).toEqual([]);
  expect(await tables(jobId)).toEqual([]);
  expect(await wakeJob(jobId)).toBe(false);
  const client = await renewed();
  const history = await client.jobs.get.query({ jobId });
  expect(history).toMatchObject({
    status: 'done',
    charged: 2,
    progress: { done: 2, failed: 0, total: 2 },
    deadline: null,
  });
  expect(history.items).toEqual([
    { idx: 0, status: 'done' },
    { idx: 1, status: 'done' },
  ]);
  expect((await client.jobs.list.query()).jobs.map((job) => job.jobId)).toEqual([jobId]);
  expect(await d1('SELECT amount FROM billing_events WHERE ref = ?', jobId)).toEqual([{ amount: -2 }]);
});

test('no result URL is given out once the results are no longer kept, even before they are deleted', async () => {
  const { jobId } = await doneJob(user, 1);
  pass(30 * DAY - SECOND);
  const client = await renewed();
  expect((await client.jobs.get.query({ jobId })).items[0]?.resultUrl).toBeDefined();
  pass(SECOND);
  expect((await client.jobs.get.query({ jobId })).items).toEqual([{ idx: 0, status: 'done' }]);
  expect(await keysOf(jobId)).toHaveLength(3);
});

test('nothing is deleted before history is written', async () => {
  const job = await runningJob(user, 1);
  await putResults(job, [0]);
  const down = vi.spyOn(env.DB, 'batch').mockRejectedValue(new Error('D1_ERROR: down'));
  await report(job, doneItem(job, 0));
  pass(40 * DAY);
  await wakeJob(job.jobId);
  expect(await keysOf(job.jobId)).toHaveLength(3);
  expect(await tables(job.jobId)).toHaveLength(2);
  down.mockRestore();
  pass(HOUR);
  await wakeJob(job.jobId);
  pass(HOUR);
  await wakeJob(job.jobId);
  expect(await keysOf(job.jobId)).toEqual([]);
  expect(await d1('SELECT status FROM jobs_log WHERE job_id = ?', job.jobId)).toEqual([{ status: 'done' }]);
});

test('a deletion that R2 refuses is tried again, and nothing is forgotten before it is done', async () => {
  const { jobId } = await doneJob(user, 1);
  const down = vi.spyOn(env.R2, 'delete').mockRejectedValue(new Error('R2 is down'));
  pass(30 * DAY);
  await wakeJob(jobId);
  expect(await tables(jobId)).toHaveLength(2);
  expect((await inspect(jobId)).pendingEffects).toMatchObject([{ name: 'cleanUp', tries: 1 }]);
  down.mockRestore();
  pass(HOUR);
  await wakeJob(jobId);
  expect(await keysOf(jobId)).toEqual([]);
  expect(await tables(jobId)).toEqual([]);
});

test("a clean-up touches no other job's photos", async () => {
  const kept = await doneJob(user, 1);
  const { jobId } = await doneJob(user, 1);
  pass(30 * DAY);
  await wakeJob(jobId);
  expect(await keysOf(jobId)).toEqual([]);
  expect(await keysOf(kept.jobId)).toHaveLength(3);
});

// Whoever still has a signed PUT of the GPU worker may use it after the user has deleted the job.
test('what is put after the deletion, while its URL is still good, is deleted when the URL has ended', async () => {
  const job = await runningJob(user, 1);
  await putResults(job, [0]);
  await report(job, doneItem(job, 0));
  await user.client.jobs.delete.mutate({ jobId: job.jobId });
  expect(await keysOf(job.jobId)).toEqual([]);
  await putResults(job, [0]);
  await wakeJob(job.jobId);
  expect(await tables(job.jobId)).toHaveLength(2);
  pass(HOUR);
  await wakeJob(job.jobId);
  expect(await keysOf(job.jobId)).toEqual([]);
  expect(await tables(job.jobId)).toEqual([]);
});

// Regression: a URL is still good in the millisecond of its end, and the last look came in that one.
test('what is put in the very moment in which its URL ends is deleted as well', async () => {
  const job = await createdJob(user, 1);
  pass(15 * MINUTE);
  await user.client.jobs.cancel.mutate({ jobId: job.jobId });
  await user.client.jobs.delete.mutate({ jobId: job.jobId });
  await putInputs(job, [0]);
  pass(1);
  await wakeJob(job.jobId);
  expect(await keysOf(job.jobId)).toEqual([]);
  expect(await tables(job.jobId)).toEqual([]);
});

// Regression: the clean-up went by who had borrowed the photos when it began.
test.for([
  'the first',
  'the last',
] as const)('a job that is made while %s look of the clean-up is under way keeps its photos', async (which) => {
  const { jobId } = await doneJob(user, 2);
  pass(DAY);
  const list = env.R2.list.bind(env.R2);
  const looks = vi.spyOn(env.R2, 'list');
  let made: string | undefined;
  looks.mockImplementation(async (options) => {
    const prefix = options?.prefix ?? '';
    const now = which === 'the first' || prefix.startsWith('outputs/');
    if (made === undefined && now && !prefix.startsWith('inputs/')) {
      made = '';
      made = (await user.client.jobs.create.mutate({ from: { jobId } })).jobId;
    }
    return list(options);
  });
  await wakeJob(jobId);
  looks.mockRestore();
  expect(made).toMatch(/./);
  expect(await keysOf(`inputs/${user.userId}/${jobId}`)).toHaveLength(2);
  expect((await user.client.jobs.get.query({ jobId: made ?? '' })).status).toBe('uploaded');
});
