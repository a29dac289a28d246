/** How jobs end: what really lies in R2 is charged, cancel and completion race, and late callbacks change nothing. */
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { clientFor, creditsOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { gpu } from '../../../proving/world/workerd/gpu.ts';
import {
  dispatchOf,
  doneItem,
  failedItem,
  finish,
  PICTURE,
  putPreview,
  putResult,
  putResults,
  queuedJob,
  range,
  report,
  runningJob,
  stored,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { d1, inspect, jobObject, jobRpc, keysOf, sqlIn } from '../../../proving/world/workerd/objects.ts';
import { deliver, lastSent } from '../../../proving/world/workerd/queue.ts';
import { outputKey, previewKey } from '../../src/domain/keys.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});
const charges = (jobId: string) => d1('SELECT amount FROM billing_events WHERE ref = ?', jobId);

describe('what is charged', () => {
  test('a photo that is reported done and whose result is missing or empty fails and is not charged', async () => {
    const job = await runningJob(user, 3);
    await putResult(job, 0);
    await env.R2.put(outputKey(job, 1), '', stored('image/png'));
    const { body } = await report(job, { items: range(3).map((idx) => doneItem(job, idx)) });
    expect(body.data?.status).toBe('done');
    const view = await user.client.jobs.get.query({ jobId: job.jobId });
    expect(view).toMatchObject({ charged: 1, progress: { done: 1, failed: 2, total: 3 } });
    expect(view.items[1]).toEqual({ idx: 1, status: 'failed', error: 'the result in storage is empty' });
    expect(view.items[2]).toEqual({ idx: 2, status: 'failed', error: 'the result is not in storage' });
    expect(await creditsOf(user)).toEqual({ balance: 9, held: 0, spent: 1 });
    expect(await charges(job.jobId)).toEqual([{ amount: -1 }]);
  });

  test('what lies under the key of a result and is none fails with a reason, and is not charged', async () => {
    const job = await runningJob(user, 6);
    const objects: [string | undefined, string | Uint8Array][] = [
      ['image/png', PICTURE],
      ['text/plain;charset=UTF-8', 'x'.repeat(2000)],
      // Its URL was signed for image/png, and takes whatever is put as that.
      ['image/png', 'an error message'],
      // By keys of its own: what its library says when nobody tells it.
      ['application/octet-stream', 'x'.repeat(2000)],
      [undefined, '\x89 no picture'],
      ['image/jpeg', PICTURE],
    ];
    for (const [idx, [contentType, bytes]] of objects.entries()) {
      await env.R2.put(outputKey(job, idx), bytes, contentType === undefined ? {} : stored(contentType));
    }
    await report(job, { items: range(6).map((idx) => doneItem(job, idx)) });
    const { items } = await user.client.jobs.get.query({ jobId: job.jobId });
    expect(items.map(({ error }) => error)).toEqual([
      undefined,
      'the result in storage is text/plain, not image/png',
      'the result in storage is no picture',
      'the result in storage is no picture',
      'the result in storage is no picture',
      'the result in storage is image/jpeg, not image/png',
    ]);
    expect(await creditsOf(user)).toEqual({ balance: 9, held: 0, spent: 1 });
    const rows = await d1('SELECT status, error FROM job_items_log WHERE job_id = ? ORDER BY idx', job.jobId);
    expect(rows[3]).toEqual({ status: 'failed', error: 'the result in storage is no picture' });
  });

  test('a picture that was stored without a type is a result, and so is one that is small', async () => {
    const job = await runningJob(user, 4);
    const png = (bytes: number) =>
      Uint8Array.from({ length: bytes }, (_, at) => '\x89PNG\r\n\x1a\n'.charCodeAt(at) || 0);
    await env.R2.put(outputKey(job, 0), png(5000));
    await env.R2.put(outputKey(job, 1), png(5000), stored('application/octet-stream'));
    await env.R2.put(outputKey(job, 2), png(67), stored('image/png'));
    await env.R2.put(outputKey(job, 3), png(8), stored('image/png'));
    await report(job, { items: range(4).map((idx) => doneItem(job, idx)) });
    expect(await creditsOf(user)).toEqual({ balance: 6, held: 0, spent: 4 });
  });

  test('an object beside the results, under another name, is none of them', async () => {
    const job = await runningJob(user, 1);
    await env.R2.put(outputKey(job, 0).replace('_result', '_other'), PICTURE, stored('image/png'));
    expect((await report(job, doneItem(job, 0))).body.data?.status).toBe('failed');
  });

  test('one look costs two LISTs, and reads nothing of results that are stored as pictures', async () => {
    const job = await runningJob(user, 3);
    await putResults(job, range(3));
    const [lists, gets] = [vi.spyOn(env.R2, 'list'), vi.spyOn(env.R2, 'get')];
    await report(job, { items: range(3).map((idx) => doneItem(job, idx)) });
    expect(lists.mock.calls.map(([options]) => options?.prefix?.split('/')[0])).toEqual(['outputs', 'previews']);
    expect(gets).not.toHaveBeenCalled();
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

test('a reason that an earlier release cut in half is told, and written to D1, as far as it can be', async () => {
  const job = await runningJob(user, 2);
  await report(job, failedItem(0, 'too dark !'));
  const cut = "UPDATE event SET body = replace(body, 'too dark !', 'too dark \\ud83d')";
  await sqlIn(jobObject(job.jobId), cut);
  await evictDurableObject(jobObject(job.jobId));
  const told = async () => (await user.client.jobs.get.query({ jobId: job.jobId })).items[0]?.error;
  // Not the text itself: half a character in its message keeps the report of a failure from being read.
  expect((await told())?.isWellFormed()).toBe(true);
  expect(await told()).toBe('too dark \ufffd');
  await report(job, failedItem(1));
  const rows = await d1('SELECT error FROM job_items_log WHERE job_id = ? AND idx = 0', job.jobId);
  expect(rows).toEqual([{ error: 'too dark \ufffd' }]);
});

describe('previews', () => {
  const viewed = async (jobId: string) =>
    (await user.client.jobs.get.query({ jobId })).items.map(({ previewUrl }) => previewUrl !== undefined);

  test('at the end are those that lie in storage, whether they were named or not', async () => {
    const job = await runningJob(user, 4);
    for (const idx of range(4)) await putResult(job, idx);
    for (const idx of [0, 1]) await putPreview(job, idx);
    await env.R2.put(previewKey(job, 3), '', stored('image/jpeg'));
    const named = (idx: number) => doneItem(job, idx);
    const unnamed = ({ preview_key: _, ...item } = doneItem(job, 1)) => item;
    await report(job, { items: [named(0), unnamed(), named(2)] });
    // While the job runs, what was named is all that is known.
    expect(await viewed(job.jobId)).toEqual([true, false, true, false]);
    await report(job, named(3));
    expect(await viewed(job.jobId)).toEqual([true, true, false, false]);
  });

  test('of a canceled job are those that lie in storage', async () => {
    const job = await runningJob(user, 3);
    for (const idx of range(2)) await putResult(job, idx);
    await putPreview(job, 0);
    await report(job, { items: [doneItem(job, 0), doneItem(job, 1)] });
    await user.client.jobs.cancel.mutate({ jobId: job.jobId });
    expect(await viewed(job.jobId)).toEqual([true, false, false]);
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
