/** Compares what users' objects hold with what D1 shows, and has the objects write again what differs. */
import type { ReconcileReport } from './contract/admin.ts';
import type { Me } from './contract/user.ts';
import { chargesOf, listUserIds, type ProjectedUser, projectedUser } from './db/accounts.ts';
import type { Env } from './env.ts';
import { log } from './log.ts';

/** Users in one run: each costs a few D1 queries, and an invocation on the free plan has 50. */
const PAGE = 10;
/** Jobs compared in one D1 query, and the most of one user in one run. */
const JOBS_PAGE = 500;
const MAX_JOBS = 2_000;

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
  const user = env.USER_LIMITER.get(env.USER_LIMITER.idFromName(userId));
  // What changed a moment ago is late, not different.
  await user.tellD1();
  const [me, row] = await Promise.all([user.me(), projectedUser(env.DB, userId)]);
  if (me === null) return row === null ? [] : [{ userId, ...presence('absent', 'present'), repaired: false }];
  const jobs = await reconcileJobs(env, userId);
  const found = differencesOf(me, row);
  if (found.length === 0) return jobs;
  await user.project();
  const [meAfter, after] = await Promise.all([user.me(), projectedUser(env.DB, userId)]);
  const left = new Set(meAfter === null ? [] : differencesOf(meAfter, after).map(({ field }) => field));
  const users = found.map((difference) => ({ userId, ...difference, repaired: !left.has(difference.field) }));
  return [...jobs, ...users];
}

/** Ended jobs that D1 does not show, or shows with another charge. The job's object writes its history again. */
async function reconcileJobs(env: Env, userId: string): Promise<Difference[]> {
  const user = env.USER_LIMITER.get(env.USER_LIMITER.idFromName(userId));
  const found: Difference[] = [];
  let after = '';
  for (let seen = 0; seen < MAX_JOBS; seen += JOBS_PAGE) {
    const charges = await user.charges(after, JOBS_PAGE);
    const shown = await chargesOf(
      env.DB,
      charges.map(({ jobId }) => jobId),
    );
    for (const { jobId, charged } of charges) {
      const d1 = shown.get(jobId);
      if (d1 === charged) continue;
      // No object can write the history of a job that was deleted, or that never came to be: that is as it should be.
      const written = await env.JOB_COORDINATOR.get(env.JOB_COORDINATOR.idFromString(jobId)).project();
      if (!written) continue;
      const repaired = (await chargesOf(env.DB, [jobId])).get(jobId) === charged;
      found.push({
        userId,
        field: `job ${jobId}`,
        object: String(charged),
        d1: d1 === undefined ? 'absent' : String(d1),
        repaired,
      });
    }
    const last = charges.at(-1);
    if (charges.length < JOBS_PAGE || last === undefined) break;
    after = last.jobId;
  }
  return found;
}

const presence = (object: string, d1: string) => ({ field: 'user', object, d1 });

function differencesOf(me: Me, row: ProjectedUser | null): Omit<Difference, 'userId' | 'repaired'>[] {
  if (row === null) return [presence('present', 'absent')];
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
