/** Where a session is kept: on first use, in whatever shape of storage, and in memory where that refuses. */
import { afterEach, expect, test, vi } from 'vitest';
import { createClientWith } from '../src/client.ts';
import { type StorageWarning, type WebStorageLike, webStorage } from '../src/index.ts';
import { caught, FakeClock, setUp } from './support.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const KEY = 's3-workers:http://fake';
const kept = (values = new Map<string, string>()): WebStorageLike => ({
  getItem: (key) => values.get(key) ?? null,
  setItem: (key, value) => values.set(key, value),
  removeItem: (key) => values.delete(key),
});
const denied = (): never => {
  throw new DOMException('Access is denied for this document.', 'SecurityError');
};
const full = (): never => {
  throw new DOMException('exceeded the quota', 'QuotaExceededError');
};
/** A page whose `localStorage` is this. */
const inPage = (get: () => WebStorageLike): void => {
  vi.stubGlobal('window', globalThis);
  Object.defineProperty(globalThis, 'localStorage', { get, configurable: true });
};
afterEach(() => void Reflect.deleteProperty(globalThis, 'localStorage'));

test('without an argument the storage of the page is looked up on first use', async () => {
  let looked = 0;
  const values = new Map<string, string>();
  inPage(() => {
    looked += 1;
    return kept(values);
  });
  const { client } = setUp({ storage: webStorage() });
  expect(looked).toBe(0);
  await client.user.me();
  expect(looked).toBeGreaterThan(0);
  expect(values.get(KEY)).toContain('user-1');
});

test('a page that is not allowed any storage has a user as long as it lives, and is warned once', async () => {
  inPage(denied);
  const warnings: StorageWarning[] = [];
  const { api, client } = setUp({ storage: webStorage(undefined, { onWarning: (one) => void warnings.push(one) }) });
  await client.user.me();
  expect((await client.user.me()).userId).toBe('user-1');
  await client.auth.renew();
  await client.auth.forget();
  expect((await client.user.me()).userId).toBe('user-2');
  expect(api.users.size).toBe(2);
  expect(warnings).toEqual([
    { type: 'storage', message: expect.stringContaining('denied'), cause: expect.any(DOMException) },
  ]);
});

test('a storage that is full still gives what lies there: the user stays, and what is new is in memory', async () => {
  const values = new Map<string, string>();
  const { api, clock, client } = setUp({ storage: webStorage(kept(values)) });
  await client.user.me();
  const before = values.get(KEY);
  const console = vi.spyOn(globalThis.console, 'warn').mockReturnValue();
  const storage = webStorage({ ...kept(values), setItem: full });
  const again = createClientWith({ baseUrl: 'http://fake', fetch: api.fetch, storage }, clock);
  expect((await again.auth.renew()).userId).toBe('user-1');
  expect((await again.user.me()).userId).toBe('user-1');
  expect(values.get(KEY)).toBe(before);
  expect(await storage.get(KEY)).not.toBe(before);
  expect(console).toHaveBeenCalledTimes(1);
});

test('a storage that has room again is used again', async () => {
  const values = new Map<string, string>();
  vi.spyOn(globalThis.console, 'warn').mockReturnValue();
  let room = false;
  const storage = webStorage({ ...kept(values), setItem: (key, value) => (room ? values.set(key, value) : full()) });
  await storage.set('a', '1');
  expect([values.get('a'), await storage.get('a')]).toEqual([undefined, '1']);
  room = true;
  await storage.set('a', '2');
  expect([values.get('a'), await storage.get('a')]).toEqual(['2', '2']);
  await storage.remove('a');
  expect([values.get('a'), await storage.get('a')]).toEqual([undefined, null]);
});

test('a storage whose promises reject is one that throws', async () => {
  const warnings: StorageWarning[] = [];
  const storage = webStorage(
    {
      getItem: () => Promise.reject(new Error('no disk')),
      setItem: () => Promise.reject(new Error('no disk')),
      removeItem: () => Promise.reject(new Error('no disk')),
    },
    { onWarning: (one) => void warnings.push(one) },
  );
  const { client } = setUp({ storage });
  expect([(await client.user.me()).userId, (await client.user.me()).userId]).toEqual(['user-1', 'user-1']);
  expect(warnings).toHaveLength(1);
});

test("React Native's AsyncStorage, and localStorage itself, are taken as `storage`", async () => {
  const values = new Map<string, string>();
  const AsyncStorage = {
    getItem: async (key: string, _callback?: (error?: Error, result?: string) => void) => values.get(key) ?? null,
    setItem: async (key: string, value: string) => void values.set(key, value),
    removeItem: async (key: string) => void values.delete(key),
  };
  for (const storage of [AsyncStorage, kept(values)]) {
    const { api, clock, client } = setUp({ storage });
    const { userId } = await client.user.me();
    const again = createClientWith({ baseUrl: 'http://fake', fetch: api.fetch, storage }, clock);
    expect((await again.user.me()).userId).toBe(userId);
    expect(api.users.size).toBe(1);
    await client.auth.forget();
    expect(values.size).toBe(0);
  }
});

test("a page's client on a server signs nobody up, and looks at no storage", async () => {
  let looked = 0;
  Object.defineProperty(globalThis, 'localStorage', { get: () => ++looked, configurable: true });
  const { api, client } = setUp({ storage: webStorage() });
  expect(await caught(client.user.me())).toMatchObject({ code: 'AUTH_REQUIRED', attempts: 0 });
  expect(await caught(client.auth.anon())).toMatchObject({ code: 'AUTH_REQUIRED' });
  await client.presets.list();
  expect([looked, api.log]).toEqual([0, ['presets.list']]);
});

test('what a framework throws from a storage passes as it is', async () => {
  const dynamic = Object.assign(new Error('x'), { digest: 'DYNAMIC_SERVER_USAGE' });
  const storage = webStorage({
    ...kept(),
    getItem: () => {
      throw dynamic;
    },
  });
  expect(await caught(setUp({ storage }).client.user.me())).toBe(dynamic);
});

test('where locks are there and refused, the work is done without', async () => {
  vi.stubGlobal('navigator', { locks: { request: () => Promise.reject(new DOMException('no', 'SecurityError')) } });
  expect((await setUp({ storage: webStorage(kept()) }, new FakeClock()).client.user.me()).userId).toBe('user-1');
});
