/** The next alarm is a function of what is stored: one that was lost, or could not be set, costs time and never a job. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { creditsOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, MINUTE, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { answering, gpu } from '../../../proving/world/workerd/gpu.ts';
import {
  CHOICE,
  createdJob,
  doneJob,
  finish,
  queuedJob,
  runningJob,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import {
  d1,
  inspect,
  jobObject,
  jobRpc,
  sqlIn,
  tellD1,
  userObject,
  userRpc,
} from '../../../proving/world/workerd/objects.ts';
import { deliver, lastSent } from '../../../proving/world/workerd/queue.ts';
import { DueWork } from '../../src/durable-objects/job-coordinator/due-work.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});

/** It wakes the object, if it sleeps. */
const alarmOf = (stub: DurableObjectStub) => runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
async function loseAlarm(stub: DurableObjectStub): Promise<number | null> {
  const before = await alarmOf(stub);
  await runInDurableObject(stub, (_, { storage }) => storage.deleteAlarm());
  await evictDurableObject(stub);
  return before;
}

/** Stands before every object's setAlarm, and notes what is set. */
async function standBefore(stub: DurableObjectStub, refuse: (() => Promise<void>) | null): Promise<number[]> {
  const times: number[] = [];
  await runInDurableObject(stub, (_, { storage }) => {
    const own = Object.getPrototypeOf(storage) as DurableObjectStorage;
    const { setAlarm } = own;
    vi.spyOn(own, 'setAlarm').mockImplementation(function (this: DurableObjectStorage, time, ...rest) {
      if (refuse !== null) return refuse();
      times.push(Number(time));
      return Reflect.apply(setAlarm, this, [time, ...rest]) as Promise<void>;
    });
  });
  return times;
}
const QUOTA = 'Exceeded allowed rows written in Durable Objects free tier.';
const refusals: [string, () => Promise<void>][] = [
  [
    'throws',
    () => {
      throw new Error(QUOTA);
    },
  ],
  ['rejects', () => Promise.reject(new Error(QUOTA))],
];

describe('a lost alarm', () => {
  test.for([
    ['a created job', createdJob],
    ['an uploaded job', uploadedJob],
    ['a queued job', queuedJob],
    ['a running job', runningJob],
    ['a job that is done', doneJob],
  ] as const)('of %s is set again when its object wakes', async ([, make]) => {
    const { jobId } = await make(user, 2);
    // It is only ever moved to an earlier time: now it stands where the state as it is asks for it.
    await wake(jobObject(jobId));
    const before = await loseAlarm(jobObject(jobId));
    expect(before).not.toBeNull();
    expect(await alarmOf(jobObject(jobId))).toBe(before);
  });

  test('of a tombstone is set again when its object wakes', async () => {
    const jobId = env.JOB_COORDINATOR.idFromName(`${user.userId}:never`).toString();
    await jobRpc(jobId).abandon();
    const before = await loseAlarm(jobObject(jobId));
    expect(before).toBe(Date.now() + DAY);
    expect(await alarmOf(jobObject(jobId))).toBe(before);
  });

  test("of a user's object is set again for what D1 has not heard, and for its holds", async () => {
    const stub = userObject(user.userId);
    const told = await loseAlarm(stub);
    expect(await alarmOf(stub)).toBe(told);
    await wake(stub);
    await createdJob(user, 2);
    const check = await loseAlarm(stub);
    expect(check).toBe(Date.now() + 2 * MINUTE);
    expect(await alarmOf(stub)).toBe(check);
  });

  test('that is overdue when the object wakes fires at once, and the job ends', async () => {
    const { jobId } = await createdJob(user, 3);
    await loseAlarm(jobObject(jobId));
    pass(5 * DAY);
    expect(await alarmOf(jobObject(jobId))).toBe(Date.now());
    await wake(jobObject(jobId));
    expect(await inspect(jobId)).toMatchObject({ status: 'canceled', error: 'upload expired' });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });

  test('of a live job is found within an hour by its user, although nobody calls', async () => {
    const { jobId } = await runningJob(user, 2);
    const { leaseUntil } = await inspect(jobId);
    pass(2 * MINUTE);
    await wake(userObject(user.userId));
    expect(await alarmOf(userObject(user.userId))).toBeLessThanOrEqual(Date.now() + HOUR);
    await loseAlarm(jobObject(jobId));
    pass(HOUR);
    const times = await standBefore(userObject(user.userId), null);
    await wake(userObject(user.userId));
    expect(times).toContain(Date.now());
    gpu.script.status = answering(404);
    await wake(jobObject(jobId));
    expect(await inspect(jobId)).toMatchObject({ attempt: 2 });
    expect((await inspect(jobId)).leaseUntil).toBeGreaterThan(leaseUntil ?? 0);
  });

  test('costs a row when it is set again, and a wake with one that is set costs none', async () => {
    const { jobId } = await runningJob(user, 2);
    const times = await standBefore(jobObject(jobId), null);
    await evictDurableObject(jobObject(jobId));
    await inspect(jobId);
    await user.client.jobs.get.query({ jobId });
    expect(times).toEqual([]);
    await loseAlarm(jobObject(jobId));
    await inspect(jobId);
    expect(times).toHaveLength(1);
  });
});

describe.for(refusals)('an alarm that cannot be set because storage %s', ([, refuse]) => {
  test('takes nothing back that was committed, and is set by the next call', async () => {
    const { jobId } = await uploadedJob(user, 2);
    await standBefore(jobObject(jobId), refuse);
    expect(await user.client.jobs.execute.mutate({ jobId, ...CHOICE })).toMatchObject({ status: 'queued' });
    await deliver(lastSent(jobId));
    // When the provider is asked how the run stands.
    const asked = Date.now() + MINUTE / 2;
    expect((await inspect(jobId)).nextAlarm).toBeGreaterThan(asked);
    vi.restoreAllMocks();
    await user.client.jobs.get.query({ jobId });
    expect((await inspect(jobId)).nextAlarm).toBe(asked);
  });

  test("of a user's object leaves what D1 has to hear in the outbox, and is set by the next call", async () => {
    await tellD1(user);
    await standBefore(userObject(user.userId), refuse);
    await user.client.rules.create.mutate({ name: 'Oak', presetId: 'interior', ...CHOICE, protect: [] });
    expect(await alarmOf(userObject(user.userId))).toBeNull();
    vi.restoreAllMocks();
    expect((await user.client.rules.list.query()).length).toBe(1);
    await userRpc(user.userId).sessionEpoch();
    expect(await alarmOf(userObject(user.userId))).not.toBeNull();
    await wake(userObject(user.userId));
    expect(await d1('SELECT name FROM rules WHERE user_id = ?', user.userId)).toEqual([{ name: 'Oak' }]);
  });

  test('at the end of its handler makes that throw, so that the platform repeats it', async () => {
    const { jobId } = await createdJob(user, 2);
    for (const stub of [jobObject(jobId), userObject(user.userId)]) {
      await standBefore(stub, refuse);
      await expect(wake(stub)).rejects.toThrow('the next alarm could not be set');
      vi.restoreAllMocks();
    }
    await user.client.jobs.get.query({ jobId });
    expect((await inspect(jobId)).nextAlarm).toBe(Date.now() + HOUR);
    await userRpc(user.userId).sessionEpoch();
    expect(await alarmOf(userObject(user.userId))).not.toBeNull();
  });
});

describe('an alarm that keeps failing', { timeout: 30_000 }, () => {
  /** Wakes it from alarm to alarm for a day, evicted in between; returns the waits. */
  async function aDayOf(stub: DurableObjectStub): Promise<number[]> {
    const until = Date.now() + DAY;
    const waits: number[] = [];
    while (Date.now() < until && waits.length < 200) {
      const at = (await alarmOf(stub)) ?? expect.unreachable('no alarm is set');
      const wait = Math.max(0, at - Date.now());
      waits.push(wait);
      pass(wait);
      await evictDurableObject(stub);
      await wake(stub);
    }
    return waits;
  }
  function expectGrowing(waits: number[]): void {
    expect(waits.length).toBeLessThan(120);
    expect(Math.max(...waits)).toBeGreaterThan(HOUR / 2);
    expect(Math.max(...waits)).toBeLessThanOrEqual(HOUR);
  }

  test("of a job wakes some fifty times a day, not every eight seconds, and the job's next one is in time again", async () => {
    const { jobId } = await runningJob(user, 2);
    await wake(jobObject(jobId));
    const broken = vi.spyOn(DueWork.prototype, 'run').mockRejectedValue(new Error('broken'));
    expectGrowing((await aDayOf(jobObject(jobId))).slice(1));
    broken.mockRestore();
    await wake(jobObject(jobId));
    await wake(jobObject(jobId));
    expect(await inspect(jobId)).toMatchObject({ status: 'failed', charged: 0 });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });

  test('of a user, whom D1 does not hear, does so as well, and tells it in seconds once it hears again', async () => {
    const down = vi.spyOn(env.DB, 'batch').mockRejectedValue(new Error('D1_ERROR: down'));
    expectGrowing(await aDayOf(userObject(user.userId)));
    down.mockRestore();
    await wake(userObject(user.userId));
    expect(await d1('SELECT credits FROM users WHERE id = ?', user.userId)).toEqual([{ credits: 10 }]);
    await user.client.rules.create.mutate({ name: 'Oak', presetId: 'interior', ...CHOICE, protect: [] });
    expect(await alarmOf(userObject(user.userId))).toBe(Date.now() + 2_000);
  });

  test('for a job that does not answer its user does so as well', async () => {
    await tellD1(user);
    const jobId = env.JOB_COORDINATOR.idFromName(`${user.userId}:half-a-create`).toString();
    await userRpc(user.userId).reserve(null, { jobId, preset: 'interior', amount: 2 });
    const deaf = { abandon: () => Promise.reject(new Error('unreachable')) };
    const unreachable = vi.spyOn(env.JOB_COORDINATOR, 'get').mockReturnValue(deaf as never);
    expectGrowing(await aDayOf(userObject(user.userId)));
    unreachable.mockRestore();
    pass(HOUR);
    await wake(userObject(user.userId));
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });
});

describe('what cannot be read', () => {
  test('answers with an error, keeps nothing from waking, and goes on when it can be read again', async () => {
    const job = await runningJob(user, 1);
    const stub = jobObject(job.jobId);
    const [row] = await sqlIn(stub, 'SELECT state FROM job');
    await sqlIn(stub, "UPDATE job SET state = '{'");
    await loseAlarm(stub);
    await expect(user.client.jobs.get.query({ jobId: job.jobId })).rejects.toMatchObject({ data: { httpStatus: 500 } });
    await runInDurableObject(stub, (object) => object.alarm());
    const next = await alarmOf(stub);
    expect(next).toBeGreaterThan(Date.now());
    expect(next).toBeLessThanOrEqual(Date.now() + HOUR);
    await sqlIn(stub, 'UPDATE job SET state = ?', String(row?.state));
    await evictDurableObject(stub);
    await finish(job, [0]);
    expect(await inspect(job.jobId)).toMatchObject({ status: 'done', charged: 1 });
  });

  test("of a user's account neither", async () => {
    const stub = userObject(user.userId);
    const [row] = await sqlIn(stub, 'SELECT live FROM account');
    await sqlIn(stub, "UPDATE account SET live = '['");
    await evictDurableObject(stub);
    await expect(user.client.user.me.query()).rejects.toMatchObject({ data: { httpStatus: 500 } });
    await runInDurableObject(stub, (object) => object.alarm());
    expect(await alarmOf(stub)).toBeGreaterThan(Date.now());
    await sqlIn(stub, 'UPDATE account SET live = ?', String(row?.live));
    await evictDurableObject(stub);
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });
});
