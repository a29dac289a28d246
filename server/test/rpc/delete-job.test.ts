import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { creditsOf, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, MINUTE, pass, SECOND, wake } from '../../../proving/world/workerd/clock.ts';
import {
  createdJob,
  doneItem,
  doneJob,
  PHOTO,
  putInputs,
  report,
  runningJob,
} from '../../../proving/world/workerd/jobs.ts';
import { d1, jobObject, keysOf, sqlIn } from '../../../proving/world/workerd/objects.ts';

let user: User;
beforeEach(async () => {
  user = await signUp('pro');
});

describe('jobs.delete', () => {
  test('is refused while the job lives, and changes nothing', async () => {
    const { jobId } = await createdJob(user, 1);
    const caught = await refusalOf(user.client.jobs.delete.mutate({ jobId }));
    expect(caught).toMatchObject({ code: 'INVALID_TRANSITION', details: { status: 'created', action: 'delete' } });
    expect((await user.client.jobs.get.query({ jobId })).status).toBe('created');
  });

  test('removes photos, results and rows at once; what was charged stays on the receipts', async () => {
    const kept = await doneJob(user, 1);
    const { jobId } = await doneJob(user, 2);
    await env.R2.put(`masks/${user.userId}/${jobId}/0_Floor.png`, 'png');
    expect(await keysOf(jobId)).toHaveLength(7);
    expect(await user.client.jobs.delete.mutate({ jobId })).toEqual({ jobId, deleted: true });
    expect(await keysOf(jobId)).toEqual([]);
    expect(await d1('SELECT 1 FROM jobs_log WHERE job_id = ?', jobId)).toEqual([]);
    expect(await d1('SELECT 1 FROM job_items_log WHERE job_id = ?', jobId)).toEqual([]);
    expect(await d1('SELECT amount FROM billing_events WHERE ref = ?', jobId)).toEqual([{ amount: -2 }]);
    expect((await refusalOf(user.client.jobs.get.query({ jobId }))).code).toBe('JOB_NOT_FOUND');
    expect(await user.client.jobs.delete.mutate({ jobId })).toEqual({ jobId, deleted: true });
    expect((await user.client.jobs.list.query()).jobs.map(({ jobId }) => jobId)).toEqual([kept.jobId]);
    expect(await keysOf(kept.jobId)).toHaveLength(3);
    expect(await creditsOf(user)).toEqual({ balance: 207, held: 0, spent: 3 });
  });

  test('of the only job leaves its key used: the same create makes no job again, and holds nothing', async () => {
    const input = { preset: 'interior' as const, photos: [PHOTO], idempotencyKey: 'the-only-job' };
    const { jobId } = await user.client.jobs.create.mutate(input);
    await user.client.jobs.cancel.mutate({ jobId });
    await user.client.jobs.delete.mutate({ jobId });
    expect(await refusalOf(user.client.jobs.create.mutate(input))).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect(await creditsOf(user)).toEqual({ balance: 210, held: 0, spent: 0 });
  });

  test('removes what a signed PUT brought later, and in the end the object itself', async () => {
    const job = await createdJob(user, 1);
    await user.client.jobs.cancel.mutate({ jobId: job.jobId });
    await user.client.jobs.delete.mutate({ jobId: job.jobId });
    await putInputs(job, [0]);
    pass(45 * MINUTE + SECOND);
    expect(await wake(jobObject(job.jobId))).toBe(true);
    expect(await keysOf(job.jobId)).toEqual([]);
    expect(await sqlIn(jobObject(job.jobId), "SELECT name FROM sqlite_master WHERE name IN ('job', 'event')")).toEqual(
      [],
    );
    expect(await wake(jobObject(job.jobId))).toBe(false);
  });

  test('that R2 does not carry out is carried out later by the alarm, and the job is gone meanwhile', async () => {
    const { jobId } = await doneJob(user, 1);
    const broken = vi.spyOn(env.R2, 'delete').mockRejectedValue(new Error('R2 is down'));
    await user.client.jobs.delete.mutate({ jobId });
    expect((await refusalOf(user.client.jobs.get.query({ jobId }))).code).toBe('JOB_NOT_FOUND');
    expect(await keysOf(jobId)).toHaveLength(3);
    broken.mockRestore();
    pass(HOUR);
    await wake(jobObject(jobId));
    expect(await keysOf(jobId)).toEqual([]);
    expect(await d1('SELECT 1 FROM jobs_log WHERE job_id = ?', jobId)).toEqual([]);
  });

  test('of a job whose history is not written yet does not let that history come back', async () => {
    const down = vi.spyOn(env.DB, 'batch').mockRejectedValue(new Error('D1_ERROR: down'));
    const { jobId } = await doneJob(user, 1);
    down.mockRestore();
    await user.client.jobs.delete.mutate({ jobId });
    for (let round = 0; round < 3; round++) {
      expect((await refusalOf(user.client.jobs.get.query({ jobId }))).code).toBe('JOB_NOT_FOUND');
      pass(10 * MINUTE);
      await wake(jobObject(jobId));
    }
    expect(await d1('SELECT 1 FROM jobs_log WHERE job_id = ?', jobId)).toEqual([]);
    expect(await keysOf(jobId)).toEqual([]);
    expect(await d1('SELECT amount FROM billing_events WHERE ref = ?', jobId)).toEqual([{ amount: -1 }]);
  });

  test('of a running job that was canceled leaves nothing of late results', async () => {
    const job = await runningJob(user, 1);
    await user.client.jobs.cancel.mutate({ jobId: job.jobId });
    await user.client.jobs.delete.mutate({ jobId: job.jobId });
    expect((await report(job, doneItem(job, 0))).body.data?.items ?? []).toEqual([{ idx: 0, outcome: 'ignored' }]);
    await env.R2.put(doneItem(job, 0).output_key, 'late');
    pass(DAY + HOUR);
    await wake(jobObject(job.jobId));
    expect(await keysOf(job.jobId)).toEqual([]);
  });
});
