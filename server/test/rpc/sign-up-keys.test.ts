/** Sign-up keys: which account one leads to, how old it may be, and when it opens the account at once. */
import { env } from 'cloudflare:workers';
import { describe, expect, test, vi } from 'vitest';
import { askWith, clientFor, refusalOf } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, MINUTE, pass, SECOND } from '../../../proving/world/workerd/clock.ts';
import { userRpc } from '../../../proving/world/workerd/objects.ts';
import type { Env } from '../../src/bindings.ts';
import { credits, keyOf, rule, visit } from './visitor.ts';

describe('a sign-up key', () => {
  test('that carries its time is the same user within it, before and after the account is opened', async () => {
    const idempotencyKey = keyOf();
    const first = await visit({ idempotencyKey });
    pass(HOUR);
    expect((await visit({ idempotencyKey })).userId).toBe(first.userId);
    await first.client.rules.create.mutate(rule);
    pass(23 * HOUR - SECOND);
    const again = await visit({ idempotencyKey });
    expect(again.userId).toBe(first.userId);
    expect(await again.client.rules.list.query()).toHaveLength(1);
    expect((await credits(again)).granted).toBe(10);
  });

  test('that is older than its time is refused, whether it was ever used or not, and no object is asked', async () => {
    const asked = vi.spyOn(env.USER_LIMITER, 'get');
    for (const idempotencyKey of [keyOf(Date.now() - DAY - 1), keyOf(0), keyOf(Date.now() - DAY - 1).toUpperCase()]) {
      expect(await refusalOf(clientFor(null).auth.anon.mutate({ idempotencyKey }))).toMatchObject({
        code: 'IDEMPOTENCY_CONFLICT',
        httpStatus: 409,
        details: { field: 'idempotencyKey' },
      });
    }
    await visit({ idempotencyKey: keyOf(Date.now() - DAY) });
    await visit({ idempotencyKey: keyOf(Date.now() + 5 * MINUTE) });
    expect(asked).not.toHaveBeenCalled();
  });

  test.for([
    ['of another form', () => crypto.randomUUID()],
    ['of no form at all', () => `install-${crypto.randomUUID()}`],
    ['from the future', () => keyOf(Date.now() + 2 * DAY)],
    ['of version 7 and a variant of its own', () => keyOf().replace(/-[89ab](...-)(?=.{12}$)/, '-f$1')],
  ] as const)('%s opens the account at once, and is refused when it is repeated late', async ([, make]) => {
    const idempotencyKey = make();
    const { userId } = await visit({ idempotencyKey });
    expect((await userRpc(userId).me())?.credits.granted).toBe(10);
    pass(DAY);
    expect((await visit({ idempotencyKey })).userId).toBe(userId);
    pass(1);
    const late = clientFor(null).auth.anon.mutate({ idempotencyKey });
    expect((await refusalOf(late)).code).toBe('IDEMPOTENCY_CONFLICT');
  });

  test('from the future is no way back to its account when its time has come', async () => {
    const idempotencyKey = keyOf(Date.now() + 3 * DAY);
    const first = await visit({ idempotencyKey });
    pass(3 * DAY);
    const later = await visit({ idempotencyKey });
    expect(later.userId).not.toBe(first.userId);
    expect(await userRpc(later.userId).me()).toBeNull();
    expect((await userRpc(first.userId).me())?.credits.granted).toBe(10);
  });

  test('is the same user before a rotation of JWT_SECRET and while it lasts', async () => {
    const rotated = {
      JWT_SECRET: 'test-jwt-secret-after-the-rotation-32-bytes',
      JWT_SECRET_PREVIOUS: env.JWT_SECRET ?? '',
    };
    const under = async (settings: Partial<Env>, idempotencyKey: string) => {
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ json: { idempotencyKey } }),
      };
      const answer = await askWith({ ...env, ...settings }, '/trpc/auth.anon', init);
      return (await answer.json<{ result: { data: { json: { userId: string } } } }>()).result.data.json.userId;
    };
    for (const key of [keyOf(), crypto.randomUUID()]) expect(await under(rotated, key)).toBe(await under({}, key));
  });
});
