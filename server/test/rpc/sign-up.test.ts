/** Sign-up cannot be farmed: limits by address, Turnstile, free credits once per device, and the day's ceilings by address and over all. */
import { env } from 'cloudflare:workers';
import { describe, expect, test, vi } from 'vitest';
import { askWith, clientFor, sessionOf, signUp } from '../../../proving/world/workerd/client.ts';
import { DAY, MINUTE, pass } from '../../../proving/world/workerd/clock.ts';
import { countObjects, d1, sqlIn, tellD1, userObject, userRpc } from '../../../proving/world/workerd/objects.ts';
import type { Env } from '../../src/bindings.ts';
import { ceilingsOf } from '../../src/durable-objects/user-limiter/outside.ts';
import { addressMark } from '../../src/security/user-id.ts';
import { settingsOf } from '../../src/settings/settings.ts';
import { anon, key, open } from './anon.ts';

const grantedTo = async (userId: string) => (await userRpc(userId).me())?.credits.granted;

describe('a device', () => {
  test('has its free credits once; it signs up again, as another user with none', async () => {
    const deviceHash = key();
    const [first, second] = [await open({ deviceHash }), await open({ deviceHash })];
    expect(second.status).toBe(200);
    expect(second.userId).not.toBe(first.userId);
    expect([await grantedTo(first.userId), await grantedTo(second.userId)]).toEqual([10, 0]);
    await tellD1(second);
    expect(await d1('SELECT credits FROM users WHERE id = ?', second.userId)).toEqual([{ credits: 0 }]);
    expect(await d1('SELECT * FROM billing_events WHERE user_id = ?', second.userId)).toEqual([]);
  });

  test('whose answer was lost gets the same user with the same credits', async () => {
    const input = { deviceHash: key(), idempotencyKey: key() };
    const [first, again] = [await anon(input), await anon(input)];
    expect(again.userId).toBe(first.userId);
    expect(await grantedTo(first.userId)).toBe(10);
  });

  test('whose sign-up stopped after its claim has its credits when it is repeated, even days later', async () => {
    const [userId, deviceHash] = [`usr_${key().slice(0, 22)}`, key()];
    await ceilingsOf(env).claimSignUp({ userId, deviceHash, credits: 10, addressMark: null });
    pass(3 * DAY);
    await userRpc(userId).signUp({ ...sessionOf(userId), deviceHash });
    expect(await grantedTo(userId)).toBe(10);
    expect(await grantedTo((await open({ deviceHash })).userId)).toBe(0);
  });

  test('does not get them by way of a plan that it has already', async () => {
    const deviceHash = key();
    await open({ deviceHash });
    const { userId } = await open({ deviceHash });
    const admin = clientFor(env.ADMIN_SECRET ?? '').admin;
    expect((await admin.setPlan.mutate({ userId, plan: 'free' })).credits.granted).toBe(0);
    expect((await admin.reconcile.mutate({ userId })).differences).toEqual([]);
  });
});

describe('the day', () => {
  const used = async () =>
    (await sqlIn(userObject('ceilings'), 'SELECT credits FROM day ORDER BY day DESC LIMIT 1'))[0]?.credits;
  const claim = (userId: string, credits = 10, addressMark: string | null = null) =>
    ceilingsOf(env).claimSignUp({ userId, deviceHash: null, credits, addressMark });

  test('has a ceiling of granted credits: beyond it sign-up works and grants none, until the next day', async () => {
    pass(30 * DAY);
    // All but the last ten of the ceiling.
    expect(await claim('usr_fill', 999_999_990)).toBe(999_999_990);
    const last = await signUp();
    const beyond = await signUp();
    expect([await grantedTo(last.userId), await grantedTo(beyond.userId)]).toEqual([10, 0]);
    expect((await beyond.client.user.me.query()).credits).toEqual({ balance: 0, held: 0, spent: 0, granted: 0 });
    pass(DAY);
    expect(await grantedTo((await signUp()).userId)).toBe(10);
  });

  test('counts the same sign-up once, however often it is asked and on both sides of midnight', async () => {
    pass(60 * DAY);
    await claim('usr_a');
    expect(await claim('usr_a')).toBe(10);
    expect(await used()).toBe(10);
    pass(DAY);
    expect(await claim('usr_a')).toBe(10);
    await claim('usr_b');
    expect(await used()).toBe(10);
  });

  test('forgets the claims of days gone by, a few with each new one, and no device', async () => {
    pass(90 * DAY);
    for (let nth = 0; nth < 5; nth++) await claim(`usr_old${nth}`);
    pass(2 * DAY);
    const old = () =>
      sqlIn(userObject('ceilings'), "SELECT count(*) AS n FROM claim WHERE key GLOB 'usr_old*'").then(
        ([row]) => row?.n,
      );
    await claim('usr_new1');
    expect(await old()).toBe(2);
    await claim('usr_new2');
    expect(await old()).toBe(0);
    expect(await sqlIn(userObject('ceilings'), 'SELECT count(*) AS n FROM day')).toEqual([{ n: 1 }]);
  });

  test('gives one address fifty credits and no more, however it signs up, and keeps no address by its name', async () => {
    pass(120 * DAY);
    const [address, mark] = ['192.0.2.77', addressMark('192.0.2.77', settingsOf(env))];
    // All but the last fifty of what the tests' setting lets one address have.
    expect(await claim('usr_fill_address', 99_999_950, mark)).toBe(99_999_950);
    const given = async (from: string) => grantedTo((await open({}, {}, from)).userId);
    const seen: unknown[] = [];
    for (let nth = 0; nth < 7; nth++) seen.push(await given(address));
    expect(seen).toEqual([10, 10, 10, 10, 10, 0, 0]);
    expect(await given('192.0.2.78')).toBe(10);
    const kept = await sqlIn(userObject('ceilings'), 'SELECT * FROM address_day');
    expect(JSON.stringify(kept)).not.toContain('192.0.2');
    pass(DAY);
    expect(await given(address)).toBe(10);
  });

  test('counts against an address once, however often the same account is asked for, and forgets it in a few days', async () => {
    pass(150 * DAY);
    const marks = () => sqlIn(userObject('ceilings'), 'SELECT mark, credits FROM address_day ORDER BY mark');
    await claim('usr_once', 10, 'a');
    await claim('usr_once', 10, 'a');
    await claim('usr_twice', 10, 'a');
    for (const mark of 'bcde') await claim(`usr_${mark}`, 10, mark);
    expect(await marks()).toEqual([{ mark: 'a', credits: 20 }, ...[...'bcde'].map((mark) => ({ mark, credits: 10 }))]);
    pass(2 * DAY);
    await claim('usr_late1', 10, 'z');
    await claim('usr_late2', 10, 'z');
    expect(await marks()).toEqual([{ mark: 'z', credits: 20 }]);
  });

  test('whose ceilings cannot be asked opens no account, and the same call opens it when they can', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const users = () => d1('SELECT count(*) AS n FROM users');
    const before = await users();
    const get = env.USER_LIMITER.get.bind(env.USER_LIMITER);
    const reserved = env.USER_LIMITER.idFromName('ceilings');
    const away = vi.spyOn(env.USER_LIMITER, 'get').mockImplementation((id) => {
      if (id.equals(reserved)) throw new Error('away');
      return get(id);
    });
    const input = { idempotencyKey: key() };
    expect(await anon(input)).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
    expect(await users()).toEqual(before);
    away.mockRestore();
    expect(await grantedTo((await anon(input)).userId)).toBe(10);
  });
});

describe('an address', () => {
  const limited = (limit: number): Partial<Env> => {
    const seen = new Map<string, number>();
    const count = ({ key: of }: RateLimitOptions) => {
      seen.set(of, (seen.get(of) ?? 0) + 1);
      return Promise.resolve({ success: (seen.get(of) ?? 0) <= limit });
    };
    return { SIGNUP_LIMIT: { limit: count } };
  };

  test('signs up so often in a minute, and is then RATE_LIMITED with the time to wait; another one is not', async () => {
    const settings = limited(2);
    const objects = await countObjects();
    const codes: (string | null)[] = [];
    for (let nth = 0; nth < 4; nth++) codes.push((await open({}, settings)).code);
    expect(codes).toEqual([null, null, 'RATE_LIMITED', 'RATE_LIMITED']);
    expect(await anon({}, settings)).toMatchObject({ status: 429, details: { retryAfterSeconds: 60 } });
    expect(await countObjects()).toBe(objects + 2);
    expect((await anon({}, settings, '192.0.2.2')).status).toBe(200);
  });

  test('signs up so often in an hour, at whatever pace, and goes on when that hour is over', async () => {
    const settings = { SIGNUP_ADDRESS_HOURLY: '3' };
    const address = '192.0.2.60';
    for (let nth = 0; nth < 3; nth++) {
      expect((await anon({}, settings, address)).status).toBe(200);
      pass(10 * MINUTE);
    }
    const limited = { status: 429, code: 'RATE_LIMITED', details: { retryAfterSeconds: 30 * 60 } };
    expect(await anon({}, settings, address)).toMatchObject(limited);
    expect((await anon({}, settings, '192.0.2.61')).status).toBe(200);
    pass(30 * MINUTE);
    expect((await anon({}, settings, address)).status).toBe(200);
  });

  test('of IPv6 counts with its whole /64', async () => {
    const settings = limited(1);
    expect((await anon({}, settings, '2001:db8:1:2::1')).status).toBe(200);
    expect((await anon({}, settings, '2001:db8:1:2:ffff::9')).status).toBe(429);
    expect((await anon({}, settings, '2001:db8:1:3::1')).status).toBe(200);
  });

  test('is counted per call, so that a batch of sign-ups counts as many', async () => {
    const headers = { 'content-type': 'application/json', 'cf-connecting-ip': '192.0.2.3' };
    const paths = Array.from({ length: 5 }, () => 'auth.anon').join(',');
    const body = JSON.stringify(Object.fromEntries([0, 1, 2, 3, 4].map((nth) => [nth, { json: {} }])));
    const init = { method: 'POST', headers, body };
    const answer = await askWith({ ...env, ...limited(3) }, `/trpc/${paths}?batch=1`, init);
    const all = await answer.json<{ error?: { json: { data: { errorCode: string } } } }[]>();
    expect(all.filter(({ error }) => error?.json.data.errorCode === 'RATE_LIMITED')).toHaveLength(2);
  });
});

test('sign-ups at the same moment under one key open one account with its credits once', async () => {
  const input = { idempotencyKey: key(), deviceHash: key() };
  const all = await Promise.all(Array.from({ length: 5 }, () => anon(input)));
  const ids = new Set(all.map(({ userId }) => userId));
  expect(ids.size).toBe(1);
  expect(await grantedTo([...ids][0] ?? '')).toBe(10);
});
