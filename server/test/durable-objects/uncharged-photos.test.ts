/** Photos that reached the provider and were not charged: they count against the day, and when there is no room it says so. */
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, test, vi } from 'vitest';
import { admin, creditsOf, refusalOf, signUp } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { CHOICE, finish, runningJob, uploadedJob } from '../../../proving/world/workerd/jobs.ts';
import { inspect, jobObject, sqlIn, userObject, userRpc } from '../../../proving/world/workerd/objects.ts';
import { deliver, lastSent } from '../../../proving/world/workerd/queue.ts';
import { ceilingsOf } from '../../src/durable-objects/user-limiter/outside.ts';
import { cancel, counted, execute, heard, moreOf, RESERVED, user, wasted } from './own-day.ts';

describe('photos that reached the provider and were not charged', () => {
  test('are at most those of the plan a day; then execute is ALLOWANCE_EXHAUSTED, and the job waits', async () => {
    await wasted(4, 4, 4, 4, 4);
    await heard();
    expect(await counted()).toBe(20);
    const { jobId } = await uploadedJob(user, 1);
    const until = new Date((Math.floor(Date.now() / DAY) + 1) * DAY).toISOString();
    expect(await refusalOf(execute(jobId))).toMatchObject({
      code: 'ALLOWANCE_EXHAUSTED',
      httpStatus: 429,
      details: { limit: 20, until },
      message: expect.stringContaining(until),
    });
    expect(await inspect(jobId)).toMatchObject({ status: 'uploaded', attempt: 0, pendingEffects: [] });
    expect(await counted()).toBe(20);
    const other = await signUp();
    const theirs = await uploadedJob(other, 10);
    expect((await other.client.jobs.execute.mutate({ jobId: theirs.jobId, ...CHOICE })).status).toBe('queued');
    pass(Date.parse(until) - Date.now());
    expect((await execute(jobId)).status).toBe('queued');
  });

  test('count until they are charged, and then no longer', async () => {
    await wasted(4, 4, 2);
    const job = await runningJob(user, 10);
    await finish(job, [0, 1, 2, 3, 4, 5, 6, 7]);
    await finish(job, [8, 9]);
    await admin().admin.grantCredits.mutate({
      userId: user.userId,
      amount: 20,
      reason: 'test',
      idempotencyKey: 'twenty-more',
    });
    expect((await moreOf()).day).toMatchObject({ unpaid: 10 });
    expect((await execute((await uploadedJob(user, 10)).jobId)).status).toBe('queued');
  });

  test('count with each run', async () => {
    const job = await runningJob(user, 4);
    pass(HOUR);
    await wake(jobObject(job.jobId));
    await deliver(lastSent(job.jobId));
    await cancel(job);
    // Four, and two of them once more.
    expect((await moreOf()).day).toMatchObject({ unpaid: 6 });
    expect(await counted()).toBe(4);
  });

  test('count once however often execute is repeated', async () => {
    const { jobId } = await uploadedJob(user, 10);
    await Promise.all([execute(jobId), execute(jobId), execute(jobId)]);
    await execute(jobId);
    expect(await counted()).toBe(10);
    const [hold] = JSON.parse(String((await sqlIn(userObject(user.userId), 'SELECT live FROM account'))[0]?.live));
    expect(hold).toMatchObject({ claim: { photos: 10 } });
  });

  test('of a job that the release before executed are those of the job', async () => {
    const job = await runningJob(user, 3);
    const [row] = await sqlIn(jobObject(job.jobId), 'SELECT state FROM job');
    const { sent: _, ...state } = JSON.parse(String(row?.state)) as Record<string, unknown>;
    await sqlIn(jobObject(job.jobId), 'UPDATE job SET state = ?', JSON.stringify(state));
    await evictDurableObject(jobObject(job.jobId));
    await cancel(job);
    expect((await moreOf()).day).toMatchObject({ unpaid: 3 });
  });

  test('while the ceiling for all does not answer the refusal is a value that says try again; then they count once', async () => {
    const errors = vi.spyOn(console, 'error').mockReturnValue();
    const { jobId } = await uploadedJob(user, 10);
    const before = await creditsOf(user);
    const get = env.USER_LIMITER.get.bind(env.USER_LIMITER);
    const claimDispatch = () => Promise.reject(new Error('away'));
    const away = vi
      .spyOn(env.USER_LIMITER, 'get')
      .mockImplementation((id) => (id.equals(RESERVED) ? ({ claimDispatch } as never) : get(id)));
    for (let nth = 0; nth < 2; nth++) {
      const answer = await userRpc(user.userId).claimPhotos({ jobId, photos: 10 });
      expect(answer).toMatchObject({ ok: false, refusal: { code: 'SERVICE_UNAVAILABLE', details: { settings: [] } } });
    }
    expect((await refusalOf(execute(jobId))).code).toBe('SERVICE_UNAVAILABLE');
    expect(errors.mock.calls.flat().join()).toContain('"event":"ceilings.failed"');
    away.mockRestore();
    expect(await inspect(jobId)).toMatchObject({ status: 'uploaded', attempt: 0, pendingEffects: [] });
    expect(await creditsOf(user)).toEqual(before);
    expect(await counted()).toBe(0);
    expect((await execute(jobId)).status).toBe('queued');
    expect(await userRpc(user.userId).claimPhotos({ jobId, photos: 10 })).toMatchObject({ ok: true });
    expect(await counted()).toBe(10);
  });

  test('a job that is called off while it did not answer leaves nothing taken, here or there', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const job = await uploadedJob(user, 10);
    const get = env.USER_LIMITER.get.bind(env.USER_LIMITER);
    const away = vi.spyOn(env.USER_LIMITER, 'get').mockImplementation((id) => {
      if (id.equals(RESERVED)) throw new Error('away');
      return get(id);
    });
    expect((await refusalOf(execute(job.jobId))).code).toBe('SERVICE_UNAVAILABLE');
    away.mockRestore();
    await cancel(job);
    await heard();
    expect((await moreOf()).day).toMatchObject({ unpaid: 0 });
    expect(await counted()).toBe(0);
  });

  test('do not count when the ceiling for all is reached: the claim is taken back', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    await ceilingsOf(env).claimDispatch({ jobId: 'the-others', photos: 1_000_000_000 });
    const { jobId } = await uploadedJob(user, 10);
    for (let nth = 0; nth < 3; nth++) expect((await refusalOf(execute(jobId))).code).toBe('CEILING_REACHED');
    pass(DAY);
    expect((await execute(jobId)).status).toBe('queued');
    expect(await counted()).toBe(10);
  });
});
