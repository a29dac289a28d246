/** Somebody who has signed up and changed nothing yet: `user`, another one for each test. */
import { listDurableObjectIds, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach } from 'vitest';
import { timedKey } from '../../../client-sdk/src/unique-key.ts';
import { type Client, clientFor, type User } from '../../../proving/world/workerd/client.ts';
import { CHOICE, PHOTO } from '../../../proving/world/workerd/jobs.ts';
import { d1 } from '../../../proving/world/workerd/objects.ts';

export type Input = Parameters<Client['auth']['anon']['mutate']>[0];

/** A UUIDv7 of that moment. */
export const keyOf = (time = Date.now()): string => timedKey(time);

export async function visit(input: Input = {}): Promise<User> {
  const { userId, token } = await clientFor(null).auth.anon.mutate(input);
  return { userId, token, client: clientFor(token) };
}

/** Objects that have a table or an alarm, and rows in D1. */
export async function stored(): Promise<unknown> {
  const ids = await Promise.all([listDurableObjectIds(env.USER_LIMITER), listDurableObjectIds(env.JOB_COORDINATOR)]);
  const stubs = [
    ...(ids[0] ?? []).map((id) => env.USER_LIMITER.get(id)),
    ...(ids[1] ?? []).map((id) => env.JOB_COORDINATOR.get(id)),
  ];
  const objects = await Promise.all(
    stubs.map((stub) =>
      runInDurableObject(stub, async (_, { storage }) => {
        const tables = storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT GLOB '_cf*'").toArray().length;
        return tables > 0 || (await storage.getAlarm()) !== null;
      }),
    ),
  );
  const rows = await d1('SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM billing_events) AS n');
  return { objects: objects.filter(Boolean).length, rows: rows[0]?.n };
}

export const rule = { name: 'Oak', presetId: 'interior' as const, ...CHOICE };
export const job = { preset: 'interior' as const, photos: [PHOTO, PHOTO] };
export const credits = async ({ client }: User) => (await client.user.me.query()).credits;
export const grants = async (userId: string) =>
  (await d1("SELECT amount FROM billing_events WHERE user_id = ? AND type = 'grant'", userId)).map(
    ({ amount }) => amount,
  );
export const absentJob = () => env.JOB_COORDINATOR.idFromName('nobody:nothing').toString();

export let user: User;
beforeEach(async () => {
  user = await visit({ idempotencyKey: keyOf() });
});
