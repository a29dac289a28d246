/** Which role an object plays, its id says: a user's keeps no ceilings, and the ceilings' is nobody's account. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { admin, refusalOf, signUp } from '../../../proving/world/workerd/client.ts';
import { userObject } from '../../../proving/world/workerd/objects.ts';
import { ceilingsOf } from '../../src/durable-objects/user-limiter/outside.ts';

const tablesIn = (name: string) =>
  runInDurableObject(userObject(name), (_, { storage: { sql } }) =>
    sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf*' ORDER BY name",
      )
      .toArray()
      .map(({ name: table }) => table),
  );

test("a user's object refuses to count for all, and makes no tables for that", async () => {
  const { userId } = await signUp();
  const tables = await tablesIn(userId);
  expect(tables).toContain('account');
  await runInDurableObject(userObject(userId), (object) => {
    expect(() => object.claimDispatch({ jobId: 'any', photos: 1 })).toThrow('keeps no ceilings');
  });
  expect(await tablesIn(userId)).toEqual(tables);
});

test("the ceilings' object counts, and is nobody's account, whatever an operator asks of it", async () => {
  expect(await ceilingsOf(env).claimDispatch({ jobId: 'any', photos: 1 })).toBe(true);
  const tables = await tablesIn('ceilings');
  expect(tables).toEqual(['address_day', 'claim', 'day', 'device', 'version']);
  const { setPlan, grantCredits, deleteUser, reconcile } = admin().admin;
  const userId = 'ceilings';
  for (const asked of [
    setPlan.mutate({ userId, plan: 'pro' }),
    grantCredits.mutate({ userId, amount: 1, reason: 'any', idempotencyKey: 'a-grant-for-nobody' }),
    deleteUser.mutate({ userId }),
  ]) {
    expect((await refusalOf(asked)).code).toBe('NOT_FOUND');
  }
  expect(await reconcile.mutate({ userId })).toMatchObject({ checked: 1, differences: [] });
  expect(await tablesIn('ceilings')).toEqual(tables);
});
