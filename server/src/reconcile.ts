/** Compares what users' objects hold with what D1 shows, and has the objects write again what differs. */
import type { ReconcileReport } from './contract/admin.ts';
import type { Me } from './contract/user.ts';
import { listUserIds, type ProjectedUser, projectedUser } from './db/accounts.ts';
import type { Env } from './env.ts';
import { log } from './log.ts';

/** Users in one run: each costs two D1 queries, and an invocation on the free plan has 50. */
const PAGE = 10;

type Difference = ReconcileReport['differences'][number];

/** One user, or the page of users after the cursor. */
export async function reconcile(
  env: Env,
  which: { userId?: string | undefined; cursor?: string | undefined },
): Promise<ReconcileReport> {
  const userIds = which.userId === undefined ? await listUserIds(env.DB, which.cursor ?? '', PAGE) : [which.userId];
  const differences: Difference[] = [];
  for (const userId of userIds) differences.push(...(await reconcileUser(env, userId)));
  for (const { userId, field, object, d1, repaired } of differences) {
    log('warn', 'reconcile.difference', { userId, field, object, d1, repaired });
  }
  const last = userIds.at(-1);
  const more = which.userId === undefined && userIds.length === PAGE && last !== undefined;
  return { checked: userIds.length, differences, nextCursor: more ? last : null };
}

async function reconcileUser(env: Env, userId: string): Promise<Difference[]> {
  const row = await projectedUser(env.DB, userId);
  if (row === null) return [];
  const user = env.USER_LIMITER.get(env.USER_LIMITER.idFromName(userId));
  const me = await user.me();
  if (me === null) return [{ userId, field: 'user', object: 'absent', d1: 'present', repaired: false }];
  const found = differencesOf(me, row);
  if (found.length === 0) return [];
  await user.project();
  const after = await projectedUser(env.DB, userId);
  const left = new Set(after === null ? [] : differencesOf(me, after).map(({ field }) => field));
  return found.map((difference) => ({ userId, ...difference, repaired: !left.has(difference.field) }));
}

function differencesOf(me: Me, row: ProjectedUser): Omit<Difference, 'userId' | 'repaired'>[] {
  const credits = me.credits.granted - me.credits.spent;
  const pairs: [string, string | number, string | number][] = [
    ['plan', me.plan, row.plan],
    ['credits', credits, row.credits],
    ['billing_events', credits, row.billed],
    ['rules', me.ruleSlots.used, row.rules],
  ];
  return pairs
    .filter(([, object, d1]) => object !== d1)
    .map(([field, object, d1]) => ({ field, object: String(object), d1: String(d1) }));
}

/** Where the scheduled run starts: anywhere, so that over the runs every user has a turn. */
export function randomStart(random: number): string {
  const alphabet = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
  const at = random * alphabet.length;
  const second = (at % 1) * alphabet.length;
  return `usr_${alphabet[Math.floor(at)]}${alphabet[Math.floor(second)]}`;
}
