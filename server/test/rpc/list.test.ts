/** `jobs.list` joins live jobs and history. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { admin, clientFor, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, MINUTE, pass, SECOND, wake } from '../../../proving/world/workerd/clock.ts';
import { createdJob, doneJob, finish, report, runningJob } from '../../../proving/world/workerd/jobs.ts';
import { d1, jobObject, sqlIn, userObject } from '../../../proving/world/workerd/objects.ts';
import { previewKey } from '../../src/domain/keys.ts';

let user: User;
beforeEach(async () => {
  user = await signUp('pro');
});

/** Empties the job's object, as its own clean-up does, and has its user's object forget that it has just ended: history alone has it. */
async function forgotten(jobId: string): Promise<void> {
  await runInDurableObject(jobObject(jobId), async (_, { storage }) => {
    await storage.deleteAll();
  });
  await evictDurableObject(jobObject(jobId));
  await userObject(user.userId).forgetJob(jobId);
}

/** All pages of the list, a page at a time. */
async function pages(limit: number): Promise<string[][]> {
  const found: string[][] = [];
  for (let cursor: string | undefined; ; ) {
    const { jobs, nextCursor } = await user.client.jobs.list.query({ limit, cursor });
    found.push(jobs.map(({ jobId }) => jobId));
    if (nextCursor === null) return found;
    cursor = nextCursor;
  }
}

describe('jobs.list', () => {
  test('of a new user is empty', async () => {
    expect(await user.client.jobs.list.query()).toEqual({ jobs: [], nextCursor: null });
  });

  test('has a preview of the first photo that has one, from the first result on until results are kept no more', async () => {
    const previews = async ({ client } = user) =>
      (await client.jobs.list.query()).jobs.map(({ previewUrl }) => previewUrl && new URL(previewUrl).pathname);
    const job = await runningJob(user, 3);
    const { jobId } = job;
    const path = `/s3-images/${previewKey({ userId: user.userId, jobId }, 1)}`;
    expect(await previews()).toEqual([undefined]);
    await finish(job, [1, 2]);
    expect(await previews()).toEqual([path]);
    await report(job, { idx: 0, status: 'failed', error: 'too dark' });
    expect(await previews()).toEqual([path]);
    await forgotten(jobId);
    expect(await previews()).toEqual([path]);
    pass(30 * DAY);
    const { token } = await user.client.auth.renew.mutate();
    expect(await previews({ ...user, client: clientFor(token) })).toEqual([undefined]);
  });

  test('shows live and ended jobs newest first, page by page, none left out and none twice', async () => {
    const made: string[] = [];
    for (let job = 0; job < 5; job++) {
      made.unshift((await doneJob(user, 1)).jobId);
      pass(SECOND);
    }
    for (let job = 0; job < 3; job++) {
      made.unshift((await createdJob(user, 1)).jobId);
      pass(SECOND);
    }
    expect((await pages(3)).map((page) => page.length)).toEqual([3, 3, 2]);
    for (const limit of [1, 2, 3, 7, 8, 100]) expect((await pages(limit)).flat()).toEqual(made);
  });

  test('lists a job once that came to be a moment after its credits were held', async () => {
    let now = Date.now();
    vi.spyOn(Date, 'now').mockImplementation(() => now++);
    const made: string[] = [];
    for (let job = 0; job < 3; job++) made.unshift((await createdJob(user, 1)).jobId);
    await user.client.jobs.cancel.mutate({ jobId: made[1] ?? '' });
    for (const limit of [1, 2]) expect((await pages(limit)).flat()).toEqual(made);
  });

  test('keeps jobs of the same moment apart by their ids', async () => {
    const made = [(await doneJob(user, 1)).jobId, (await doneJob(user, 1)).jobId, (await createdJob(user, 1)).jobId];
    expect((await pages(1)).flat()).toEqual(made.toSorted().toReversed());
  });

  test('tells the state and progress of live and ended jobs alike', async () => {
    const { jobId } = await doneJob(user, 2);
    pass(SECOND);
    const live = await runningJob(user, 3);
    await report(live, { idx: 0, status: 'failed' });
    const { jobs } = await user.client.jobs.list.query();
    expect(jobs).toMatchObject([
      {
        jobId: live.jobId,
        status: 'running',
        preset: 'interior',
        progress: { done: 0, failed: 1, total: 3 },
        finishedAt: null,
      },
      { jobId, status: 'done', progress: { done: 2, failed: 0, total: 2 }, finishedAt: expect.any(Date) },
    ]);
  });

  test('shows a job that has just ended although D1 has not heard of it', async () => {
    vi.spyOn(env.DB, 'batch').mockRejectedValue(new Error('D1_ERROR: down'));
    const { jobId } = await doneJob(user, 1);
    expect(await d1('SELECT job_id FROM jobs_log WHERE job_id = ?', jobId)).toEqual([]);
    const { jobs } = await user.client.jobs.list.query();
    expect(jobs).toMatchObject([{ jobId, status: 'done', progress: { done: 1, failed: 0, total: 1 } }]);
  });

  test('asks no object of a job that history has on this page or on a later one', async () => {
    for (let job = 0; job < 4; job++) {
      await doneJob(user, 1);
      pass(3 * MINUTE);
    }
    const live = await createdJob(user, 1);
    const asked = vi.spyOn(env.JOB_COORDINATOR, 'get');
    const { jobs } = await user.client.jobs.list.query({ limit: 2 });
    expect(jobs[0]?.jobId).toBe(live.jobId);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test('asks the objects of live jobs alone, and in a batch of lists each once', async () => {
    for (let job = 0; job < 18; job++) {
      const { jobId } = await createdJob(user, 1);
      await user.client.jobs.cancel.mutate({ jobId });
    }
    const live = [await createdJob(user, 1), await createdJob(user, 1)].map(({ jobId }) => jobId);
    const askedJobs = vi.spyOn(env.JOB_COORDINATOR, 'get');
    const askedUsers = vi.spyOn(env.USER_LIMITER, 'get');
    const { jobs } = await user.client.jobs.list.query({ limit: 1 });
    expect(jobs).toHaveLength(1);
    expect(askedJobs).toHaveBeenCalledTimes(2);
    // The list itself; that the session is not revoked was asked a moment ago.
    expect(askedUsers.mock.calls.length).toBeLessThanOrEqual(2);
    askedJobs.mockClear();
    askedUsers.mockClear();
    const pages = await Promise.all(
      Array.from({ length: 20 }, (_, at) => user.client.jobs.list.query({ limit: at + 1 })),
    );
    expect(pages.at(-1)?.jobs.map(({ jobId }) => jobId)).toEqual(expect.arrayContaining(live));
    expect(askedJobs).toHaveBeenCalledTimes(2);
    expect(askedUsers.mock.calls.length).toBeLessThanOrEqual(20);
  });

  test('shows no deleted job, although D1 has not heard of its end', async () => {
    const down = vi.spyOn(env.DB, 'batch').mockRejectedValue(new Error('D1_ERROR: down'));
    const { jobId } = await doneJob(user, 1);
    const kept = await doneJob(user, 1);
    down.mockRestore();
    await user.client.jobs.delete.mutate({ jobId });
    pass(10 * MINUTE);
    await wake(jobObject(jobId));
    expect((await pages(10)).flat()).toEqual([kept.jobId]);
  });

  test('asks the object of a job that an earlier release has settled', async () => {
    const { jobId } = await doneJob(user, 1);
    const entry = JSON.stringify([{ jobId, createdAt: Date.now() }]);
    await sqlIn(userObject(user.userId), 'UPDATE account SET recent = ?', entry);
    await evictDurableObject(userObject(user.userId));
    await d1('DELETE FROM jobs_log WHERE job_id = ?', jobId);
    expect((await user.client.jobs.list.query()).jobs).toMatchObject([{ jobId, status: 'done' }]);
  });
});

describe('rows that this release cannot show', () => {
  const spoil = (jobId: string, column: 'preset' | 'status', value: string) =>
    env.DB.prepare(`UPDATE jobs_log SET ${column} = ? WHERE job_id = ?`).bind(value, jobId).run();

  test('are passed over, without an end of the list and without a short page', async () => {
    const ids: string[] = [];
    for (let job = 0; job < 6; job++) {
      const { jobId } = await createdJob(user, 1);
      await user.client.jobs.cancel.mutate({ jobId });
      await forgotten(jobId);
      ids.unshift(jobId);
      pass(MINUTE);
    }
    await spoil(ids[0] ?? '', 'preset', 'garden');
    await spoil(ids[1] ?? '', 'status', 'paused');
    await spoil(ids[3] ?? '', 'preset', 'garden');
    const shown = [ids[2], ids[4], ids[5]];
    expect(await pages(1)).toEqual(shown.map((jobId) => [jobId]));
    expect((await pages(2)).flat()).toEqual(shown);
    for (const jobId of [ids[0], ids[1]]) {
      expect((await refusalOf(user.client.jobs.get.query({ jobId: jobId ?? '' }))).code).toBe('JOB_NOT_FOUND');
    }
  });

  test('of photos are shown as what they can be, whatever word is there', async () => {
    const job = await doneJob(user, 3);
    await env.DB.batch([
      env.DB.prepare("UPDATE job_items_log SET status = 'paused' WHERE job_id = ? AND idx = 1").bind(job.jobId),
      env.DB.prepare("UPDATE job_items_log SET status = 'completed' WHERE job_id = ? AND idx = 2").bind(job.jobId),
      env.DB.prepare("UPDATE jobs_log SET concepts_json = 'oak' WHERE job_id = ?").bind(job.jobId),
    ]);
    await forgotten(job.jobId);
    const { items } = await user.client.jobs.get.query({ jobId: job.jobId });
    expect(items.map(({ status }) => status)).toEqual(['done', 'canceled', 'done']);
    await env.DB.prepare('DELETE FROM job_items_log WHERE job_id = ? AND idx > 0').bind(job.jobId).run();
    expect((await user.client.jobs.get.query({ jobId: job.jobId })).items).toHaveLength(3);
    await spoil(job.jobId, 'status', 'paused');
    await env.DB.prepare("UPDATE jobs_log SET error = 'dead letter: x' WHERE job_id = ?").bind(job.jobId).run();
    expect((await admin().admin.listDeadLetters.query()).deadLetters).toMatchObject([{ jobId: job.jobId }]);
    expect((await admin().admin.reconcile.mutate({ userId: user.userId })).checked).toBe(1);
  });

  test('and states of an object that a later release has written are passed over as well', async () => {
    const kept = await doneJob(user, 1);
    const job = await createdJob(user, 1);
    await runInDurableObject(jobObject(job.jobId), (_, { storage }) => {
      storage.sql.exec("UPDATE job SET state = json_set(state, '$.status', 'paused')");
    });
    await evictDurableObject(jobObject(job.jobId));
    expect((await user.client.jobs.list.query()).jobs.map(({ jobId }) => jobId)).toEqual([kept.jobId]);
    expect((await refusalOf(user.client.jobs.get.query({ jobId: job.jobId }))).code).toBe('JOB_NOT_FOUND');
  });
});
