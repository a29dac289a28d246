/** UserLimiterDO: credits that always add up, what D1 hears of them and when, operators' changes, and its tables' own checks. */
import { abortAllDurableObjects, evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { admin, clientFor, creditsOf, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { HOUR, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { createdJob, doneJob, finish, runningJob } from '../../../proving/world/workerd/jobs.ts';
import { d1, sqlIn, tellD1, userObject, userRpc } from '../../../proving/world/workerd/objects.ts';
import worker from '../../src/index.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});
const d1User = () => d1('SELECT plan, credits FROM users WHERE id = ?', user.userId);
const rule = () =>
  user.client.rules.create.mutate({ name: 'R', presetId: 'interior', concepts: { Wall: { action: 'remove' } } });

test('rules are read once until one of them changes', async () => {
  const { id } = await rule();
  const names = async () => (await user.client.rules.list.query()).map(({ name }) => name);
  expect(await names()).toEqual(['R']);
  const statements = await runInDurableObject(userObject(user.userId), (_, { storage }) =>
    vi.spyOn(Object.getPrototypeOf(storage.sql) as SqlStorage, 'exec'),
  );
  expect(await names()).toEqual(['R']);
  expect((await user.client.user.me.query()).ruleSlots.used).toBe(1);
  expect(statements.mock.calls.filter(([sql]) => sql.includes('FROM rule'))).toEqual([]);
  await user.client.rules.update.mutate({ id, name: 'Renamed' });
  expect(await names()).toEqual(['Renamed']);
  await user.client.rules.delete.mutate({ id });
  expect(await names()).toEqual([]);
});

describe('what D1 hears of', () => {
  const breakD1 = () => vi.spyOn(env.DB, 'batch').mockRejectedValue(new Error('D1_ERROR: down'));

  test('changes close to each other are told in one batch, and nothing is left to wake the object for', async () => {
    const batches = vi.spyOn(env.DB, 'batch');
    user = await signUp();
    const [{ id }] = [await rule(), await rule()];
    await user.client.rules.update.mutate({ id, name: 'Renamed' });
    expect(batches).not.toHaveBeenCalled();
    await tellD1(user);
    expect(batches).toHaveBeenCalledTimes(1);
    expect(await d1User()).toEqual([{ plan: 'free', credits: 10 }]);
    const rules = await d1('SELECT name FROM rules WHERE user_id = ? ORDER BY name', user.userId);
    expect(rules).toEqual([{ name: 'R' }, { name: 'Renamed' }]);
    expect(await wake(userObject(user.userId))).toBe(false);
  });

  test('receipts are read after D1 was told, so what was just granted is among them', async () => {
    expect(await d1User()).toEqual([]);
    const { receipts } = await user.client.user.ledger.query();
    expect(receipts).toMatchObject([{ type: 'grant', amount: 10, ref: 'sign-up' }]);
    expect(await d1User()).toEqual([{ plan: 'free', credits: 10 }]);
  });

  test('a sign-up succeeds while D1 is down; the alarm fails quietly, and lands it once D1 is back', async () => {
    const down = breakD1();
    user = await signUp();
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
    pass(HOUR);
    expect(await wake(userObject(user.userId))).toBe(true);
    expect(await d1User()).toEqual([]);
    down.mockRestore();
    pass(HOUR);
    expect(await wake(userObject(user.userId))).toBe(true);
    expect(await d1User()).toEqual([{ plan: 'free', credits: 10 }]);
    expect(await d1('SELECT amount FROM billing_events WHERE user_id = ?', user.userId)).toEqual([{ amount: 10 }]);
    expect(await sqlIn(userObject(user.userId), 'SELECT * FROM outbox')).toEqual([]);
  });

  test('rules that are made, changed and deleted while D1 is down are there as they stand, once it is back', async () => {
    const down = breakD1();
    const [kept, dropped] = [await rule(), await rule()];
    await user.client.rules.update.mutate({ id: kept.id, name: 'Renamed' });
    await user.client.rules.delete.mutate({ id: dropped.id });
    expect((await user.client.rules.list.query()).map(({ name }) => name)).toEqual(['Renamed']);
    down.mockRestore();
    pass(HOUR);
    await wake(userObject(user.userId));
    const rows = await d1('SELECT id, name FROM rules WHERE user_id = ? AND deleted_at IS NULL', user.userId);
    expect(rows).toEqual([{ id: kept.id, name: 'Renamed' }]);
  });

  test('what was not written when the object was evicted is written by its alarm', async () => {
    const down = breakD1();
    user = await signUp();
    down.mockRestore();
    await evictDurableObject(userObject(user.userId));
    pass(HOUR);
    expect(await wake(userObject(user.userId))).toBe(true);
    expect(await d1User()).toEqual([{ plan: 'free', credits: 10 }]);
  });

  test('a D1 that never answers holds up nobody: it is told by the alarm', async () => {
    const silent = vi.spyOn(env.DB, 'batch').mockReturnValue(new Promise(() => {}));
    user = await signUp();
    expect((await user.client.user.me.query()).credits.balance).toBe(10);
    await abortAllDurableObjects();
    silent.mockRestore();
    pass(HOUR);
    await wake(userObject(user.userId));
    expect(await d1User()).toEqual([{ plan: 'free', credits: 10 }]);
  });
});

test('an eviction after each step changes nothing of what the account says', async () => {
  const evict = async () => {
    const before = await user.client.user.me.query();
    await evictDurableObject(userObject(user.userId));
    expect(await user.client.user.me.query()).toEqual(before);
  };
  await evict();
  const job = await runningJob(user, 3);
  await evict();
  await finish(job, [0, 1, 2]);
  await evict();
  await rule();
  await evict();
  expect(await creditsOf(user)).toEqual({ balance: 7, held: 0, spent: 3 });
});

describe('settle', () => {
  const outcome = { status: 'done' as const, done: 2, failed: 1 };

  test('charges once, however often it is asked, and refuses another amount', async () => {
    const { jobId } = await createdJob(user, 3);
    const settle = (charged: number) => userRpc(user.userId).settle({ jobId, charged, outcome });
    const first = await settle(2);
    expect(first).toMatchObject({ ok: true, value: { credits: 8 } });
    expect(await settle(2)).toEqual(first);
    expect(await settle(3)).toMatchObject({ ok: false, refusal: { code: 'IDEMPOTENCY_CONFLICT' } });
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
  });

  test('is refused for a job that nothing is held for', async () => {
    const jobId = env.JOB_COORDINATOR.idFromName('nobody:nothing').toString();
    expect(await userRpc(user.userId).settle({ jobId, charged: 0, outcome })).toMatchObject({ ok: false });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });
});

describe('operators', () => {
  test('setPlan takes effect at once, and the credits of a plan come with the first time it is entered', async () => {
    const set = (plan: 'free' | 'pro') => admin().admin.setPlan.mutate({ userId: user.userId, plan });
    expect(await set('pro')).toMatchObject({ plan: 'pro', credits: { balance: 210, granted: 210 } });
    expect((await user.client.user.me.query()).limits).toMatchObject({
      activeJobs: 3,
      photosPerJob: 200,
      ruleSlots: 20,
    });
    await set('pro');
    await set('free');
    expect(await set('pro')).toMatchObject({ credits: { granted: 210 } });
    expect(await d1User()).toEqual([{ plan: 'pro', credits: 210 }]);
    const { receipts } = await user.client.user.ledger.query();
    expect(receipts.map(({ amount, ref }) => [amount, ref]).toSorted()).toEqual([
      [10, 'sign-up'],
      [200, 'plan pro'],
    ]);
  });

  test('grantCredits grants once a key, and refuses the key for another amount', async () => {
    const grant = (amount: number, idempotencyKey: string) =>
      admin().admin.grantCredits.mutate({ userId: user.userId, amount, reason: 'sorry', idempotencyKey });
    expect((await grant(5, 'grant-0001')).credits.balance).toBe(15);
    expect((await grant(5, 'grant-0001')).credits.balance).toBe(15);
    expect(await refusalOf(grant(6, 'grant-0001'))).toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
      details: { field: 'idempotencyKey' },
    });
    expect((await grant(5, 'grant-0002')).credits.balance).toBe(20);
    expect(await d1User()).toEqual([{ plan: 'free', credits: 20 }]);
  });

  test('for a user that never was they are NOT_FOUND, and no account comes to be', async () => {
    const userId = 'usr_made_up';
    expect((await refusalOf(admin().admin.setPlan.mutate({ userId, plan: 'pro' }))).code).toBe('NOT_FOUND');
    const grant = { userId, amount: 1, reason: 'x', idempotencyKey: 'grant-0003' };
    expect((await refusalOf(admin().admin.grantCredits.mutate(grant))).code).toBe('NOT_FOUND');
    expect((await admin().admin.reconcile.mutate({ userId })).differences).toEqual([]);
    expect(await sqlIn(userObject(userId), "SELECT name FROM sqlite_master WHERE name = 'account'")).toEqual([]);
  });

  test('reconcile finds nothing of a user whose D1 rows are as they should be, or about to be', async () => {
    await doneJob(user, 2);
    await rule();
    const report = await admin().admin.reconcile.mutate({ userId: user.userId });
    expect(report).toEqual({ checked: 1, differences: [], nextCursor: null });
  });

  test('reconcile names what D1 has wrong, and has it written again', async () => {
    await doneJob(user, 2);
    await rule();
    await tellD1(user);
    await env.DB.batch([
      env.DB.prepare("UPDATE users SET plan = 'pro', credits = 99 WHERE id = ?").bind(user.userId),
      env.DB.prepare("DELETE FROM billing_events WHERE user_id = ? AND type = 'grant'").bind(user.userId),
      env.DB.prepare('DELETE FROM rules WHERE user_id = ?').bind(user.userId),
    ]);
    const { differences } = await admin().admin.reconcile.mutate({ userId: user.userId });
    const byField = Object.fromEntries(differences.map(({ field, object, d1: row }) => [field, [object, row]]));
    expect(byField).toMatchObject({
      plan: ['free', 'pro'],
      credits: ['8', '99'],
      billing_events: ['8', '-2'],
      rules: ['1', '0'],
    });
    expect(differences.every(({ repaired }) => repaired)).toBe(true);
    expect(await d1User()).toEqual([{ plan: 'free', credits: 8 }]);
    expect((await admin().admin.reconcile.mutate({ userId: user.userId })).differences).toEqual([]);
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
  });

  test('reconcile has a user written again whom D1 lost', async () => {
    await tellD1(user);
    await env.DB.batch(
      ['users WHERE id', 'billing_events WHERE user_id'].map((of) =>
        env.DB.prepare(`DELETE FROM ${of} = ?`).bind(user.userId),
      ),
    );
    const { differences } = await admin().admin.reconcile.mutate({ userId: user.userId });
    expect(differences).toMatchObject([{ field: 'user', object: 'present', d1: 'absent', repaired: true }]);
    expect(await d1User()).toEqual([{ plan: 'free', credits: 10 }]);
  });

  test('the schedule visits users', async () => {
    const [first] = await d1('SELECT id FROM users ORDER BY id LIMIT 1');
    const userId = String(first?.id);
    await env.DB.prepare('UPDATE users SET credits = 1234 WHERE id = ?').bind(userId).run();
    await worker.scheduled(null as never, env);
    expect(await d1('SELECT 1 FROM users WHERE credits = 1234')).toEqual([]);
  });

  test('health asks D1 and R2, and says which of them does not answer', async () => {
    expect(await admin().admin.health.query()).toEqual({ d1: true, r2: true, gpuProvider: 'http', settings: [] });
    vi.spyOn(env.R2, 'list').mockRejectedValue(new Error('down'));
    expect(await admin().admin.health.query()).toMatchObject({ d1: true, r2: false });
  });

  test('the admin secret is no user, and a wrong one no operator', async () => {
    expect((await refusalOf(admin().user.me.query())).code).toBe('TOKEN_INVALID');
    expect((await refusalOf(clientFor(`${env.ADMIN_SECRET}x`).admin.health.query())).code).toBe('NOT_FOUND');
  });
});

describe('the tables themselves refuse', () => {
  test.for([
    ['credits from nowhere', 'UPDATE account SET balance = balance + 1'],
    ['credits that vanish', 'UPDATE account SET held = 0, spent = 0, balance = 0'],
    ['a balance below 0', 'UPDATE account SET balance = -1, spent = granted - held + 1'],
    ['held credits below 0', 'UPDATE account SET held = -1, balance = granted - spent + 1'],
    ['spent credits below 0', 'UPDATE account SET spent = -1, balance = granted - held + 1'],
    [
      'a second account',
      "INSERT INTO account SELECT 2, 'x', plan, balance, held, spent, granted, version, null, 0, 0, live, recent, schema, more FROM account",
    ],
    ['a charge over the hold', "INSERT INTO receipt VALUES ('x', 1, 'interior', 0, 0, 2, '{}')"],
    ['a charge below 0', "INSERT INTO receipt VALUES ('x', 1, 'interior', 0, 0, -1, '{}')"],
    ['a hold of nothing', "INSERT INTO receipt VALUES ('x', 0, 'interior', 0, 0, 0, '{}')"],
    ['a grant of nothing', "INSERT INTO granted VALUES ('x', 0, 'x', 0)"],
  ] as const)('%s', async ([, statement]) => {
    await createdJob(user, 2);
    await expect(sqlIn(userObject(user.userId), statement)).rejects.toThrow(/CHECK constraint failed/);
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
  });
});
