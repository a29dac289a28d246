/** What arrives when its job is about to go, and what happens to a job meanwhile: nothing stays in storage. */
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test, vi } from 'vitest';
import { clientFor, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, MINUTE, pass, SECOND, wake } from '../../../proving/world/workerd/clock.ts';
import {
  createdJob,
  doneItem,
  doneJob,
  failedItem,
  putInputs,
  putResults,
  report,
  runningJob,
} from '../../../proving/world/workerd/jobs.ts';
import { d1, jobObject, keysOf, sqlIn } from '../../../proving/world/workerd/objects.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});
/** Tokens live as long as results do. */
const renewed = async () => clientFor((await user.client.auth.renew.mutate()).token);
const wakeJob = (jobId: string) => wake(jobObject(jobId));
const tables = (jobId: string) =>
  sqlIn(jobObject(jobId), "SELECT name FROM sqlite_master WHERE name IN ('job', 'event')");

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
  pass(DAY + HOUR);
  await wakeJob(job.jobId);
  expect(await keysOf(job.jobId)).toEqual([]);
  expect(await tables(job.jobId)).toEqual([]);
});

// Regression: a PUT that began before its URL ended, and arrived after the clean-up, stayed for ever.
test('what is sent until the last moment of its URL, and arrives half an hour later, is deleted as well', async () => {
  const job = await createdJob(user, 1);
  pass(15 * MINUTE);
  await user.client.jobs.cancel.mutate({ jobId: job.jobId });
  await user.client.jobs.delete.mutate({ jobId: job.jobId });
  pass(MINUTE);
  await wakeJob(job.jobId);
  expect(await tables(job.jobId)).toHaveLength(2);
  pass(29 * MINUTE);
  await putInputs(job, [0]);
  await wakeJob(job.jobId);
  expect(await keysOf(job.jobId)).toHaveLength(1);
  pass(1);
  await wakeJob(job.jobId);
  expect(await keysOf(job.jobId)).toEqual([]);
  expect(await tables(job.jobId)).toEqual([]);
});

test('what a GPU worker sends until its last moment is deleted as well, of a job that was deleted and of photos that failed', async () => {
  const [deleted, tidied] = [await runningJob(user, 1), await runningJob(await signUp(), 2)];
  await report(deleted, failedItem(0));
  await user.client.jobs.delete.mutate({ jobId: deleted.jobId });
  await putResults(tidied, [0]);
  await report(tidied, { items: [doneItem(tidied, 0), failedItem(1)] });
  // URLs of the GPU worker end with the job's time, a day.
  pass(DAY - SECOND);
  for (const { jobId } of [deleted, tidied]) await wakeJob(jobId);
  await putResults(deleted, [0]);
  await putResults(tidied, [1]);
  pass(30 * MINUTE + 2 * SECOND);
  for (const { jobId } of [deleted, tidied]) await wakeJob(jobId);
  expect(await keysOf(deleted.jobId)).toEqual([]);
  expect(await tables(deleted.jobId)).toEqual([]);
  expect(await keysOf(tidied.jobId)).toHaveLength(4);
});

test('a job that is deleted while its clean-up is under way is deleted with its history', async () => {
  const { jobId } = await doneJob(user, 1);
  pass(30 * DAY);
  user.client = await renewed();
  const list = env.R2.list.bind(env.R2);
  let deleted = false;
  vi.spyOn(env.R2, 'list').mockImplementation(async (options) => {
    if (!deleted) {
      deleted = true;
      // Its own clean-up waits for the one that runs, and this one for the answer.
      void user.client.jobs.delete.mutate({ jobId });
      await expect
        .poll(async () => (await sqlIn(jobObject(jobId), 'SELECT state FROM job'))[0]?.state)
        .toMatch(/"deletedAt":\d/);
    }
    return list(options);
  });
  await wakeJob(jobId);
  pass(HOUR);
  await wakeJob(jobId);
  expect(await d1('SELECT 1 FROM jobs_log WHERE job_id = ?', jobId)).toEqual([]);
  expect(await tables(jobId)).toEqual([]);
});

// Regression: the clean-up went by who had borrowed the photos when it began.
test.for([
  'the first',
  'the last',
] as const)('a job that is made while %s look of the clean-up is under way keeps its photos', async (which) => {
  const { jobId } = await doneJob(user, 2);
  pass(30 * DAY);
  user.client = await renewed();
  const list = env.R2.list.bind(env.R2);
  const looks = vi.spyOn(env.R2, 'list');
  let made: string | undefined;
  looks.mockImplementation(async (options) => {
    const prefix = options?.prefix ?? '';
    const now = which === 'the first' || prefix.startsWith('masks/');
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
