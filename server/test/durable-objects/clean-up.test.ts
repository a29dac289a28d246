/** What a job leaves behind, and for how long: results and inputs 30 days, then nothing but history; of one that never ran nothing else. */
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test, vi } from 'vitest';
import { clientFor, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, MINUTE, pass, SECOND, START, wake } from '../../../proving/world/workerd/clock.ts';
import {
  createdJob,
  doneItem,
  doneJob,
  failedItem,
  putInputs,
  putResults,
  queuedJob,
  report,
  runningJob,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { d1, inspect, jobObject, keysOf, sqlIn } from '../../../proving/world/workerd/objects.ts';
import { inputKey, maskKey, outputKey, previewKey } from '../../src/domain/keys.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});
/** Tokens live as long as results do. */
const renewed = async () => clientFor((await user.client.auth.renew.mutate()).token);
/** How long an attempt at one photo may take without the minute of its photo. */
const DISPATCHED = 15 * MINUTE;
const wakeJob = (jobId: string) => wake(jobObject(jobId));
const tables = (jobId: string) =>
  sqlIn(jobObject(jobId), "SELECT name FROM sqlite_master WHERE name IN ('job', 'event')");

test('inputs stay as long as results, and go with them', async () => {
  const { jobId } = await doneJob(user, 2);
  pass(30 * DAY - SECOND);
  await wakeJob(jobId);
  expect(await keysOf(`inputs/${user.userId}/${jobId}`)).toHaveLength(2);
  expect(await keysOf(jobId)).toHaveLength(6);
  user.client = await renewed();
  const view = await user.client.jobs.get.query({ jobId });
  expect(view).toMatchObject({ status: 'done', keptUntil: new Date(START + 30 * DAY) });
  expect(view.items[0]?.resultUrl).toBeDefined();
  pass(SECOND);
  await wakeJob(jobId);
  expect(await keysOf(jobId)).toEqual([]);
});

test('a job that was executed and called off keeps its inputs as well', async () => {
  const { jobId } = await queuedJob(user, 1);
  await user.client.jobs.cancel.mutate({ jobId });
  pass(29 * DAY);
  await wakeJob(jobId);
  expect(await keysOf(jobId)).toHaveLength(1);
});

/** Wakes the object when it wants to be woken. @returns how long that took */
async function wakeInTime(jobId: string): Promise<number> {
  const ms = Math.max(0, ((await inspect(jobId)).nextAlarm ?? Number.NaN) - Date.now());
  pass(ms);
  await wakeJob(jobId);
  return ms;
}

test.for([
  ['created', createdJob],
  ['uploaded', uploadedJob],
] as const)('a job that was canceled while it was %s leaves one row in D1, and an empty object within the hour', async ([
  ,
  make,
]) => {
  const { jobId } = await make(user, 3);
  await user.client.jobs.cancel.mutate({ jobId });
  const view = await user.client.jobs.get.query({ jobId });
  const listed = await user.client.jobs.list.query();
  let took = 0;
  while ((await tables(jobId)).length > 0) took += await wakeInTime(jobId);
  expect(took).toBeLessThan(HOUR);
  expect(await wakeJob(jobId)).toBe(false);
  expect(await keysOf(jobId)).toEqual([]);
  expect(await d1('SELECT status, total FROM jobs_log WHERE job_id = ?', jobId)).toEqual([
    { status: 'canceled', total: 3 },
  ]);
  expect(await d1('SELECT 1 FROM job_items_log WHERE job_id = ?', jobId)).toEqual([]);
  const { ticket: _, keptUntil: __, ...past } = await user.client.jobs.get.query({ jobId });
  expect(view).toMatchObject(past);
  expect(past.items).toEqual([0, 1, 2].map((idx) => ({ idx, status: 'canceled' })));
  expect(await user.client.jobs.list.query()).toEqual(listed);
  await user.client.jobs.delete.mutate({ jobId });
  expect((await refusalOf(user.client.jobs.get.query({ jobId }))).code).toBe('JOB_NOT_FOUND');
  expect((await user.client.jobs.list.query()).jobs).toEqual([]);
});

test("nobody deletes what only history has of another's job", async () => {
  const { jobId } = await createdJob(user, 1);
  await user.client.jobs.cancel.mutate({ jobId });
  while ((await tables(jobId)).length > 0) await wakeInTime(jobId);
  const stranger = await signUp();
  expect((await refusalOf(stranger.client.jobs.delete.mutate({ jobId }))).code).toBe('JOB_NOT_FOUND');
  expect((await user.client.jobs.get.query({ jobId })).status).toBe('canceled');
});

test('what lay there of photos that were not finished goes when nothing can bring it back', async () => {
  const job = await runningJob(user, 2);
  await putResults(job, [0, 1]);
  await env.R2.put(maskKey(job, 0, 'Floor'), 'png');
  await env.R2.put(maskKey(job, 1, 'Floor'), 'png');
  await report(job, { items: [doneItem(job, 0), failedItem(1)] });
  // Its GPU worker may write for a while yet, and what it began to write arrives when it does.
  await wakeJob(job.jobId);
  expect(await keysOf(job.jobId)).toHaveLength(8);
  pass(HOUR);
  await wakeJob(job.jobId);
  const inputs = [inputKey(job, 0), inputKey(job, 1)];
  expect((await keysOf(job.jobId)).toSorted()).toEqual(
    [...inputs, maskKey(job, 0, 'Floor'), outputKey(job, 0), previewKey(job, 0)].toSorted(),
  );
});

test('after 30 days everything is gone, the object included, and history still tells the story', async () => {
  const { jobId } = await doneJob(user, 2);
  pass(30 * DAY - SECOND);
  await wakeJob(jobId);
  expect(await keysOf(jobId)).toHaveLength(6);
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
  const end = DISPATCHED + MINUTE;
  await report(deleted, failedItem(0));
  await user.client.jobs.delete.mutate({ jobId: deleted.jobId });
  await putResults(tidied, [0]);
  await report(tidied, { items: [doneItem(tidied, 0), failedItem(1)] });
  pass(end + MINUTE - SECOND);
  for (const { jobId } of [deleted, tidied]) await wakeJob(jobId);
  await putResults(deleted, [0]);
  await putResults(tidied, [1]);
  pass(30 * MINUTE + 2 * SECOND);
  for (const { jobId } of [deleted, tidied]) await wakeJob(jobId);
  expect(await keysOf(deleted.jobId)).toEqual([]);
  expect(await tables(deleted.jobId)).toEqual([]);
  expect(await keysOf(tidied.jobId)).toHaveLength(4);
});

test('a whole job has its storage listed seven times, and no clean-up of its own when all is done', async () => {
  const looks = vi.spyOn(env.R2, 'list');
  const { jobId } = await doneJob(user, 2);
  expect(looks).toHaveBeenCalledTimes(3);
  expect((await inspect(jobId)).nextAlarm).toBeLessThanOrEqual(START + 30 * DAY);
  pass(DAY);
  await wakeJob(jobId);
  pass(29 * DAY);
  await wakeJob(jobId);
  expect(await tables(jobId)).toEqual([]);
  expect(looks).toHaveBeenCalledTimes(7);
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
