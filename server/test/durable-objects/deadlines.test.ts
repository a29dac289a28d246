/** JobCoordinatorDO and the clock: expiry, leases, attempts, and what the provider says of a run. */
import { beforeEach, describe, expect, test } from 'vitest';
import { creditsOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, MINUTE, pass, SECOND, wake } from '../../../proving/world/workerd/clock.ts';
import { answering, gpu } from '../../../proving/world/workerd/gpu.ts';
import {
  createdJob,
  doneItem,
  failedItem,
  finish,
  putInputs,
  putResults,
  queuedJob,
  report,
  runningJob,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { d1, inspect, jobObject, userObject } from '../../../proving/world/workerd/objects.ts';
import { deliver, lastSent, sentFor } from '../../../proving/world/workerd/queue.ts';

const LEASE = 15 * MINUTE;
let user: User;
beforeEach(async () => {
  user = await signUp();
});
const wakeJob = (jobId: string) => wake(jobObject(jobId));
/** Lets the lease end, and wakes the job. */
const endLease = async (jobId: string) => {
  pass(LEASE + SECOND);
  expect(await wakeJob(jobId)).toBe(true);
};

describe('expiry', () => {
  test('a job that was not uploaded within an hour is canceled and refunded, and not a minute earlier', async () => {
    const { jobId } = await createdJob(user, 3);
    pass(59 * MINUTE);
    await wakeJob(jobId);
    expect((await inspect(jobId)).status).toBe('created');
    pass(MINUTE);
    await wakeJob(jobId);
    expect(await inspect(jobId)).toMatchObject({ status: 'canceled', error: 'upload expired', charged: 0 });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
    expect((await user.client.user.me.query()).activeJobs).toBe(0);
    expect(await d1('SELECT status, error FROM jobs_log WHERE job_id = ?', jobId)).toEqual([
      { status: 'canceled', error: 'upload expired' },
    ]);
    expect(await d1('SELECT 1 FROM billing_events WHERE ref = ?', jobId)).toEqual([]);
  });

  test('a job whose upload URLs are asked for again is waited for as long as that goes on, for a day at most, and keeps its credits and its slot', async () => {
    const { jobId } = await createdJob(user, 3);
    const start = Date.now();
    /** When the job ends by itself, as `renewUploads` and `get` say; null once it has ended. */
    const renew = async () => {
      const { deadline } = await user.client.jobs.renewUploads.mutate({ jobId, indexes: [0, 2] });
      expect((await user.client.jobs.get.query({ jobId })).deadline).toEqual(deadline);
      return deadline.getTime() - start;
    };
    const wakeAll = async () => {
      await wakeJob(jobId);
      await wake(userObject(user.userId));
    };
    for (let asked = 1; asked * 50 * MINUTE < DAY; asked++) {
      pass(50 * MINUTE);
      expect(await renew()).toBe(Math.min(asked * 50 * MINUTE + HOUR, DAY));
      expect((await inspect(jobId)).nextAlarm).toBeLessThanOrEqual(start + Math.min(asked * 50 * MINUTE + HOUR, DAY));
      await wakeAll();
      expect(await creditsOf(user)).toEqual({ balance: 7, held: 3, spent: 0 });
      expect((await user.client.user.me.query()).activeJobs).toBe(1);
    }
    pass(start + DAY - SECOND - Date.now());
    await wakeAll();
    expect(await renew()).toBe(DAY);
    pass(SECOND);
    await wakeAll();
    expect(await inspect(jobId)).toMatchObject({ status: 'canceled', error: 'upload expired', charged: 0 });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });

  test('photos that take longer than an hour become a job, when their URLs were asked for meanwhile', async () => {
    const job = await createdJob(user, 1);
    const { jobId } = job;
    for (const _ of [1, 2, 3]) {
      pass(40 * MINUTE);
      await user.client.jobs.renewUploads.mutate({ jobId, indexes: [0] });
      await wakeJob(jobId);
    }
    await putInputs(job, [0]);
    expect(await user.client.jobs.confirmUpload.mutate({ jobId })).toEqual({ status: 'uploaded' });
    // Nobody asks any more: an hour later it would have been over.
    pass(2 * HOUR);
    await wakeJob(jobId);
    expect((await inspect(jobId)).status).toBe('uploaded');
  });

  test('a job that was not executed within a day of its upload is canceled and refunded', async () => {
    const { jobId } = await uploadedJob(user, 3);
    pass(DAY - SECOND);
    await wakeJob(jobId);
    expect((await inspect(jobId)).status).toBe('uploaded');
    pass(SECOND);
    await wakeJob(jobId);
    expect(await inspect(jobId)).toMatchObject({ status: 'canceled', error: 'not executed in time' });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });

  test('after a day of execution what is open fails and is refunded, what is done stays and is charged', async () => {
    const job = await runningJob(user, 3);
    await putResults(job, [1]);
    await report(job, doneItem(job, 1));
    pass(DAY);
    await wakeJob(job.jobId);
    const view = await user.client.jobs.get.query({ jobId: job.jobId });
    expect(view).toMatchObject({ status: 'done', charged: 1, progress: { done: 1, failed: 2, total: 3 } });
    expect(view.items[0]?.error).toBe('not processed in time');
    expect(await creditsOf(user)).toEqual({ balance: 9, held: 0, spent: 1 });
    expect(gpu.canceled).toEqual([job.dispatch.job_id.slice(0, 8)].map((id) => `run-${id}-1`));
  });
});

describe('a run of which nothing is heard', () => {
  const said =
    (status: string, more: object = {}) =>
    () =>
      Response.json({ status, ...more });
  const runName = (jobId: string, attempt = 1) => `run-${jobId.slice(0, 8)}-${attempt}`;
  const ask = async (jobId: string, after: number) => {
    pass(after);
    expect(await wakeJob(jobId)).toBe(true);
  };

  test('is asked for after half a minute; while it waits at the provider no try and no time is used up', async () => {
    gpu.script.status = said('IN_QUEUE');
    const { jobId } = await runningJob(user, 4);
    for (let hour = 0; hour < 3; hour++) {
      for (let time = 0; time < 15; time++) await ask(jobId, 4 * MINUTE);
    }
    expect(gpu.statusAsked.length).toBeGreaterThan(40);
    expect(sentFor(jobId)).toHaveLength(1);
    expect(await inspect(jobId)).toMatchObject({ attempt: 1, dispatch: 'sent', leaseUntil: Date.now() + LEASE });
  });

  test('and that is at work goes on to the end of what the provider grants it, and is canceled then', async () => {
    gpu.script.status = said('RUNNING');
    const { jobId } = await runningJob(user, 1);
    await ask(jobId, MINUTE);
    await ask(jobId, LEASE);
    expect(await inspect(jobId)).toMatchObject({ attempt: 1, leaseUntil: Date.now() + MINUTE });
    await ask(jobId, MINUTE);
    expect(await inspect(jobId)).toMatchObject({ attempt: 2, dispatch: 'none' });
    expect(gpu.canceled).toEqual([runName(jobId)]);
  });

  test.for([
    'FAILED',
    'TIMED_OUT',
    'CANCELLED',
  ])('and that is %s is tried again at once, in halves, and the words of the provider are kept for operators', async (status) => {
    gpu.script.status = said(status, { error: 'CUDA out of memory on https://x.test/a.png?X-Amz-Signature=abcdef' });
    const { jobId } = await runningJob(user, 4);
    await ask(jobId, 30 * SECOND);
    expect(gpu.canceled).toEqual([]);
    const message = lastSent(jobId);
    expect(message).toMatchObject({ attempt: 2, idempotency_prefix: `${jobId}:2` });
    expect(message.callback_url).toContain('?attempt=2');
    expect(message.items.map(({ idx }) => idx)).toEqual([0, 1]);
    await deliver(message);
    expect(await inspect(jobId)).toMatchObject({
      runs: [{ attempt: 2, photos: 2, dispatch: 'sent', providerId: runName(jobId, 2) }],
      waitingPhotos: 2,
      providerSaid: { attempt: 1, words: expect.stringContaining(`${status}: CUDA out of memory`) },
    });
    expect(JSON.stringify(await inspect(jobId))).not.toContain('abcdef');
  });

  test('and that is COMPLETED with photos open is tried again half a minute later, if they are still', async () => {
    gpu.script.status = said('COMPLETED');
    const job = await runningJob(user, 3);
    await ask(job.jobId, 30 * SECOND);
    expect(await inspect(job.jobId)).toMatchObject({ attempt: 1, leaseUntil: Date.now() + 30 * SECOND });
    await report(job, failedItem(1));
    await ask(job.jobId, 30 * SECOND);
    expect(lastSent(job.jobId)).toMatchObject({ attempt: 2, items: [{ idx: 0 }] });
    expect(gpu.canceled).toEqual([]);
  });

  test('and that the provider has forgotten is tried again at once if it was known there, and waited for if it never was', async () => {
    const [known, never] = [await runningJob(user, 2), await runningJob(await signUp(), 2)];
    gpu.script.status = (run) =>
      run === runName(known.jobId) ? Response.json({ status: 'IN_QUEUE' }) : answering(404)();
    for (const { jobId } of [known, never]) await ask(jobId, 30 * SECOND);
    gpu.script.status = answering(404);
    for (const { jobId } of [known, never]) await ask(jobId, 2 * MINUTE);
    expect((await inspect(known.jobId)).attempt).toBe(2);
    expect((await inspect(never.jobId)).attempt).toBe(1);
    await ask(never.jobId, LEASE);
    expect((await inspect(never.jobId)).attempt).toBe(2);
    expect(gpu.canceled).toEqual([runName(never.jobId)]);
    expect(gpu.statusAsked.filter((run) => run === runName(never.jobId))).toHaveLength(1);
  });

  test('whose provider does not answer is waited for until its lease ends, and canceled then', async () => {
    gpu.script.status = answering(500);
    const { jobId } = await runningJob(user, 2);
    await ask(jobId, LEASE - SECOND);
    expect((await inspect(jobId)).attempt).toBe(1);
    await ask(jobId, SECOND);
    expect((await inspect(jobId)).attempt).toBe(2);
    expect(gpu.canceled).toEqual([runName(jobId)]);
  });
});

describe('a lease that ends', () => {
  test('sends a message that never reached its consumer again as the same run', async () => {
    const { jobId } = await queuedJob(user, 2);
    await endLease(jobId);
    expect(sentFor(jobId).map(({ attempt }) => attempt)).toEqual([1, 1]);
    expect(gpu.statusAsked).toEqual([]);
    await deliver(...sentFor(jobId));
    expect(gpu.dispatchesOf(jobId)).toHaveLength(1);
  });

  test('is renewed by an accepted result with the number of its run only, in the address before the body', async () => {
    const job = await runningJob(user, 4);
    const leaseUntil = async () => (await inspect(job.jobId)).leaseUntil;
    const before = await leaseUntil();
    pass(MINUTE);
    await report(job, failedItem(0));
    await report(job, { ...failedItem(1), attempt: 2 });
    expect(await leaseUntil()).toBe(before);
    await report(job, { ...failedItem(2), attempt: 1 });
    expect(await leaseUntil()).toBe(Date.now() + LEASE);
    pass(MINUTE);
    await report(job, { ...failedItem(2), attempt: 1 });
    expect(await leaseUntil()).toBe(Date.now() - MINUTE + LEASE);
  });

  test('leaves results of the old run good for open photos, without renewing the new lease', async () => {
    const job = await runningJob(user, 2);
    await endLease(job.jobId);
    await deliver(lastSent(job.jobId));
    pass(MINUTE);
    await putResults(job, [1]);
    expect((await report(job, doneItem(job, 1, 1))).body.data?.items).toEqual([{ idx: 1, outcome: 'accepted' }]);
    expect(await inspect(job.jobId)).toMatchObject({ attempt: 2, done: 1, leaseUntil: Date.now() - MINUTE + LEASE });
  });

  test('for the third time fails a photo, each by itself, and refunds it', async () => {
    const job = await runningJob(user, 2);
    await putResults(job, [0]);
    await report(job, doneItem(job, 0));
    for (const attempt of [2, 3]) {
      await endLease(job.jobId);
      expect(lastSent(job.jobId).attempt).toBe(attempt);
      await deliver(lastSent(job.jobId));
    }
    await endLease(job.jobId);
    expect(sentFor(job.jobId)).toHaveLength(3);
    const view = await user.client.jobs.get.query({ jobId: job.jobId });
    expect(view).toMatchObject({ status: 'done', charged: 1, error: 'not processed within 3 attempts' });
    expect(view.items[1]).toEqual({ idx: 1, status: 'failed', error: 'not processed within 3 attempts' });
    expect(await creditsOf(user)).toEqual({ balance: 9, held: 0, spent: 1 });
  });

  test('with nothing done at the last try makes the job failed, and everything is refunded', async () => {
    const { jobId } = await runningJob(user, 1);
    for (const _ of [2, 3]) {
      await endLease(jobId);
      await deliver(lastSent(jobId));
    }
    await endLease(jobId);
    expect(await inspect(jobId)).toMatchObject({ status: 'failed', charged: 0, attempt: 3 });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
    expect(await d1('SELECT 1 FROM billing_events WHERE ref = ?', jobId)).toEqual([]);
  });
});

test('an alarm of an ended job before its retention changes nothing', async () => {
  const job = await runningJob(user, 1);
  await finish(job, [0]);
  const before = await inspect(job.jobId);
  pass(HOUR);
  await wakeJob(job.jobId);
  const { nextAlarm: _, ...after } = await inspect(job.jobId);
  expect(before).toMatchObject(after);
});
