/** Repeated and simultaneous calls: the same key does a thing once, and limits hold when everybody comes at once. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { clientFor, creditsOf, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, MINUTE, pass } from '../../../proving/world/workerd/clock.ts';
import {
  CHOICE,
  createdJob,
  doneItem,
  doneJob,
  PHOTO,
  photos,
  putResults,
  report,
  runningJob,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { d1, sqlIn, tellD1, userObject } from '../../../proving/world/workerd/objects.ts';
import { queue } from '../../../proving/world/workerd/queue.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});

/** A client of its own for each call, so that calls come as requests of their own and not as one batch. */
const apart = () => clientFor(user.token);

const settled = async <T>(calls: Promise<T>[]) => {
  const results = await Promise.allSettled(calls);
  const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const lost = await Promise.all(
    results.flatMap(({ status }, at) => (status === 'rejected' && calls[at] ? [refusalOf(calls[at])] : [])),
  );
  return { won, lost: lost.map(({ code }) => code) };
};

describe('jobs.create', () => {
  const key = 'album-2030-01-01';
  const create = (count = 2, idempotencyKey = key) =>
    apart().jobs.create.mutate({ preset: 'interior', photos: photos(count), idempotencyKey });

  test('with the same key returns the same job with one hold, and upload URLs and time that count from now', async () => {
    const first = await create();
    pass(5 * MINUTE);
    const again = await create();
    expect(again).toMatchObject({ jobId: first.jobId, status: 'created' });
    expect(again.deadline?.getTime()).toBe((first.deadline?.getTime() ?? 0) + 5 * MINUTE);
    expect(again.uploads[0]?.expiresAt.getTime()).toBe((first.uploads[0]?.expiresAt.getTime() ?? 0) + 5 * MINUTE);
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
  });

  test('with the same key eight times at once is one job with one hold', async () => {
    const { won, lost } = await settled(Array.from({ length: 8 }, () => create()));
    expect(lost).toEqual([]);
    expect(new Set(won.map(({ jobId }) => jobId)).size).toBe(1);
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
  });

  test('with the same key for other photos, another size or another preset is IDEMPOTENCY_CONFLICT', async () => {
    await create();
    const bigger = photos(2).map((photo) => ({ ...photo, bytes: 5 }));
    for (const call of [
      () => create(3),
      () => user.client.jobs.create.mutate({ preset: 'seller', photos: photos(2), idempotencyKey: key }),
      () => user.client.jobs.create.mutate({ preset: 'interior', photos: bigger, idempotencyKey: key }),
    ]) {
      expect(await refusalOf(call())).toMatchObject({
        code: 'IDEMPOTENCY_CONFLICT',
        httpStatus: 409,
        details: { field: 'idempotencyKey' },
      });
    }
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
  });

  test('with the key of a job that is over shows that job and starts nothing', async () => {
    const { jobId } = await create();
    await user.client.jobs.cancel.mutate({ jobId });
    expect(await create()).toMatchObject({ jobId, status: 'canceled', uploads: [], deadline: null });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });

  test('with the same key of two users are two jobs', async () => {
    const other = await signUp();
    const mine = await create();
    const theirs = await other.client.jobs.create.mutate({
      preset: 'interior',
      photos: photos(2),
      idempotencyKey: key,
    });
    expect(theirs.jobId).not.toBe(mine.jobId);
    expect(await creditsOf(other)).toEqual({ balance: 8, held: 2, spent: 0 });
  });

  test('six times at once on the free plan is exactly one job', async () => {
    const { won, lost } = await settled(Array.from({ length: 6 }, (_, at) => create(1, `parallel-${at}`)));
    expect(won).toHaveLength(1);
    expect(lost).toEqual(Array.from({ length: 5 }, () => 'CONCURRENCY_LIMIT'));
    expect(await creditsOf(user)).toEqual({ balance: 9, held: 1, spent: 0 });
    const holds = await sqlIn(
      userObject(user.userId),
      "SELECT value ->> 'jobId' AS jobId FROM account, json_each(live)",
    );
    expect(holds).toEqual([{ jobId: won[0]?.jobId }]);
  });

  test('after a lost answer holds nothing twice: the same call finishes what was begun', async () => {
    vi.spyOn(env.JOB_COORDINATOR, 'get').mockImplementationOnce(() => {
      throw new Error('the answer was lost');
    });
    expect((await refusalOf(create())).code).toBe('INTERNAL_ERROR');
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
    expect((await create()).status).toBe('created');
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
  });
});

test('32 rules at once on the free plan leave exactly two, in the object and in D1', async () => {
  const wall = { Wall: { action: 'remove' as const } };
  const calls = Array.from({ length: 32 }, (_, at) =>
    apart().rules.create.mutate({ name: `Rule ${at}`, presetId: 'interior', concepts: wall }),
  );
  const { won, lost } = await settled(calls);
  expect(won).toHaveLength(2);
  expect(new Set(lost)).toEqual(new Set(['RULE_SLOT_FULL']));
  const ids = won.map(({ id }) => id).sort();
  expect((await user.client.rules.list.query()).map(({ id }) => id).sort()).toEqual(ids);
  await tellD1(user);
  expect(await d1('SELECT id FROM rules WHERE user_id = ? ORDER BY id', user.userId)).toEqual(
    ids.map((id) => ({ id })),
  );
  expect((await user.client.user.me.query()).ruleSlots).toEqual({ used: 2, max: 2 });
});

describe('auth.anon', () => {
  const idempotencyKey = () => `install-${crypto.randomUUID()}`;

  test('with the same key is the same user, with credits once', async () => {
    const key = idempotencyKey();
    const sessions = await Promise.all(
      Array.from({ length: 4 }, () => clientFor(null).auth.anon.mutate({ idempotencyKey: key })),
    );
    pass(DAY - MINUTE);
    sessions.push(await clientFor(null).auth.anon.mutate({ idempotencyKey: key }));
    const [userId, ...others] = new Set(sessions.map((session) => session.userId));
    expect(others).toEqual([]);
    const me = await clientFor(sessions.at(-1)?.token ?? '').user.me.query();
    expect(me.credits).toEqual({ balance: 10, held: 0, spent: 0, granted: 10 });
    await tellD1({ userId: userId ?? '' });
    expect(await d1('SELECT credits FROM users WHERE id = ?', userId ?? '')).toEqual([{ credits: 10 }]);
    expect(await d1('SELECT amount FROM billing_events WHERE user_id = ?', userId ?? '')).toEqual([{ amount: 10 }]);
  });

  test('more than a day after the sign-up no longer opens the account with its key', async () => {
    const key = idempotencyKey();
    await clientFor(null).auth.anon.mutate({ idempotencyKey: key });
    pass(DAY + MINUTE);
    const caught = await refusalOf(clientFor(null).auth.anon.mutate({ idempotencyKey: key }));
    expect(caught).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', details: { field: 'idempotencyKey' } });
  });

  test('without a key is a new user each time', async () => {
    expect((await signUp()).userId).not.toBe(user.userId);
  });

  test('with a key that could be guessed is bad input', async () => {
    const caught = await refusalOf(clientFor(null).auth.anon.mutate({ idempotencyKey: 'a'.repeat(31) }));
    expect(caught).toMatchObject({ code: 'VALIDATION_ERROR', details: { field: 'idempotencyKey' } });
  });
});

describe('jobs.execute', () => {
  const idempotencyKey = 'execute-once';

  test('with the same key and choice is one execution', async () => {
    const { jobId } = await uploadedJob(user);
    const execute = () => user.client.jobs.execute.mutate({ jobId, ...CHOICE, idempotencyKey });
    expect((await execute()).status).toBe('queued');
    expect((await execute()).status).toBe('queued');
    expect(queue.sent).toHaveLength(1);
  });

  test('with the same key and another choice is IDEMPOTENCY_CONFLICT', async () => {
    const { jobId } = await uploadedJob(user);
    await user.client.jobs.execute.mutate({ jobId, ...CHOICE, idempotencyKey });
    const other = { Floor: { action: 'remove' as const } };
    const caught = await refusalOf(user.client.jobs.execute.mutate({ jobId, concepts: other, idempotencyKey }));
    expect(caught).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', details: { field: 'idempotencyKey' } });
  });

  test('five times at once is one execution', async () => {
    const { jobId } = await uploadedJob(user);
    const calls = Array.from({ length: 5 }, () => apart().jobs.execute.mutate({ jobId, ...CHOICE }));
    const { won, lost } = await settled(calls);
    expect(won).toHaveLength(1);
    expect(new Set(lost)).toEqual(new Set(['INVALID_TRANSITION']));
    expect(queue.sent).toHaveLength(1);
  });
});

describe('jobs.cancel', () => {
  test('with the same key answers the same again; with another it is ALREADY_CANCELED', async () => {
    const job = await runningJob(user, 3);
    await putResults(job, [1]);
    await report(job, doneItem(job, 1));
    const cancel = (idempotencyKey: string) => user.client.jobs.cancel.mutate({ jobId: job.jobId, idempotencyKey });
    const first = await cancel('cancel-once');
    expect(first).toEqual({ status: 'canceled', charged: 1, refunded: 2 });
    expect(await cancel('cancel-once')).toEqual(first);
    expect(await refusalOf(cancel('cancel-twice'))).toMatchObject({ code: 'ALREADY_CANCELED', httpStatus: 409 });
    expect(await creditsOf(user)).toEqual({ balance: 9, held: 0, spent: 1 });
  });

  test('is refused for a job that is done, which stays charged', async () => {
    const { jobId } = await doneJob(user, 2);
    expect(await refusalOf(user.client.jobs.cancel.mutate({ jobId }))).toMatchObject({
      code: 'INVALID_TRANSITION',
      details: { status: 'done', action: 'cancel' },
    });
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
  });

  test('frees the slot before it answers: the next create is taken at once', async () => {
    const { jobId } = await createdJob(user, 10);
    await user.client.jobs.cancel.mutate({ jobId });
    const next = await user.client.jobs.create.mutate({ preset: 'interior', photos: [PHOTO] });
    expect(next.status).toBe('created');
  });
});
