/** Photos that were claimed of the day and never reached the provider: each is given back, once. */
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, test, vi } from 'vitest';
import { creditsOf, signUp } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, MINUTE, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { answering, gpu } from '../../../proving/world/workerd/gpu.ts';
import { doneJob, type Job, queuedJob, uploadedJob } from '../../../proving/world/workerd/jobs.ts';
import { inspect, jobObject, tellD1, userObject } from '../../../proving/world/workerd/objects.ts';
import { deliver, lastSent } from '../../../proving/world/workerd/queue.ts';
import { ceilingsOf } from '../../src/durable-objects/user-limiter/outside.ts';
import { cancel, ceilingCalls, counted, execute, heard, moreOf, RESERVED, user } from './own-day.ts';

describe('photos that never reached the provider', () => {
  test('are given back to the day of all: create, execute and cancel take nothing from the others', async () => {
    for (let round = 0; round < 4; round++) {
      await cancel(await queuedJob(user, 10));
      await heard();
    }
    expect(await counted()).toBe(0);
    expect((await moreOf()).day).toMatchObject({ jobs: 4, unpaid: 0 });
    expect((await execute((await uploadedJob(user, 10)).jobId)).status).toBe('queued');
  });

  test('that were refused by the provider are given back as well', async () => {
    gpu.script.dispatch = answering(503);
    const job = await queuedJob(user, 5);
    await deliver(lastSent(job.jobId));
    await deliver(lastSent(job.jobId));
    expect(await counted()).toBe(5);
    await cancel(job);
    await heard();
    expect(await counted()).toBe(0);
  });

  describe('that the provider refuses when the job has ended already', () => {
    /** The provider has the dispatch and is about to refuse it. */
    async function refusing(job: Job): Promise<() => Promise<void>> {
      const { promise, resolve } = Promise.withResolvers<Response>();
      const asked = Promise.withResolvers<void>();
      gpu.script.dispatch = () => {
        asked.resolve();
        return promise;
      };
      const delivered = deliver(lastSent(job.jobId));
      await asked.promise;
      return async () => {
        resolve(new Response('no', { status: 503 }));
        await delivered;
      };
    }

    test('are given back to the day of all and to the account', async () => {
      const job = await queuedJob(user, 10);
      const refuse = await refusing(job);
      await cancel(job);
      await heard();
      // The first run of ten photos has four.
      expect([await counted(), (await moreOf()).day?.unpaid]).toEqual([4, 4]);
      await refuse();
      await heard();
      expect([await counted(), (await moreOf()).day?.unpaid]).toEqual([0, 0]);
      expect(await moreOf()).toMatchObject({ unsure: [] });
    });

    test('are given back though the user cannot be told at once', async () => {
      const job = await queuedJob(user, 10);
      const refuse = await refusing(job);
      await cancel(job);
      const get = env.USER_LIMITER.get.bind(env.USER_LIMITER);
      const away = vi.spyOn(env.USER_LIMITER, 'get').mockImplementation((id) => {
        const unsent = () => Promise.reject(new Error('away'));
        return id.equals(RESERVED) ? get(id) : ({ unsent } as never);
      });
      await refuse();
      away.mockRestore();
      expect((await inspect(job.jobId)).pendingEffects).toMatchObject([{ name: 'unsent' }]);
      pass(HOUR);
      await wake(jobObject(job.jobId));
      await heard();
      expect(await counted()).toBe(0);
    });

    test('are given back when it ended with its user', async () => {
      const job = await queuedJob(user, 10);
      const refuse = await refusing(job);
      await user.client.user.delete.mutate();
      await heard();
      expect(await counted()).toBe(4);
      await refuse();
      await heard();
      expect(await counted()).toBe(0);
    });
  });

  test('are given back once: the answer is lost, the object evicted, the alarm repeated', async () => {
    const other = await signUp();
    await tellD1(other);
    await ceilingsOf(env).claimDispatch({ jobId: 'another', photos: 7 });
    await cancel(await queuedJob(user, 10));
    const get = env.USER_LIMITER.get.bind(env.USER_LIMITER);
    const lost = vi.spyOn(env.USER_LIMITER, 'get').mockImplementation((id) => {
      const stub = get(id);
      if (!id.equals(RESERVED)) return stub;
      const lowerDispatch = async (...args: Parameters<typeof stub.lowerDispatch>) => {
        await stub.lowerDispatch(...args);
        throw new Error('the answer was lost');
      };
      return { lowerDispatch } as never;
    });
    await heard();
    expect(await counted()).toBe(7);
    expect((await moreOf()).lowerings).toHaveLength(1);
    lost.mockRestore();
    await evictDurableObject(userObject(user.userId));
    pass(10 * MINUTE);
    await heard();
    expect(await counted()).toBe(7);
    expect((await moreOf()).lowerings).toBeUndefined();
  });

  test('are given back to the day on which they were claimed, and to no other', async () => {
    const job = await queuedJob(user, 10);
    pass(DAY);
    await ceilingsOf(env).claimDispatch({ jobId: 'another', photos: 7 });
    await cancel(job);
    await heard();
    expect([await counted(1), await counted()]).toEqual([0, 7]);
    expect((await moreOf()).day?.unpaid ?? 0).toBe(0);
  });

  test('of a claim that comes after they were given back are not counted any more', async () => {
    const day = Math.floor(Date.now() / DAY);
    await ceilingsOf(env).lowerDispatch([{ jobId: 'late', day, reached: 0 }]);
    expect(await ceilingsOf(env).claimDispatch({ jobId: 'late', photos: 10, day })).toBe(false);
    expect(await counted()).toBe(0);
  });

  test('leave nothing behind when execute and cancel come at the same time', async () => {
    for (let round = 0; round < 4; round++) {
      const job = await uploadedJob(user, 10);
      await Promise.allSettled([execute(job.jobId), cancel(job), execute(job.jobId)]);
      await cancel(job).catch(() => {});
      await heard();
    }
    expect(await counted()).toBe(0);
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });

  test('cost nothing more where there are none: a job that is done is settled without another word', async () => {
    const calls = ceilingCalls();
    await doneJob(user, 2);
    await heard();
    expect(calls).toEqual(['claimDispatch']);
    expect(await counted()).toBe(2);
  });
});
