/** A sign-up stores nothing; the account is opened by its first change, once, with what the token carries. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { decodeJwt, SignJWT } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import { admin, clientFor, refusalOf, sessionOf, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, MINUTE, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { CHOICE, PHOTO } from '../../../proving/world/workerd/jobs.ts';
import { d1, sqlIn, tellD1, userObject, userRpc } from '../../../proving/world/workerd/objects.ts';
import { ceilingsOf } from '../../src/durable-objects/user-limiter/outside.ts';
import { absentJob, credits, grants, job, keyOf, rule, stored, user, visit } from './visitor.ts';

describe('while no change was made', () => {
  test('reads tell what the account will have, refused changes change nothing, and none of it is stored', async () => {
    const before = await stored();
    const { client } = user;
    expect(await client.user.me.query()).toEqual({
      userId: user.userId,
      plan: 'free',
      credits: { balance: 10, held: 0, spent: 0, granted: 10 },
      activeJobs: 0,
      ruleSlots: { used: 0, max: 2 },
      limits: { activeJobs: 1, photosPerJob: 10, ruleSlots: 2, photoBytes: 25_000_000 },
    });
    expect(await client.rules.list.query()).toEqual([]);
    expect(await client.jobs.list.query()).toEqual({ jobs: [], nextCursor: null });
    expect(await client.user.ledger.query()).toEqual({ receipts: [], nextCursor: null });
    expect(await client.user.export.query()).toMatchObject({ user: null, rules: [], jobs: [], receipts: [] });
    expect(await client.jobs.estimate.query({ preset: 'interior', photos: 10 })).toEqual({
      credits: 10,
      balance: 10,
      allowed: true,
    });
    expect(await client.jobs.estimate.query({ preset: 'interior', photos: 11 })).toMatchObject({
      reason: 'ITEM_LIMIT',
    });
    const jobId = absentJob();
    const refused: [() => Promise<unknown>, string][] = [
      [() => client.rules.get.query({ id: 'rul_absent' }), 'RULE_NOT_FOUND'],
      [() => client.rules.update.mutate({ id: 'rul_absent', name: 'x' }), 'RULE_NOT_FOUND'],
      [() => client.rules.delete.mutate({ id: 'rul_absent' }), 'RULE_NOT_FOUND'],
      [() => client.jobs.get.query({ jobId }), 'JOB_NOT_FOUND'],
      [() => client.jobs.cancel.mutate({ jobId }), 'JOB_NOT_FOUND'],
      [() => client.jobs.delete.mutate({ jobId }), 'JOB_NOT_FOUND'],
      [() => client.jobs.confirmUpload.mutate({ jobId }), 'JOB_NOT_FOUND'],
      [() => client.jobs.renewUploads.mutate({ jobId, indexes: [0] }), 'JOB_NOT_FOUND'],
      [() => client.jobs.execute.mutate({ jobId, ...CHOICE }), 'JOB_NOT_FOUND'],
      [() => client.jobs.execute.mutate({ jobId, ruleId: 'rul_absent' }), 'RULE_NOT_FOUND'],
      [() => client.jobs.create.mutate({ from: { jobId } }), 'JOB_NOT_FOUND'],
      [() => client.jobs.create.mutate({ ...job, photos: Array.from({ length: 11 }, () => PHOTO) }), 'ITEM_LIMIT'],
    ];
    for (const [call, code] of refused) expect((await refusalOf(call())).code).toBe(code);
    expect((await admin().admin.reconcile.mutate({ userId: user.userId })).differences).toEqual([]);
    expect(await stored()).toEqual(before);
  });

  test('an object that is woken or asked by others stores nothing either', async () => {
    const before = await stored();
    const object = userRpc(user.userId);
    expect(await object.me()).toBeNull();
    expect(await object.sessionEpoch()).toBe(0);
    expect((await object.review('', 10)).jobs).toEqual([]);
    await runInDurableObject(userObject(user.userId), (instance) => instance.alarm?.());
    await evictDurableObject(userObject(user.userId));
    expect((await credits(user)).balance).toBe(10);
    expect(await stored()).toEqual(before);
  });

  test('a deletion is done at once, stores nothing, and the token stays good', async () => {
    const before = await stored();
    expect(await user.client.user.delete.mutate()).toMatchObject({ userId: user.userId, done: true });
    expect((await credits(user)).balance).toBe(10);
    expect(await stored()).toEqual(before);
    await user.client.rules.create.mutate(rule);
    expect((await credits(user)).granted).toBe(10);
  });

  test('a token is renewed, and what it carries goes on', async () => {
    const before = await stored();
    const deviceHash = crypto.randomUUID();
    const first = await visit({ idempotencyKey: keyOf(), deviceHash });
    pass(20 * DAY);
    const { token, userId } = await first.client.auth.renew.mutate();
    expect(userId).toBe(first.userId);
    expect(await stored()).toEqual(before);
    const signedUpAt = decodeJwt(first.token).sat;
    expect(decodeJwt(token)).toMatchObject({ dev: deviceHash, sat: signedUpAt });
    await clientFor(token).rules.create.mutate(rule);
    const row = await sqlIn(userObject(userId), 'SELECT device_hash, created_at FROM account');
    expect(row).toEqual([{ device_hash: deviceHash, created_at: Number(signedUpAt) * 1000 }]);
  });

  test('random sign-ups and reads leave no row, no table and no alarm', async () => {
    const before = await stored();
    const random = (below: number) => Math.floor(Math.random() * below);
    const visitors: User[] = [user];
    for (let nth = 0; nth < 60; nth++) {
      const { client } = visitors[random(visitors.length)] ?? user;
      const moves = [
        async () => visitors.push(await visit()),
        async () => visitors.push(await visit({ idempotencyKey: keyOf(), deviceHash: crypto.randomUUID() })),
        async () => visitors.push(await visit({ idempotencyKey: keyOf(Date.now() - random(DAY)) })),
        () => client.user.me.query(),
        () => client.rules.list.query(),
        () => client.jobs.list.query({ limit: 1 }),
        () => client.user.ledger.query(),
        () => client.jobs.estimate.query({ preset: 'seller', photos: 1 + random(20) }),
        () => refusalOf(client.jobs.get.query({ jobId: absentJob() })),
        () => client.auth.renew.mutate(),
        () => pass(random(HOUR)),
      ];
      await moves[random(moves.length)]?.();
    }
    expect(await stored()).toEqual(before);
  });
});

describe('the first change opens the account', () => {
  const changes: [string, (by: User) => Promise<unknown>][] = [
    ['a rule', ({ client }) => client.rules.create.mutate(rule)],
    ['a job', ({ client }) => client.jobs.create.mutate(job)],
    ['a revocation', ({ client }) => client.auth.revoke.mutate()],
    ['a plan', ({ userId }) => admin().admin.setPlan.mutate({ userId, plan: 'free' })],
    [
      'a payment',
      ({ userId }) =>
        admin().admin.grantCredits.mutate({ userId, amount: 1, reason: 'paid', idempotencyKey: 'payment-0001' }),
    ],
  ];
  test.for(changes)('%s: with its credits, its row and its receipt', async ([what, change]) => {
    const claims = vi.spyOn(env.USER_LIMITER, 'idFromName');
    await change(user);
    const paid = what === 'a payment' ? [1] : [];
    expect((await userRpc(user.userId).me())?.credits.granted).toBe(10 + paid.length);
    await tellD1(user);
    expect(await d1('SELECT plan FROM users WHERE id = ?', user.userId)).toEqual([{ plan: 'free' }]);
    expect((await grants(user.userId)).toSorted()).toEqual([...paid, 10].toSorted());
    expect(claims.mock.calls.filter(([name]) => name === 'ceilings')).toHaveLength(1);
    expect((await admin().admin.reconcile.mutate({ userId: user.userId })).differences).toEqual([]);
  });

  test.for(changes)('%s: refused, and nothing stored, while the ceilings cannot be asked', async ([, change]) => {
    vi.spyOn(console, 'error').mockReturnValue();
    const before = await stored();
    const get = env.USER_LIMITER.get.bind(env.USER_LIMITER);
    const reserved = env.USER_LIMITER.idFromName('ceilings');
    const away = vi.spyOn(env.USER_LIMITER, 'get').mockImplementation((id) => {
      if (id.equals(reserved)) throw new Error('away');
      return get(id);
    });
    expect(await refusalOf(change(user))).toMatchObject({ code: 'SERVICE_UNAVAILABLE', httpStatus: 503 });
    away.mockRestore();
    expect(await stored()).toEqual(before);
    await change(user);
    expect((await userRpc(user.userId).me())?.credits.granted).toBeGreaterThanOrEqual(10);
  });

  test('many first changes at once open one account, grant once and lose none of the changes', async () => {
    const all = await Promise.allSettled([
      user.client.rules.create.mutate(rule),
      user.client.jobs.create.mutate(job),
      user.client.rules.create.mutate({ ...rule, name: 'Ash' }),
      user.client.jobs.create.mutate(job),
      admin().admin.grantCredits.mutate({
        userId: user.userId,
        amount: 5,
        reason: 'paid',
        idempotencyKey: 'payment-0002',
      }),
    ]);
    expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(await credits(user)).toEqual({ balance: 13, held: 2, spent: 0, granted: 15 });
    expect((await user.client.user.me.query()).ruleSlots.used).toBe(2);
    await tellD1(user);
    expect((await grants(user.userId)).toSorted()).toEqual([10, 5]);
  });

  test('two answers of the ceilings in one turn lose no hold', async () => {
    const session = sessionOf(user.userId);
    await runInDurableObject(userObject(user.userId), async (object) => {
      const reserve = (name: string) =>
        object.reserve(session, {
          jobId: env.JOB_COORDINATOR.idFromName(`${user.userId}:${name}`).toString(),
          preset: 'interior',
          amount: 3,
        });
      const ask = vi
        .spyOn(env.USER_LIMITER, 'get')
        .mockReturnValue({ claimSignUp: () => Promise.resolve(10) } as never);
      const answers = await Promise.all([reserve('a'), reserve('b')]);
      ask.mockRestore();
      // The free plan runs one job at a time, so the second has to see the first.
      expect(answers.map(({ ok }) => ok)).toEqual([true, false]);
    });
    expect(await credits(user)).toMatchObject({ balance: 7, held: 3 });
  });

  test('after a crash between the claim and the account it is opened by the next one, and counted once', async () => {
    const today = () => sqlIn(userObject('ceilings'), 'SELECT credits FROM day ORDER BY day DESC LIMIT 1');
    const { userId } = user;
    await ceilingsOf(env).claimSignUp({ userId, deviceHash: null, credits: 10, addressMark: null });
    const before = await today();
    await user.client.rules.create.mutate(rule);
    expect(await today()).toEqual(before);
    expect((await credits(user)).granted).toBe(10);
  });

  test('a device that had its credits opens an account without any, and its claim cannot be forged', async () => {
    const deviceHash = crypto.randomUUID();
    const [first, second] = [await visit({ deviceHash }), await visit({ deviceHash })];
    for (const { client } of [first, second]) await client.rules.create.mutate(rule);
    expect([(await credits(first)).granted, (await credits(second)).granted]).toEqual([10, 0]);
    const third = await visit({ deviceHash });
    const { dev: _, ...claims } = decodeJwt(third.token);
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .sign(new TextEncoder().encode('x'.repeat(40)));
    expect((await refusalOf(clientFor(forged).rules.create.mutate(rule))).code).toBe('TOKEN_INVALID');
    expect(await userRpc(third.userId).me()).toBeNull();
  });

  test('an operator opens none for an id that no sign-up can have made', async () => {
    for (const userId of ['usr_made_up', `usr_${'x'.repeat(23)}`, `usr_${'x'.repeat(21)}.`, 'ceilings']) {
      expect((await refusalOf(admin().admin.setPlan.mutate({ userId, plan: 'pro' }))).code).toBe('NOT_FOUND');
    }
  });

  test('a job made by its first change goes the whole way, and its alarm tells D1', async () => {
    const { jobId } = await user.client.jobs.create.mutate(job);
    expect((await user.client.jobs.get.query({ jobId })).status).toBe('created');
    await user.client.jobs.cancel.mutate({ jobId });
    pass(MINUTE);
    await wake(userObject(user.userId));
    expect(await d1('SELECT credits FROM users WHERE id = ?', user.userId)).toEqual([{ credits: 10 }]);
  });
});
