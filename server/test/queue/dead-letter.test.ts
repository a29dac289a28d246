/** What the queue gave up on: sent again as long as there is time; then failed, refunded, listed for operators, and put to work as a new job. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { admin, creditsOf, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, MINUTE, pass, SECOND, wake } from '../../../proving/world/workerd/clock.ts';
import {
  dispatchOf,
  doneJob,
  finish,
  queuedJob,
  runningJob,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { d1, inspect, jobObject } from '../../../proving/world/workerd/objects.ts';
import { deliver, deliverDead, lastSent, sentFor } from '../../../proving/world/workerd/queue.ts';

const REASON = 'dead letter: the GPU provider did not take the job';
let user: User;
beforeEach(async () => {
  user = await signUp();
});

/** A job whose message the queue gave up on, and that ran out of time since. */
async function deadJob(count = 2) {
  const job = await queuedJob(user, count);
  expect((await deliverDead(lastSent(job.jobId))).acked).toEqual(['m0']);
  pass(DAY);
  await wake(jobObject(job.jobId));
  expect((await inspect(job.jobId)).status).toBe('failed');
  return job;
}

describe('a dead letter', () => {
  test('sends its run again after a wait, as the same run, and fails nothing', async () => {
    const { jobId } = await queuedJob(user, 3);
    for (let letter = 1; letter <= 4; letter++) {
      await deliverDead(lastSent(jobId));
      expect(sentFor(jobId)).toHaveLength(letter);
      pass(10 * MINUTE);
      await wake(jobObject(jobId));
      expect(sentFor(jobId)).toHaveLength(letter + 1);
    }
    expect(await inspect(jobId)).toMatchObject({ status: 'queued', attempt: 1, failed: 0 });
    await deliver(lastSent(jobId));
    const job = { userId: user.userId, jobId, photos: 3, dispatch: dispatchOf(jobId) };
    expect((await finish(job, [0, 1, 2])).body.data?.status).toBe('done');
    expect(await creditsOf(user)).toEqual({ balance: 7, held: 0, spent: 3 });
  });

  test('that was the last word when the time of the job is over fails it, refunds it, and leaves its reason in history', async () => {
    const { jobId } = await deadJob(3);
    const view = await user.client.jobs.get.query({ jobId });
    expect(view).toMatchObject({
      status: 'failed',
      error: REASON,
      charged: 0,
      progress: { done: 0, failed: 3, total: 3 },
    });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
    expect((await user.client.user.me.query()).activeJobs).toBe(0);
    expect(await d1('SELECT status, error FROM jobs_log WHERE job_id = ?', jobId)).toEqual([
      { status: 'failed', error: REASON },
    ]);
  });

  test('again changes nothing', async () => {
    const { jobId } = await queuedJob(user, 2);
    await deliverDead(lastSent(jobId));
    const before = await inspect(jobId);
    await deliverDead(lastSent(jobId), lastSent(jobId));
    expect(await inspect(jobId)).toEqual(before);
  });

  test('of an attempt that reached the provider after all is nothing', async () => {
    const job = await runningJob(user, 2);
    await deliverDead(lastSent(job.jobId));
    expect(await inspect(job.jobId)).toMatchObject({ status: 'running', failed: 0 });
    expect((await finish(job, [0, 1])).body.data?.status).toBe('done');
  });

  test('of an attempt that is over is nothing', async () => {
    const { jobId } = await runningJob(user, 2);
    const old = lastSent(jobId);
    pass(15 * MINUTE + SECOND);
    await wake(jobObject(jobId));
    expect((await inspect(jobId)).attempt).toBe(2);
    await deliverDead(old);
    expect(await inspect(jobId)).toMatchObject({ status: 'running', failed: 0, attempt: 2 });
  });

  test('that cannot be read is acked: nobody could ever do better', async () => {
    expect(await deliverDead({ poison: true })).toMatchObject({ acked: ['m0'], retried: [] });
  });

  test('whose job cannot be reached is retried, and the others of its batch are not', async () => {
    const first = lastSent((await queuedJob(user, 1)).jobId);
    user = await signUp();
    const second = lastSent((await queuedJob(user, 1)).jobId);
    vi.spyOn(env.JOB_COORDINATOR, 'get').mockImplementationOnce(() => {
      throw new Error('unreachable');
    });
    expect(await deliverDead(first, second)).toMatchObject({ acked: ['m1'], retried: ['m0'] });
    expect((await inspect(first.job_id)).status).toBe('queued');
    expect((await inspect(second.job_id)).pendingEffects).toMatchObject([{ name: 'send', tries: 1 }]);
    expect((await inspect(first.job_id)).pendingEffects).toEqual([]);
  });
});

describe('operators', () => {
  test('see dead letters newest first, a page at a time, and no other failed job', async () => {
    const dead: string[] = [];
    for (let job = 0; job < 3; job++) {
      user = await signUp();
      pass(SECOND);
      dead.unshift((await deadJob(1)).jobId);
    }
    await user.client.jobs.cancel.mutate({ jobId: (await uploadedJob(user, 1)).jobId });
    const found: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await admin().admin.listDeadLetters.query({ limit: 2, cursor });
      found.push(...page.deadLetters.map(({ jobId }) => jobId));
      expect(page.deadLetters[0]).toMatchObject({ error: REASON, finishedAt: expect.any(Date) });
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(found.slice(0, 3)).toEqual(dead);
    expect(new Set(found).size).toBe(found.length);
  });

  test('requeue a dead job as a new one on the same photos with the same choice, once a key', async () => {
    const old = await deadJob(2);
    const requeue = () => admin().admin.requeue.mutate({ jobId: old.jobId, idempotencyKey: 'requeue-01' });
    const { jobId, status } = await requeue();
    expect(status).toBe('queued');
    expect(jobId).not.toBe(old.jobId);
    expect(await requeue()).toEqual({ jobId, status: 'queued' });
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
    await deliver(lastSent(jobId));
    const { items, concepts } = dispatchOf(jobId);
    expect(concepts).toEqual(lastSent(old.jobId).concepts);
    expect(items.map(({ input_key }) => input_key)).toEqual(
      lastSent(old.jobId).items.map(({ input_key }) => input_key),
    );
    const job = { userId: user.userId, jobId, photos: 2, dispatch: dispatchOf(jobId) };
    expect((await finish(job, [0, 1])).body.data?.status).toBe('done');
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
    expect((await user.client.jobs.get.query({ jobId: old.jobId })).status).toBe('failed');
  });

  test('cannot requeue what was never executed, nor what does not exist', async () => {
    const { jobId } = await uploadedJob(user, 1);
    for (const id of [jobId, 'nonsense', env.JOB_COORDINATOR.idFromName('nobody:x').toString()]) {
      const requeue = admin().admin.requeue.mutate({ jobId: id, idempotencyKey: 'requeue-02' });
      expect((await refusalOf(requeue)).code).toBe('JOB_NOT_FOUND');
    }
    expect(await creditsOf(user)).toEqual({ balance: 9, held: 1, spent: 0 });
  });

  test('are refused a requeue that the user has no slot or credits for, and nothing is held', async () => {
    const old = await deadJob(2);
    const { jobId } = await uploadedJob(user, 1);
    const requeue = () => admin().admin.requeue.mutate({ jobId: old.jobId, idempotencyKey: 'requeue-03' });
    expect(await refusalOf(requeue())).toMatchObject({ code: 'CONCURRENCY_LIMIT', details: { activeJobs: [jobId] } });
    expect(await creditsOf(user)).toEqual({ balance: 9, held: 1, spent: 0 });
    await user.client.jobs.cancel.mutate({ jobId });
    expect((await requeue()).status).toBe('queued');
  });

  test('see why a job stands where it stands', async () => {
    const running = await runningJob(user, 2);
    expect(await admin().admin.job.query({ jobId: running.jobId })).toMatchObject({
      userId: user.userId,
      status: 'running',
      attempt: 1,
      dispatch: 'sent',
      providerId: `run-${running.jobId.slice(0, 8)}-1`,
      leaseUntil: Date.now() + 15 * MINUTE,
      nextAlarm: expect.any(Number),
      pendingEffects: [],
      charged: null,
    });
    const other = await signUp();
    const { jobId } = await doneJob(other, 1);
    expect(await admin().admin.job.query({ jobId })).toMatchObject({ status: 'done', leaseUntil: null, charged: 1 });
  });
});
