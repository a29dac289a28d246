/** A job slot is free in the answer to the cancel, also while R2 cannot tell what the job costs. */
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test, vi } from 'vitest';
import { creditsOf, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { HOUR, MINUTE, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { createdJob, doneItem, putResults, report, runningJob } from '../../../proving/world/workerd/jobs.ts';
import { jobObject, owed, userObject } from '../../../proving/world/workerd/objects.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});
const unreachable = () => Promise.reject(new Error('unreachable'));

/** A job of four photos, two of them done, that is canceled while R2 does not answer. */
async function canceledBlind(): Promise<string> {
  const job = await runningJob(user, 4);
  await putResults(job, [0, 2]);
  await report(job, { items: [doneItem(job, 0), doneItem(job, 2)] });
  vi.spyOn(env.R2, 'list').mockImplementation(unreachable);
  await user.client.jobs.cancel.mutate({ jobId: job.jobId });
  return job.jobId;
}

test('a cancel while R2 does not answer frees the slot, and keeps the credits until the results are counted', async () => {
  const jobId = await canceledBlind();
  expect((await user.client.user.me.query()).activeJobs).toBe(0);
  expect(await creditsOf(user)).toEqual({ balance: 6, held: 4, spent: 0 });
  expect(await owed(jobId)).toEqual(['verify']);
  const next = await createdJob(user, 6);
  expect((await refusalOf(createdJob(user, 1))).code).toBe('CONCURRENCY_LIMIT');
  vi.mocked(env.R2.list).mockRestore();
  pass(10 * MINUTE);
  await wake(jobObject(jobId));
  expect(await creditsOf(user)).toEqual({ balance: 2, held: 6, spent: 2 });
  expect(await owed(jobId)).toEqual([]);
  expect((await user.client.jobs.get.query({ jobId: next.jobId })).status).toBe('created');
});

test('the hold of a job whose slot is free is not given up when its check time comes', async () => {
  const jobId = await canceledBlind();
  pass(2 * HOUR);
  await wake(userObject(user.userId));
  expect(await creditsOf(user)).toEqual({ balance: 6, held: 4, spent: 0 });
  expect((await user.client.user.me.query()).activeJobs).toBe(0);
  vi.mocked(env.R2.list).mockRestore();
  await wake(jobObject(jobId));
  expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
});

test('a slot that could not be freed, because the user could not be reached either, is freed by the alarm', async () => {
  const get = env.USER_LIMITER.get.bind(env.USER_LIMITER);
  const job = await runningJob(user, 2);
  await putResults(job, [0]);
  await report(job, doneItem(job, 0));
  vi.spyOn(env.R2, 'list').mockImplementation(unreachable);
  const lost = vi.spyOn(env.USER_LIMITER, 'get').mockImplementation((id) => {
    const stub = get(id);
    return new Proxy(stub, {
      get: (target, name) => (name === 'freeSlot' ? unreachable : Reflect.get(target, name)),
    });
  });
  await user.client.jobs.cancel.mutate({ jobId: job.jobId });
  expect((await user.client.user.me.query()).activeJobs).toBe(1);
  expect(await owed(job.jobId)).toEqual(expect.arrayContaining(['verify', 'freeSlot']));
  lost.mockRestore();
  pass(10 * MINUTE);
  await wake(jobObject(job.jobId));
  expect((await user.client.user.me.query()).activeJobs).toBe(0);
  expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
});
