/** Two tabs of one browser share a storage: what one writes is compared with whose it is that lies there. */
import { describe, expect, test } from 'vitest';
import { createClientWith } from '../src/client.ts';
import { memoryStorage, type SessionStorage } from '../src/index.ts';
import { setUp } from './support.ts';

const KEY = 's3-workers:http://fake';
const DAY = 24 * 3600_000;
const count = (log: string[], path: string) => log.filter((entry) => entry === path).length;

/** Two tabs of one browser, with what `navigator.locks` does for them or without. */
function twoTabs(locks: boolean) {
  let queue: Promise<unknown> = Promise.resolve();
  const shared = memoryStorage();
  const exclusive: SessionStorage['exclusive'] = (_key, work) => {
    const turn = queue.then(work);
    queue = turn.catch(() => {});
    return turn;
  };
  const storage = locks ? { ...shared, exclusive } : shared;
  const { api, clock, client } = setUp({ storage });
  const other = createClientWith({ baseUrl: 'http://fake', fetch: api.fetch, storage }, clock);
  const stored = async (): Promise<string | null> => {
    const text = await storage.get(KEY);
    return text === null ? null : (JSON.parse(text).session?.userId ?? 'a key');
  };
  return { api, clock, client, other, stored };
}

describe.each([true, false])('two tabs, with locks: %s', (locks) => {
  test('a user that one tab forgets is not brought back by what the other renews or revokes', async () => {
    for (const act of ['renew', 'revoke'] as const) {
      const { api, clock, client, other, stored } = twoTabs(locks);
      await client.auth.anon();
      await other.user.me();
      await client.auth.forget();
      expect((await other.auth[act]()).userId).toBe('user-1');
      expect(await stored()).toBeNull();
      expect((await client.user.me()).userId).toBe('user-2');
      await other.auth[act]();
      clock.time += 28 * DAY;
      await other.user.me();
      expect(await stored()).toBe('user-2');
      expect((await createClientWith({ baseUrl: 'http://fake', fetch: api.fetch }, clock).user.me()).userId).toBe(
        'user-3',
      );
    }
  });

  test('a tab that forgets its user leaves the one that another tab has begun with meanwhile', async () => {
    const { client, other, stored } = twoTabs(locks);
    await client.auth.anon();
    await other.user.me();
    await client.auth.forget();
    await client.user.me();
    await other.auth.forget();
    expect(await stored()).toBe('user-2');
    expect((await other.user.me()).userId).toBe('user-2');
  });

  test('what one tab renews is what the other goes on with', async () => {
    const { api, client, other, stored } = twoTabs(locks);
    const { token } = await client.auth.anon();
    await other.user.me();
    await client.auth.renew();
    api.expired.add(token);
    expect((await other.user.me()).userId).toBe('user-1');
    expect(count(api.log, 'auth.renew')).toBe(1);
    expect(await stored()).toBe('user-1');
  });
});

test('of two tabs that open at once without locks the later joins the earlier', async () => {
  const { api, client, other, stored } = twoTabs(false);
  let asked = 0;
  let late = () => {};
  const turn = new Promise<void>((resolve) => {
    late = resolve;
  });
  api.faults = [
    async (request) => {
      // Both have found nothing stored, and the answer to the first is late.
      if (request.url.includes('auth.anon') && ++asked === 1) await turn;
      return undefined;
    },
  ];
  const first = client.user.me();
  const { userId } = await other.user.me();
  late();
  expect((await first).userId).toBe(userId);
  expect([asked, await stored()]).toEqual([2, userId]);
});
