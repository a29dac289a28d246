/** Effects of a job are owed until they are done: a queue, a user object, a D1 or a provider that fails is tried again by the alarm. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { creditsOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { HOUR, MINUTE, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { answering, gpu } from '../../../proving/world/workerd/gpu.ts';
import {
  CHOICE,
  createdJob,
  dispatchOf,
  doneItem,
  finish,
  putInputs,
  putResults,
  report,
  runningJob,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { d1, inspect, jobObject, owed, tellD1 } from '../../../proving/world/workerd/objects.ts';
import { deliver, failSends, lastSent, sentFor } from '../../../proving/world/workerd/queue.ts';
import type { Env } from '../../src/bindings.ts';
import { settingsOf } from '../../src/settings/settings.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});
const unreachable = () => {
  throw new Error('unreachable');
};
/** Enough for every wait with jitter, and too little for a lease. */
const later = async (jobId: string) => {
  pass(10 * MINUTE);
  expect(await wake(jobObject(jobId))).toBe(true);
};
const historyOf = (jobId: string) => d1('SELECT status FROM jobs_log WHERE job_id = ?', jobId);

describe('a queue that fails', () => {
  test('at execute fails nothing for the user: the alarm sends the message', async () => {
    const { jobId } = await uploadedJob(user);
    failSends(1);
    expect((await user.client.jobs.execute.mutate({ jobId, ...CHOICE })).status).toBe('queued');
    expect(sentFor(jobId)).toEqual([]);
    expect(await owed(jobId)).toEqual(['send']);
    await later(jobId);
    expect(sentFor(jobId)).toHaveLength(1);
    expect(await owed(jobId)).toEqual([]);
  });

  test('again and again is tried until it works, and then once', async () => {
    const { jobId } = await uploadedJob(user);
    failSends(3);
    await user.client.jobs.execute.mutate({ jobId, ...CHOICE });
    pass(MINUTE);
    await wake(jobObject(jobId));
    pass(MINUTE);
    await wake(jobObject(jobId));
    expect((await inspect(jobId)).pendingEffects).toMatchObject([{ name: 'send', tries: 3 }]);
    pass(MINUTE);
    await wake(jobObject(jobId));
    await wake(jobObject(jobId));
    expect(sentFor(jobId)).toHaveLength(1);
  });

  test('after the job was canceled is not tried any more', async () => {
    const { jobId } = await uploadedJob(user);
    failSends(1);
    await user.client.jobs.execute.mutate({ jobId, ...CHOICE });
    await user.client.jobs.cancel.mutate({ jobId });
    await later(jobId);
    expect(sentFor(jobId)).toEqual([]);
  });
});

describe('a user object that fails', () => {
  test('to settle leaves the job ended and the credits held; the alarm settles once', async () => {
    const job = await runningJob(user, 2);
    const cut = vi.spyOn(env.USER_LIMITER, 'get').mockImplementation(unreachable);
    expect((await finish(job, [0, 1])).body.data?.status).toBe('done');
    cut.mockRestore();
    expect(await owed(job.jobId)).toEqual(['settle']);
    expect(await historyOf(job.jobId)).toEqual([]);
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
    await later(job.jobId);
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
    expect(await historyOf(job.jobId)).toEqual([{ status: 'done' }]);
    expect(await owed(job.jobId)).toEqual([]);
  });

  test('after it has settled, when the answer is lost, is asked again and charges nothing twice', async () => {
    const job = await runningJob(user, 2);
    const real = env.USER_LIMITER.get.bind(env.USER_LIMITER);
    vi.spyOn(env.USER_LIMITER, 'get').mockImplementationOnce((id) => {
      const stub = real(id);
      return new Proxy(stub, {
        get: (target, name) =>
          name === 'settle'
            ? async (command: Parameters<typeof stub.settle>[0]) => {
                await target.settle(command);
                throw new Error('the answer was lost');
              }
            : Reflect.get(target, name),
      });
    });
    await finish(job, [0, 1]);
    expect(await owed(job.jobId)).toEqual(['settle']);
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
    await later(job.jobId);
    expect(await owed(job.jobId)).toEqual([]);
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
    expect(await d1('SELECT amount FROM billing_events WHERE ref = ?', job.jobId)).toEqual([{ amount: -2 }]);
  });
});

describe('a D1 that fails', () => {
  beforeEach(() => tellD1(user));

  test('leaves the money settled and history owed, which the alarm writes', async () => {
    const job = await runningJob(user, 2);
    const down = vi.spyOn(env.DB, 'batch').mockRejectedValue(new Error('D1_ERROR: down'));
    await finish(job, [0, 1]);
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
    expect(await owed(job.jobId)).toEqual(['flush']);
    await later(job.jobId);
    expect(await owed(job.jobId)).toEqual(['flush']);
    down.mockRestore();
    await later(job.jobId);
    expect(await owed(job.jobId)).toEqual([]);
    expect(await historyOf(job.jobId)).toEqual([{ status: 'done' }]);
    expect(await d1('SELECT credits FROM users WHERE id = ?', user.userId)).toEqual([{ credits: 8 }]);
  });

  test('late history of an older job never overwrites newer credits', async () => {
    const down = vi.spyOn(env.DB, 'batch').mockRejectedValue(new Error('D1_ERROR: down'));
    const first = await runningJob(user, 2);
    await finish(first, [0, 1]);
    expect(await owed(first.jobId)).toEqual(['flush']);
    down.mockRestore();
    const second = await runningJob(user, 3);
    await finish(second, [0, 1, 2]);
    expect(await d1('SELECT credits FROM users WHERE id = ?', user.userId)).toEqual([{ credits: 5 }]);
    await later(first.jobId);
    expect(await historyOf(first.jobId)).toEqual([{ status: 'done' }]);
    expect(await d1('SELECT credits FROM users WHERE id = ?', user.userId)).toEqual([{ credits: 5 }]);
    const sum = await d1('SELECT sum(amount) AS credits FROM billing_events WHERE user_id = ?', user.userId);
    expect(sum).toEqual([{ credits: 5 }]);
  });
});

describe('an R2 that fails', () => {
  test('to be listed keeps the job closing, shown as running and not charged, until the alarm has looked', async () => {
    const job = await runningJob(user, 2);
    await putResults(job, [0, 1]);
    const down = vi.spyOn(env.R2, 'list').mockRejectedValue(new Error('R2 is down'));
    const items = [doneItem(job, 0), doneItem(job, 1)];
    expect((await report(job, { items })).body.data?.status).toBe('running');
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
    down.mockRestore();
    await later(job.jobId);
    expect(await inspect(job.jobId)).toMatchObject({ status: 'done', charged: 2, pendingEffects: [] });
  });
});

describe('a provider that fails', () => {
  test('to cancel a run is asked again by the alarm; the user has long had the answer', async () => {
    gpu.script.cancel = answering(500);
    const job = await runningJob(user, 1);
    expect(await user.client.jobs.cancel.mutate({ jobId: job.jobId })).toMatchObject({ refunded: 1 });
    await expect.poll(() => owed(job.jobId)).toEqual(['cancelRuns']);
    await expect.poll(() => gpu.canceled).toHaveLength(1);
    gpu.script.cancel = answering(200);
    await later(job.jobId);
    expect(gpu.canceled).toHaveLength(2);
    expect(await owed(job.jobId)).toEqual([]);
  });

  // Regression: the time limit of an effect was shorter than the provider's, so that a slow cancel failed each time.
  test('to cancel quickly has the time that a provider has', async () => {
    const job = await runningJob(user, 1);
    // The object has an environment of its own, with the settings that belong to it.
    const numbers = await runInDurableObject(
      jobObject(job.jobId),
      (object) => settingsOf((object as unknown as { env: Env }).env).numbers,
    );
    const { EFFECT_TIMEOUT_MS } = numbers;
    numbers.EFFECT_TIMEOUT_MS = 100;
    gpu.script.cancel = async () => {
      await scheduler.wait(500);
      return new Response(null, { status: 200 });
    };
    try {
      await user.client.jobs.cancel.mutate({ jobId: job.jobId });
      await expect.poll(() => gpu.canceled).toHaveLength(1);
      await scheduler.wait(200);
      expect((await inspect(job.jobId)).pendingEffects).toMatchObject([{ name: 'cancelRuns', tries: 0 }]);
      await expect.poll(() => owed(job.jobId)).toEqual([]);
      expect(gpu.canceled).toHaveLength(1);
    } finally {
      numbers.EFFECT_TIMEOUT_MS = EFFECT_TIMEOUT_MS;
    }
  });

  test('to cancel one of several runs has only that one canceled again', async () => {
    gpu.script.dispatch = () => Response.json({});
    const job = await runningJob(user, 1);
    await runInDurableObject(jobObject(job.jobId), (_, { storage }) => {
      const runs = `json('["run-b","run-c"]')`;
      storage.sql.exec(
        `UPDATE job SET state = json_set(state, '$.effects.cancelRuns', json_object('tries', 1, 'due', ?, 'providerIds', ${runs}))`,
        Date.now(),
      );
    });
    await evictDurableObject(jobObject(job.jobId));
    gpu.script.cancel = (run) => new Response(null, { status: run === 'run-b' ? 500 : 200 });
    await later(job.jobId);
    expect(gpu.canceled.toSorted()).toEqual(['run-b', 'run-c']);
    gpu.script.cancel = answering(200);
    await later(job.jobId);
    expect(gpu.canceled.slice(2)).toEqual(['run-b']);
  });

  test.for([
    404, 405, 401, 302,
  ])('to know a run, or to cancel any, by answering %i is not asked again', async (status) => {
    gpu.script.cancel = answering(status);
    const job = await runningJob(user, 1);
    await user.client.jobs.cancel.mutate({ jobId: job.jobId });
    await expect.poll(() => owed(job.jobId)).toEqual([]);
    expect(gpu.canceled).toHaveLength(1);
  });
});

test('an alarm never throws, whatever is broken, and sets the next one', async () => {
  const job = await runningJob(user, 2);
  await putResults(job, [0]);
  await report(job, doneItem(job, 0));
  gpu.script.status = () => unreachable();
  const broken = [
    vi.spyOn(env.R2, 'list').mockImplementation(unreachable),
    vi.spyOn(env.DB, 'batch').mockImplementation(unreachable),
    vi.spyOn(env.USER_LIMITER, 'get').mockImplementation(unreachable),
  ];
  failSends(100);
  for (let round = 0; round < 8; round++) {
    pass(6 * HOUR);
    expect(await wake(jobObject(job.jobId))).toBe(true);
    expect((await inspect(job.jobId)).nextAlarm).toBeGreaterThan(Date.now());
  }
  for (const spy of broken) spy.mockRestore();
  pass(HOUR);
  await wake(jobObject(job.jobId));
  expect(await inspect(job.jobId)).toMatchObject({ status: 'done', charged: 1, pendingEffects: [] });
});

test('an alarm in which even the storage fails throws nothing, and is tried again within an hour', async () => {
  const { jobId } = await createdJob(user, 2);
  pass(HOUR);
  await runInDurableObject(jobObject(jobId), (object, { storage }) => {
    const broken = vi.spyOn(storage.sql, 'exec').mockImplementation(unreachable);
    return object.alarm().finally(() => broken.mockRestore());
  });
  const { status, nextAlarm } = await inspect(jobId);
  expect(status).toBe('created');
  expect(nextAlarm).toBeLessThanOrEqual(Date.now() + HOUR);
  pass(HOUR);
  await wake(jobObject(jobId));
  expect((await inspect(jobId)).status).toBe('canceled');
});

test('an object that is evicted after every step does the same job', async () => {
  const job = await createdJob(user, 2);
  const { jobId } = job;
  const evict = async () => {
    const before = await inspect(jobId);
    await evictDurableObject(jobObject(jobId));
    expect(await inspect(jobId)).toEqual(before);
  };
  await evict();
  await putInputs(job, [0, 1]);
  await user.client.jobs.confirmUpload.mutate({ jobId });
  await evict();
  await user.client.jobs.execute.mutate({ jobId, ...CHOICE });
  await evict();
  await deliver(lastSent(jobId));
  const running = { ...job, dispatch: dispatchOf(jobId) };
  await evict();
  await finish(running, [0]);
  await evict();
  await finish(running, [1]);
  await evict();
  expect(await inspect(jobId)).toMatchObject({ status: 'done', done: 2, charged: 2 });
  expect((await report(running, doneItem(job, 0))).body.data?.items).toEqual([{ idx: 0, outcome: 'duplicate' }]);
  expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
});
