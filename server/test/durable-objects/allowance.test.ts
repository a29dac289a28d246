/** What one account may take in a day: photos in any sequence of calls; jobs, rule changes and queries counted. */
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { admin, creditsOf, refusalOf, signUp } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, MINUTE, pass, SECOND } from '../../../proving/world/workerd/clock.ts';
import { gpu } from '../../../proving/world/workerd/gpu.ts';
import { CHOICE, createdJob, finish, uploadedJob } from '../../../proving/world/workerd/jobs.ts';
import { d1, inspect, sqlIn, tellD1, userObject, userRpc } from '../../../proving/world/workerd/objects.ts';
import { deliver, sentFor } from '../../../proving/world/workerd/queue.ts';
import { cancel, counted, execute, heard, nextUser, owed, sessionOf, user } from './own-day.ts';

test('over any sequence of calls of one account the day has no more photos of it than it paid, and its allowance', async () => {
  const act = fc.constantFrom('execute', 'cancel', 'deliver', 'finish', 'alarm', 'midnight');
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 5, maxLength: 25 }),
      fc.integer({ min: 1, max: 10 }),
      async (acts, photos) => {
        await nextUser(40 * DAY);
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
          for (const ago of [0, 1]) expect((await counted(ago)) - (await owed(ago))).toBeLessThanOrEqual(paid + 20);
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
