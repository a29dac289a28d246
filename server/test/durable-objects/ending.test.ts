/** How jobs end: what really lies in R2 is charged, cancel and completion race, and late callbacks change nothing. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { outputKey } from '../../src/domain/keys.ts';
import { clientFor, creditsOf, signUp, type User } from '../support/client.ts';
import { gpu } from '../support/gpu.ts';
import {
  dispatchOf,
  doneItem,
  failedItem,
  finish,
  putResults,
  queuedJob,
  range,
  report,
  runningJob,
  uploadedJob,
} from '../support/jobs.ts';
import { d1, inspect, jobRpc, keysOf } from '../support/objects.ts';
import { deliver, lastSent } from '../support/queue.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});
const charges = (jobId: string) => d1('SELECT amount FROM billing_events WHERE ref = ?', jobId);

describe('what is charged', () => {
  test('a photo that is reported done and whose result is missing or empty fails and is not charged', async () => {
    const job = await runningJob(user, 3);
    await env.R2.put(outputKey(job, 0), 'png');
    await env.R2.put(outputKey(job, 1), '');
    const { body } = await report(job, { items: range(3).map((idx) => doneItem(job, idx)) });
    expect(body.data?.status).toBe('done');
    const view = await user.client.jobs.get.query({ jobId: job.jobId });
    expect(view).toMatchObject({ charged: 1, progress: { done: 1, failed: 2, total: 3 } });
    expect(view.items[1]).toEqual({ idx: 1, status: 'failed', error: 'the result is not in storage' });
    expect(await creditsOf(user)).toEqual({ balance: 9, held: 0, spent: 1 });
    expect(await charges(job.jobId)).toEqual([{ amount: -1 }]);
  });

  test('a result that is stored as what no result is signed for is none, and one without a type is one', async () => {
    const job = await runningJob(user, 4);
    const types = ['image/png', 'image/svg+xml', 'application/octet-stream', 'text/html'];
    for (const [idx, contentType] of types.entries()) {
      await env.R2.put(outputKey(job, idx), 'bytes', { httpMetadata: { contentType } });
    }
    await report(job, { items: range(4).map((idx) => doneItem(job, idx)) });
    const { items } = await user.client.jobs.get.query({ jobId: job.jobId });
    expect(items.map(({ status }) => status)).toEqual(['done', 'failed', 'done', 'failed']);
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
  });

  test('a job of which no result lies in R2 is failed and costs nothing', async () => {
    const job = await runningJob(user, 2);
    const { body } = await report(job, { items: range(2).map((idx) => doneItem(job, idx)) });
    expect(body.data?.status).toBe('failed');
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
    expect(await charges(job.jobId)).toEqual([]);
  });

  test('the results of another job are none of this one', async () => {
    const other = await signUp();
    const theirs = await runningJob(other, 1);
    await putResults(theirs, [0]);
    const job = await runningJob(user, 1);
    expect((await report(job, doneItem(job, 0))).body.data?.status).toBe('failed');
  });
});

describe('jobs.cancel', () => {
  test('before anything is dispatched gives everything back, and the message in the queue starts nothing', async () => {
    const { jobId } = await queuedJob(user, 3);
    expect(await user.client.jobs.cancel.mutate({ jobId })).toEqual({ status: 'canceled', charged: 0, refunded: 3 });
    expect((await deliver(lastSent(jobId))).acked).toEqual(['m0']);
    expect(gpu.dispatchesOf(jobId)).toEqual([]);
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });

  test('keeps and charges what is done, refunds the rest, and cancels the run at the provider', async () => {
    const job = await runningJob(user, 4);
    await putResults(job, [0, 2]);
    await report(job, { items: [doneItem(job, 0), doneItem(job, 2)] });
    await report(job, failedItem(1));
    const canceled = await user.client.jobs.cancel.mutate({ jobId: job.jobId });
    expect(canceled).toEqual({ status: 'canceled', charged: 2, refunded: 2 });
    await expect.poll(() => gpu.canceled).toEqual([`run-${job.jobId.slice(0, 8)}-1`]);
    const view = await user.client.jobs.get.query({ jobId: job.jobId });
    expect(view.items.map(({ status }) => status)).toEqual(['done', 'failed', 'done', 'canceled']);
    expect(view.items[0]?.resultUrl).toBeDefined();
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
    expect(await d1('SELECT idx, status FROM job_items_log WHERE job_id = ? ORDER BY idx', job.jobId)).toEqual([
      { idx: 0, status: 'done' },
      { idx: 1, status: 'failed' },
      { idx: 2, status: 'done' },
      { idx: 3, status: 'canceled' },
    ]);
  });

  test('charges only what lies in R2', async () => {
    const job = await runningJob(user, 2);
    await putResults(job, [1]);
    await report(job, doneItem(job, 0));
    expect(await user.client.jobs.cancel.mutate({ jobId: job.jobId })).toMatchObject({ charged: 0, refunded: 2 });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });

  test.for([0, 1, 2, 3])('racing the last callback ends the job once, with one charge (round %s)', async () => {
    const job = await runningJob(user, 2);
    await putResults(job, [0, 1]);
    await report(job, doneItem(job, 0));
    const [cancel, last] = await Promise.allSettled([
      clientFor(user.token).jobs.cancel.mutate({ jobId: job.jobId }),
      report(job, doneItem(job, 1)),
    ]);
    const { status, charged, pendingEffects } = await inspect(job.jobId);
    expect(['done', 'canceled']).toContain(status);
    expect(last.status).toBe('fulfilled');
    expect(cancel.status === 'fulfilled').toBe(status === 'canceled');
    expect(pendingEffects.filter(({ name }) => name !== 'cancelRuns')).toEqual([]);
    expect([1, 2]).toContain(charged);
    expect(await creditsOf(user)).toEqual({ balance: 10 - Number(charged), held: 0, spent: charged });
    expect(await charges(job.jobId)).toEqual([{ amount: -Number(charged) }]);
    expect(await d1('SELECT status FROM jobs_log WHERE job_id = ?', job.jobId)).toEqual([{ status }]);
  });

  test('of an uploaded job frees its slot and its credits', async () => {
    const { jobId } = await uploadedJob(user, 5);
    await user.client.jobs.cancel.mutate({ jobId });
    expect((await user.client.user.me.query()).activeJobs).toBe(0);
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });
});

describe('callbacks that come late', () => {
  test('after the end change neither the job nor the money', async () => {
    const job = await runningJob(user, 3);
    await putResults(job, [0]);
    await report(job, doneItem(job, 0));
    await user.client.jobs.cancel.mutate({ jobId: job.jobId });
    const before = await user.client.jobs.get.query({ jobId: job.jobId });
    await putResults(job, [1]);
    const { status, body } = await report(job, { items: [doneItem(job, 1), failedItem(0)] });
    expect(status).toBe(200);
    expect(body.data).toEqual({
      status: 'canceled',
      items: [
        { idx: 1, outcome: 'ignored' },
        { idx: 0, outcome: 'duplicate' },
      ],
    });
    expect(await user.client.jobs.get.query({ jobId: job.jobId })).toEqual(before);
    expect(await creditsOf(user)).toEqual({ balance: 9, held: 0, spent: 1 });
    expect(await charges(job.jobId)).toEqual([{ amount: -1 }]);
  });

  test('before the job is executed are ignored', async () => {
    const job = await uploadedJob(user, 1);
    const results = [{ idx: 0, status: 'failed' as const }];
    expect(await jobRpc(job.jobId).report('test', results)).toMatchObject({
      ok: true,
      value: { status: 'uploaded', items: [{ idx: 0, outcome: 'ignored' }] },
    });
  });
});

describe('callbacks that come early', () => {
  test("before the consumer has the provider's answer are accepted, and the run that is of no use is canceled", async () => {
    const { jobId, ...job } = await queuedJob(user, 2);
    gpu.script.dispatch = async () => {
      const running = { ...job, jobId, dispatch: dispatchOf(jobId) };
      expect((await finish(running, [0, 1])).body.data?.items).toEqual([
        { idx: 0, outcome: 'accepted' },
        { idx: 1, outcome: 'accepted' },
      ]);
      return Response.json({ id: 'run-early' });
    };
    expect((await deliver(lastSent(jobId))).acked).toEqual(['m0']);
    expect(await inspect(jobId)).toMatchObject({ status: 'done', charged: 2 });
    expect(gpu.canceled).toEqual(['run-early']);
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
  });

  test('a job canceled while the provider is being asked has its run canceled as soon as its id arrives', async () => {
    const { jobId } = await queuedJob(user, 2);
    gpu.script.dispatch = async () => {
      await clientFor(user.token).jobs.cancel.mutate({ jobId });
      return Response.json({ id: 'run-too-late' });
    };
    await deliver(lastSent(jobId));
    await expect.poll(() => gpu.canceled).toEqual(['run-too-late']);
    expect(await inspect(jobId)).toMatchObject({ status: 'canceled', pendingEffects: [] });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });

  test('a result that comes while the message is still in the queue is accepted, and only the rest is dispatched', async () => {
    const job = await queuedJob(user, 2);
    await putResults(job, [0]);
    await jobRpc(job.jobId).report('test', [{ idx: 0, status: 'done' }]);
    await deliver(lastSent(job.jobId));
    expect(dispatchOf(job.jobId).items.map(({ idx }) => idx)).toEqual([1]);
    expect(await keysOf(`outputs/${user.userId}`)).toHaveLength(1);
  });
});
