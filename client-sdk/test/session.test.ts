import { afterEach, expect, test, vi } from 'vitest';
import { timeOfKey } from '../../server/src/domain/sign-up.ts';
import { createClientWith } from '../src/client.ts';
import { isS3Error, memoryStorage, type SessionStorage, webStorage } from '../src/index.ts';
import { timedKey } from '../src/unique-key.ts';
import { refuse } from './refuse.ts';
import { caught, cut, first, loseAnswer, setUp } from './support.ts';

const KEY = 's3-workers:http://fake';
const DAY = 24 * 3600_000;
afterEach(() => vi.unstubAllEnvs());

const count = (log: string[], path: string) => log.filter((entry) => entry === path).length;

test('nothing is sent before the first call, and presets need no user', async () => {
  const { api, client } = setUp();
  expect(api.log).toEqual([]);
  await client.presets.list();
  expect(api.log).toEqual(['presets.list']);
});

test('many calls that wait make one anonymous user', async () => {
  const { api, client } = setUp();
  const all = await Promise.all(Array.from({ length: 30 }, () => client.user.me()));
  expect(new Set(all.map(({ userId }) => userId))).toEqual(new Set(['user-1']));
  expect(count(api.log, 'auth.anon')).toBe(1);
});

test('30 calls at once travel in batches of at most 20', async () => {
  const { api, client } = setUp();
  const batches: number[] = [];
  api.faults = [
    (request) => {
      batches.push(new URL(request.url).pathname.split(',').length);
      return undefined;
    },
  ];
  await client.auth.anon();
  await Promise.all(Array.from({ length: 30 }, () => client.user.me()));
  expect(batches).toEqual([1, 20, 10]);
});

test('the sign-up key is stored before it is sent, and is a UUIDv7 of the time', async () => {
  const storage = memoryStorage();
  const { api, client, clock } = setUp({ storage });
  let stored: string | null = null;
  api.faults = [
    async () => {
      stored = await storage.get(KEY);
      return undefined;
    },
  ];
  await client.auth.anon();
  const { signupKey } = JSON.parse(stored ?? '{}') as { signupKey: string };
  expect(signupKey).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(timeOfKey(signupKey)).toBe(clock.now());
  expect([...api.users.keys()]).toEqual([signupKey]);
});

test('a lost answer to the sign-up keeps the key, so the same user comes back', async () => {
  const { api, client } = setUp();
  api.faults = [first(1, 'auth.anon', loseAnswer(api))];
  const session = await client.auth.anon();
  expect(session.userId).toBe('user-1');
  expect(api.users.size).toBe(1);
  expect(count(api.log, 'auth.anon')).toBe(2);
});

test('a client that starts again after a lost sign-up asks with the stored key', async () => {
  const storage = memoryStorage();
  const { api, clock, client } = setUp({ storage });
  api.faults = [first(1, 'auth.anon', loseAnswer(api)), first(9, 'auth.anon', cut)];
  expect(isS3Error(await caught(client.user.me()), 'NETWORK_ERROR')).toBe(true);
  api.faults = [];
  const again = createClientWith({ baseUrl: 'http://fake', fetch: api.fetch, storage }, clock);
  expect((await again.user.me()).userId).toBe('user-1');
  expect(api.users.size).toBe(1);
});

test('a sign-up that was lost two days ago is made anew, since no session was ever had with its key', async () => {
  const storage = memoryStorage();
  const { api, clock, client } = setUp({ storage });
  api.faults = [first(9, 'auth.anon', cut)];
  expect(isS3Error(await caught(client.user.me()), 'NETWORK_ERROR')).toBe(true);
  api.faults = [];
  clock.time += 2 * DAY;
  expect((await client.user.me()).userId).toBe('user-1');
  const keys = [...api.users.keys()];
  expect(keys.map(timeOfKey)).toEqual([clock.now()]);
});

test('a key that an earlier release stored is tried first, and gives way when it is refused', async () => {
  const storage = memoryStorage();
  const signupKey = crypto.randomUUID();
  await storage.set(KEY, JSON.stringify({ signupKey }));
  const { api, client } = setUp({ storage });
  api.onCall = (_, input) => {
    if ((input as { idempotencyKey?: string } | undefined)?.idempotencyKey === signupKey) {
      refuse('IDEMPOTENCY_CONFLICT', { field: 'idempotencyKey' });
    }
  };
  expect((await client.auth.anon()).userId).toBe('user-1');
  expect(count(api.log, 'auth.anon')).toBe(2);
  expect([...api.users.keys()].map(timeOfKey)).toEqual([expect.any(Number)]);
});

test('a clock that is days behind signs up with a key that has no time, and one that was given is never replaced', async () => {
  const { api, clock, client } = setUp();
  api.now = () => clock.now() + 3 * DAY;
  expect((await client.auth.anon()).userId).toBe('user-1');
  expect(count(api.log, 'auth.anon')).toBe(2);
  expect([...api.users.keys()].map(timeOfKey)).toEqual([null]);
  const other = setUp();
  other.api.now = () => other.clock.now() + 3 * DAY;
  const idempotencyKey = timedKey(other.clock.now());
  expect(isS3Error(await caught(other.client.auth.anon({ idempotencyKey })), 'IDEMPOTENCY_CONFLICT')).toBe(true);
  expect(count(other.api.log, 'auth.anon')).toBe(1);
});

test('a stored session is never given up for a new user, whatever the sign-up would answer', async () => {
  const storage = memoryStorage();
  const { api, clock, client } = setUp({ storage });
  const { userId } = await client.auth.anon();
  clock.time += 2 * DAY;
  const again = createClientWith({ baseUrl: 'http://fake', fetch: api.fetch, storage }, clock);
  expect((await again.user.me()).userId).toBe(userId);
  expect(count(api.log, 'auth.anon')).toBe(1);
});

test('keys of one millisecond differ, and their chance is in every place that the version leaves', () => {
  const keys = Array.from({ length: 200 }, () => timedKey(1_700_000_000_000));
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.every((key) => key.startsWith('018bcfe5-6800-7'))).toBe(true);
  expect(new Set(keys.map((key) => key[19]))).toEqual(new Set(['8', '9', 'a', 'b']));
  const places = [15, 16, 17, 20, 21, 22, ...Array.from({ length: 12 }, (_, at) => 24 + at)];
  for (const place of places) expect(new Set(keys.map((key) => key[place])).size).toBeGreaterThan(10);
});

test('a stored session is used by the next client', async () => {
  const values = new Map<string, string>();
  const storage = webStorage({
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => values.set(key, value),
    removeItem: (key) => values.delete(key),
  });
  const { api, clock, client } = setUp({ storage });
  await client.user.me();
  const reloaded = createClientWith({ baseUrl: 'http://fake/', fetch: api.fetch, storage }, clock);
  expect((await reloaded.auth.anon()).expiresAt).toBeInstanceOf(Date);
  expect((await reloaded.user.me()).userId).toBe('user-1');
  expect(count(api.log, 'auth.anon')).toBe(1);
});

test('two tabs that open at once become one user where the storage can be locked', async () => {
  let queue: Promise<unknown> = Promise.resolve();
  const storage: SessionStorage = {
    ...memoryStorage(),
    exclusive: (_key, work) => {
      const turn = queue.then(work);
      queue = turn.catch(() => {});
      return turn;
    },
  };
  const { api, clock, client } = setUp({ storage });
  const other = createClientWith({ baseUrl: 'http://fake', fetch: api.fetch, storage }, clock);
  const both = await Promise.all([client.user.me(), other.user.me()]);
  expect(both.map(({ userId }) => userId)).toEqual(['user-1', 'user-1']);
  expect(api.users.size).toBe(1);
});

test('a token that the server calls expired is renewed once for all that wait, and the calls go on', async () => {
  const { api, client } = setUp();
  const { token } = await client.auth.anon();
  api.expired.add(token);
  const all = await Promise.all(Array.from({ length: 25 }, () => client.user.me()));
  expect(all.every(({ userId }) => userId === 'user-1')).toBe(true);
  expect(count(api.log, 'auth.renew')).toBe(1);
  expect(count(api.log, 'auth.anon')).toBe(1);
});

test('a token near its end is renewed before it is used', async () => {
  const { api, clock, client } = setUp();
  const old = await client.auth.anon();
  clock.time += 28 * DAY;
  await client.user.me();
  expect(api.log).toEqual(['auth.anon', 'auth.renew', 'user.me']);
  expect((await client.auth.anon()).token).not.toBe(old.token);
});

test('a failed early renewal does not stand in the way while the token works', async () => {
  const { api, clock, client } = setUp();
  await client.auth.anon();
  clock.time += 28 * DAY;
  api.faults = [(request) => (request.url.includes('auth.renew') ? cut(request) : undefined)];
  expect((await client.user.me()).userId).toBe('user-1');
  api.faults = [];
  const before = count(api.log, 'auth.renew');
  await client.user.me();
  expect(count(api.log, 'auth.renew')).toBe(before);
});

test('TOKEN_INVALID is an error and never a new user', async () => {
  const { api, client } = setUp();
  const { token } = await client.auth.anon();
  api.tokens.delete(token);
  expect(await caught(client.user.me())).toMatchObject({ code: 'TOKEN_INVALID', status: 401 });
  expect(await caught(client.user.me())).toMatchObject({ code: 'TOKEN_INVALID' });
  expect(api.users.size).toBe(1);
  await client.auth.forget();
  expect((await client.user.me()).userId).toBe('user-2');
});

test('a stored session that cannot be read is an error and never a new user', async () => {
  const storage = memoryStorage();
  await storage.set(KEY, '{"session":');
  const { api, client } = setUp({ storage });
  expect(await caught(client.user.me())).toMatchObject({ code: 'TOKEN_INVALID' });
  expect(api.log).toEqual([]);
});

test('after revoke the client goes on with the token that comes back', async () => {
  const { api, client } = setUp();
  const old = await client.auth.anon();
  await client.auth.revoke();
  expect(api.tokens.has(old.token)).toBe(false);
  expect((await client.user.me()).userId).toBe('user-1');
});

test('a token that another tab has replaced is taken from the storage', async () => {
  const storage = memoryStorage();
  const { api, clock, client } = setUp({ storage });
  await client.auth.anon();
  const other = createClientWith({ baseUrl: 'http://fake', fetch: api.fetch, storage }, clock);
  await other.auth.revoke();
  expect((await client.user.me()).userId).toBe('user-1');
});

test("another user's session in the storage is not taken over", async () => {
  const storage = memoryStorage();
  const { api, clock, client } = setUp({ storage });
  const { token } = await client.auth.anon();
  const other = createClientWith({ baseUrl: 'http://fake', fetch: api.fetch, storage }, clock);
  await other.auth.forget();
  expect((await other.user.me()).userId).toBe('user-2');
  api.tokens.delete(token);
  expect(await caught(client.user.me())).toMatchObject({ code: 'TOKEN_INVALID' });
});

test.each([
  'NEXT_RUNTIME',
  'NEXT_PHASE',
])('no user is made where Next renders (%s): what needs one says so, the rest is answered', async (name) => {
  vi.stubEnv(name, 'set');
  const { api, client } = setUp();
  expect(await caught(client.user.me())).toMatchObject({ code: 'AUTH_REQUIRED', attempts: 0 });
  await client.presets.list();
  const known = setUp({ auth: { token: 'token-of-app' } });
  known.api.tokens.set('token-of-app', 'user-of-app');
  expect((await known.client.user.me()).userId).toBe('user-of-app');
  expect(api.log).toEqual(['presets.list']);
});

test('short-lived tokens are not renewed with every call', async () => {
  const { api, clock, client } = setUp();
  api.tokenDays = 0.5;
  for (let call = 0; call < 5; call++) await client.user.me();
  expect(count(api.log, 'auth.renew')).toBe(0);
  clock.time += 0.46 * DAY;
  await client.user.me();
  await client.user.me();
  expect(count(api.log, 'auth.renew')).toBe(1);
});

test('a token of the app is used as it is, renewed when it expires, and never stored', async () => {
  const storage = memoryStorage();
  const { api, client } = setUp({ storage, auth: { token: 'token-of-app' } });
  api.tokens.set('token-of-app', 'user-of-app');
  expect((await client.user.me()).userId).toBe('user-of-app');
  api.expired.add('token-of-app');
  expect((await client.user.me()).userId).toBe('user-of-app');
  expect(api.log).toEqual(['user.me', 'user.me', 'auth.renew', 'user.me']);
  expect(await storage.get(KEY)).toBeNull();
});
