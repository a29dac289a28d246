/** What a job leaves behind, and for how long: results and inputs 30 days, then nothing but history; of one that never ran nothing else. */
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test, vi } from 'vitest';
import { clientFor, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, pass, SECOND, START, wake } from '../../../proving/world/workerd/clock.ts';
import {
  createdJob,
  doneItem,
  doneJob,
  failedItem,
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
  pass(DAY + HOUR);
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
