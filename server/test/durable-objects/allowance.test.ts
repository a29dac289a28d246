/** What one account may take of everybody's day: photos claimed, given back and refused; jobs, rule changes and queries counted. */
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { admin, creditsOf, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, MINUTE, pass, SECOND, wake } from '../../../proving/world/workerd/clock.ts';
import { answering, gpu } from '../../../proving/world/workerd/gpu.ts';
import {
  CHOICE,
  createdJob,
  doneJob,
  finish,
  type Job,
  queuedJob,
  runningJob,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { d1, inspect, jobObject, sqlIn, tellD1, userObject, userRpc } from '../../../proving/world/workerd/objects.ts';
import { deliver, lastSent, sentFor } from '../../../proving/world/workerd/queue.ts';
import { ceilingsOf } from '../../src/durable-objects/user-limiter/outside.ts';
import type { More } from '../../src/durable-objects/user-limiter/state.ts';

let user: User;
let days = 0;
/** Each test has a day of its own: what all share is counted by the day. */
beforeEach(async () => {
  days += 40;
  pass(days * DAY);
  user = await signUp();
  vi.spyOn(console, 'log').mockReturnValue();
});

const RESERVED = env.USER_LIMITER.idFromName('ceilings');
/** Before a test looks at who asks for it. */
const ceilings = userObject('ceilings');
/** Photos that the day's ceiling for all counts, `ago` days before today. */
async function counted(ago = 0): Promise<number> {
  const day = Math.floor(Date.now() / DAY) - ago;
  return Number((await sqlIn(ceilings, 'SELECT photos FROM day WHERE day = ?', day))[0]?.photos ?? 0);
}
const moreOf = async (): Promise<More> =>
  JSON.parse(String((await sqlIn(userObject(user.userId), 'SELECT more FROM account'))[0]?.more)) as More;
/** As a token of now would carry it. */
const sessionOf = ({ userId }: User) => ({
  userId,
  signedUpAt: Date.now(),
  deviceHash: null,
  address: null,
  issuedAt: Date.now(),
});
const execute = (jobId: string) =>
  user.client.jobs.execute.mutate({ jobId, ...CHOICE, idempotencyKey: `execute-${jobId.slice(0, 8)}` });
const cancel = ({ jobId }: Job) => user.client.jobs.cancel.mutate({ jobId });
const heard = () => wake(userObject(user.userId));
/** A job whose photos the provider takes and that is canceled then. */
async function wasted(photos: number): Promise<void> {
  await cancel(await runningJob(user, photos));
}
/** Calls of the one object that keeps the ceilings, by method. */
function ceilingCalls(): string[] {
  const calls: string[] = [];
  const get = env.USER_LIMITER.get.bind(env.USER_LIMITER);
  vi.spyOn(env.USER_LIMITER, 'get').mockImplementation((id) => {
    const stub = get(id);
    if (!id.equals(RESERVED)) return stub;
    return new Proxy(stub, {
      get: (target, name) => {
        calls.push(String(name));
        const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => Reflect.apply(method, target, args);
      },
    });
  });
  return calls;
}

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
      expect([await counted(), (await moreOf()).day?.unpaid]).toEqual([10, 10]);
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
      expect(await counted()).toBe(10);
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

describe('photos that reached the provider and were not charged', () => {
  test('are at most those of the plan a day; then execute is ALLOWANCE_EXHAUSTED, and the job waits', async () => {
    await wasted(10);
    await wasted(10);
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
    await wasted(10);
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

  test('count with each attempt', async () => {
    const job = await runningJob(user, 5);
    pass(HOUR);
    await wake(jobObject(job.jobId));
    await deliver(lastSent(job.jobId));
    await cancel(job);
    expect((await moreOf()).day).toMatchObject({ unpaid: 10 });
    expect(await counted()).toBe(5);
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
    const job = await runningJob(user, 5);
    const [row] = await sqlIn(jobObject(job.jobId), 'SELECT state FROM job');
    const { sent: _, ...state } = JSON.parse(String(row?.state)) as Record<string, unknown>;
    await sqlIn(jobObject(job.jobId), 'UPDATE job SET state = ?', JSON.stringify(state));
    await evictDurableObject(jobObject(job.jobId));
    await cancel(job);
    expect((await moreOf()).day).toMatchObject({ unpaid: 5 });
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

test('over any sequence of calls of one account the day has no more photos of it than it paid, and its allowance', async () => {
  const act = fc.constantFrom('execute', 'cancel', 'deliver', 'finish', 'alarm', 'midnight');
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 5, maxLength: 25 }),
      fc.integer({ min: 1, max: 10 }),
      async (acts, photos) => {
        days += 40;
        pass(40 * DAY);
        user = await signUp();
        await admin().admin.grantCredits.mutate({
          userId: user.userId,
          amount: 100,
          reason: 'test',
          idempotencyKey: 'a-hundred',
        });
        let job = await uploadedJob(user, photos);
        for (const what of acts) {
          if (what === 'execute') await execute(job.jobId).catch(() => {});
          else if (what === 'cancel') {
            await cancel(job).catch(() => {});
            job = await uploadedJob(user, photos);
          } else if (what === 'deliver') await deliver(...sentFor(job.jobId).slice(-1));
          else if (what === 'alarm') await heard();
          else if (what === 'midnight') pass(DAY - MINUTE);
          else if ((await inspect(job.jobId)).status === 'running') {
            const dispatch = gpu.dispatchesOf(job.jobId).at(-1);
            if (dispatch !== undefined) await finish({ ...job, dispatch }, [0]);
          }
          const { held } = await creditsOf(user);
          if (held === 0) job = await uploadedJob(user, photos);
          const paid = (await creditsOf(user)).spent;
          for (const ago of [0, 1]) expect(await counted(ago)).toBeLessThanOrEqual(paid + 20);
        }
      },
    ),
    { numRuns: 12 },
  );
}, 60_000);

describe('jobs created in a day', () => {
  const create = (idempotencyKey: string) =>
    user.client.jobs.create.mutate({
      preset: 'interior',
      photos: [{ contentType: 'image/jpeg', bytes: 4 }],
      idempotencyKey,
    });

  test('are at most those of the plan, a repeat is not one, and it goes on at midnight', async () => {
    const { jobId } = await create('job-number-0');
    await create('job-number-0');
    await user.client.jobs.cancel.mutate({ jobId });
    await create('job-number-0');
    const outcome = { status: 'canceled' as const, done: 0, failed: 1 };
    for (let nth = 1; nth < 30; nth++) {
      const other = env.JOB_COORDINATOR.idFromName(`${user.userId}:other-${nth}`).toString();
      const session = sessionOf(user);
      const reserved = await userRpc(user.userId).reserve(session, { jobId: other, preset: 'interior', amount: 1 });
      expect(reserved.ok).toBe(true);
      await userRpc(user.userId).settle({ jobId: other, charged: 0, outcome, sent: 0, ended: null });
    }
    await evictDurableObject(userObject(user.userId));
    const midnight = (Math.floor(Date.now() / DAY) + 1) * DAY;
    const until = new Date(midnight).toISOString();
    const refused = await refusalOf(create('job-number-30'));
    expect(refused).toMatchObject({
      code: 'RATE_LIMITED',
      httpStatus: 429,
      details: { retryAfterSeconds: (midnight - Date.now()) / SECOND, until },
    });
    expect(refused.message).toContain(until);
    const estimate = () => user.client.jobs.estimate.query({ preset: 'interior', photos: 1 });
    expect(await estimate()).toEqual({ credits: 1, balance: 10, allowed: false });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
    const other = await signUp();
    expect((await createdJob(other, 1)).jobId).toBeTruthy();
    pass(midnight - Date.now());
    expect((await estimate()).allowed).toBe(true);
    expect((await create('job-number-30')).status).toBe('created');
  });
});

describe('queries that ask other objects or D1', () => {
  test('are limited by the hour, all together, and remembered by an object that was evicted', async () => {
    const { jobId } = await createdJob(user, 1);
    await userRpc(user.userId).jobs(596);
    await user.client.jobs.list.query();
    await user.client.user.ledger.query();
    await user.client.user.ledger.query({
      cursor: (await user.client.user.ledger.query({ limit: 1 })).nextCursor ?? undefined,
    });
    await evictDurableObject(userObject(user.userId));
    const until = new Date((Math.floor(Date.now() / HOUR) + 1) * HOUR).toISOString();
    const gone = env.JOB_COORDINATOR.idFromName(`${user.userId}:gone`).toString();
    const asked = vi.spyOn(env.DB, 'prepare');
    for (const query of [
      () => user.client.jobs.list.query(),
      () => user.client.user.ledger.query(),
      () => user.client.jobs.estimate.query({ preset: 'interior', photos: 1 }),
      () => user.client.jobs.get.query({ jobId: gone }),
    ]) {
      expect(await refusalOf(query())).toMatchObject({ code: 'RATE_LIMITED', details: { until } });
    }
    expect(asked).not.toHaveBeenCalled();
    expect((await user.client.jobs.get.query({ jobId })).status).toBe('created');
    expect((await user.client.user.me.query()).activeJobs).toBe(1);
    expect((await (await signUp()).client.jobs.list.query()).jobs).toEqual([]);
    pass(HOUR);
    expect((await user.client.jobs.list.query()).jobs).toHaveLength(1);
  });
});

describe('rules', () => {
  const input = { presetId: 'interior', concepts: CHOICE.concepts } as const;
  const make = (name: string) => user.client.rules.create.mutate({ ...input, name });

  test('changed and made over and over are limited by the day; what is there can still be deleted', async () => {
    const session = sessionOf(user);
    const draft = { preset: 'interior' as const, concepts: CHOICE.concepts, protect: [] };
    for (let nth = 0; nth < 99; nth++) {
      const id = `rul_${nth}`;
      expect((await userRpc(user.userId).createRule(session, id, { ...draft, name: id })).ok).toBe(true);
      await userRpc(user.userId).deleteRule(session, id);
    }
    const { id } = await make('the last but one');
    await user.client.rules.update.mutate({ id, name: 'the last' });
    await user.client.rules.update.mutate({ id, name: 'the last' });
    const until = new Date((Math.floor(Date.now() / DAY) + 1) * DAY).toISOString();
    for (const change of [() => make('one more'), () => user.client.rules.update.mutate({ id, name: 'another' })]) {
      expect(await refusalOf(change())).toMatchObject({ code: 'RATE_LIMITED', details: { until } });
    }
    expect(await user.client.rules.delete.mutate({ id })).toEqual({ id, deleted: true });
    pass(DAY);
    expect((await make('of the next day')).name).toBe('of the next day');
  });

  test('of two changes at once keep both', async () => {
    const { id } = await make('oak');
    await Promise.all([
      user.client.rules.update.mutate({ id, name: 'birch' }),
      user.client.rules.update.mutate({ id, concepts: { Wall: { action: 'tone', value: 'warm' } } }),
      user.client.rules.update.mutate({ id, protect: ['Grout'] }),
    ]);
    expect(await user.client.rules.get.query({ id })).toMatchObject({
      name: 'birch',
      concepts: { Wall: { action: 'tone', value: 'warm' } },
      protect: ['Grout'],
    });
  });

  test('are checked as they are after the change', async () => {
    const { id } = await make('oak');
    const clash = user.client.rules.update.mutate({ id, protect: ['Floor'] });
    expect(await refusalOf(clash)).toMatchObject({ code: 'VALIDATION_ERROR', details: { field: 'protect[0]' } });
  });

  test('that were deleted leave their id and name in D1, and nothing of what they said', async () => {
    const { id } = await make('oak');
    await tellD1(user);
    await user.client.rules.delete.mutate({ id });
    await tellD1(user);
    expect(await d1('SELECT name, concepts_json, protect_json FROM rules WHERE id = ?', id)).toEqual([
      { name: 'oak', concepts_json: '{}', protect_json: '[]' },
    ]);
    expect(await sqlIn(userObject(user.userId), 'SELECT id FROM rule')).toEqual([]);
  });
});
