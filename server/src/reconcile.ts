/**
 * Compares what users' objects hold with what D1 shows, and has the objects write again what differs. Whoever is asked wakes, and sets his
 * alarm if it was lost; so jobs that have ended are asked as well, until they are known to be gone.
 */

import type { Env } from './bindings.ts';
import type { ReconcileReport } from './contract/admin.ts';
import type { Me } from './contract/user.ts';
import { chargesOf, listUserIds, type ProjectedUser, projectedUsers } from './db/accounts.ts';
import { forgetHistory } from './db/job-history.ts';
import { knownPlan } from './domain/plans.ts';
import type { Review } from './durable-objects/user-limiter/history.ts';
import { failure, log } from './log.ts';
import { settingsOf } from './settings/settings.ts';

/** Users compared at a time: a few D1 queries for all of them. */
export const PAGE = 10;
/** Jobs of one user compared at a time. */
const JOBS_PAGE = 500;
/** Milliseconds after the end of a job from which on it is asked as well. Before that, whoever ended it has just woken it. */
const ATTEND_AFTER = 86_400_000;
/** Jobs that are forgotten with each page of users: each has up to 200 rows. */
const FORGOTTEN = 20;
const DAY = 86_400_000;

type Difference = ReconcileReport['differences'][number];
/** A user, and after which of his jobs to go on. */
export type Place = { userId: string; after: string };
export type Compared = {
  differences: Difference[];
  /** For each place, where to go on with the user; null when he is done. */
  next: (string | null)[];
  /** Calls of objects that it took. */
  calls: number;
};

/** One user, or the page of users after the cursor. */
export async function reconcile(
  env: Env,
  which: { userId?: string | undefined; cursor?: string | undefined },
): Promise<ReconcileReport> {
  const userIds = which.userId === undefined ? await listUserIds(env.DB, which.cursor ?? '', PAGE) : [which.userId];
  const differences: Difference[] = [];
  let places = userIds.map((userId): Place => ({ userId, after: '' }));
  while (places.length > 0) {
    const compared = await comparePage(env, places, JOBS_PAGE, (_, error) => {
      throw error;
    });
    differences.push(...compared.differences);
    places = places.flatMap(({ userId }, at) => {
      const after = compared.next[at];
      return after == null ? [] : [{ userId, after }];
    });
  }
  const last = userIds.at(-1);
  const more = which.userId === undefined && userIds.length === PAGE && last !== undefined;
  return { checked: userIds.length, differences, nextCursor: more ? last : null };
}

/**
 * Users at their places, each with a page of his jobs; the account of whoever is done with that.
 * @param unread what is done about a user whose object does not answer; he counts as done
 */
export async function comparePage(
  env: Env,
  places: Place[],
  jobsPage: number,
  unread: (userId: string, error: unknown) => void,
): Promise<Compared> {
  const reviews = await Promise.all(
    places.map(async ({ userId, after }) => {
      try {
        return await userOf(env, userId).review(after, jobsPage);
      } catch (error) {
        unread(userId, error);
        return null;
      }
    }),
  );
  const jobIds = reviews.flatMap((review) => review?.jobs.map(({ jobId }) => jobId) ?? []);
  const [shown, charges] = await Promise.all([
    projectedUsers(
      env.DB,
      places.map(({ userId }) => userId),
    ),
    jobIds.length === 0 ? new Map<string, number>() : chargesOf(env.DB, jobIds),
  ]);
  const userIds = places.map(({ userId }) => userId);
  await forgetHistory(env.DB, userIds, Date.now() - settingsOf(env).numbers.HISTORY_DAYS * DAY, FORGOTTEN);
  const compared: Compared = { differences: [], next: [], calls: places.length };
  for (const [at, { userId }] of places.entries()) {
    const review = reviews[at] ?? null;
    compared.next.push(review?.next ?? null);
    if (review === null || review.isErasing) continue;
    const { found, calls } = await reconcileJobs(env, userId, review.jobs, charges);
    compared.calls += calls;
    compared.differences.push(...found);
    if (review.next === null) compared.differences.push(...(await accountOf(env, userId, review.me, shown)));
  }
  for (const { userId, field, object, d1, repaired } of compared.differences) {
    log('warn', 'reconcile.difference', { userId, field, object, d1, repaired });
  }
  return compared;
}

const userOf = (env: Env, userId: string) => env.USER_LIMITER.get(env.USER_LIMITER.idFromName(userId));

async function accountOf(
  env: Env,
  userId: string,
  me: Me | null,
  shown: ReadonlyMap<string, ProjectedUser>,
): Promise<Difference[]> {
  const row = shown.get(userId) ?? null;
  if (me === null) return row === null ? [] : [{ userId, ...presence('absent', 'present'), repaired: false }];
  const found = differencesOf(me, row);
  if (found.length === 0) return [];
  await userOf(env, userId).project();
  const [meAfter, after] = await Promise.all([userOf(env, userId).me(), projectedUsers(env.DB, [userId])]);
  const left = new Set(
    meAfter === null ? [] : differencesOf(meAfter, after.get(userId) ?? null).map(({ field }) => field),
  );
  return found.map((difference) => ({ userId, ...difference, repaired: !left.has(difference.field) }));
}

/**
 * Ended jobs that D1 does not show, or shows with another charge: the job's object writes its history again. One that is gone cannot, and
 * is as it should be; that it is gone, its user remembers.
 */
async function reconcileJobs(
  env: Env,
  userId: string,
  jobs: Review['jobs'],
  shown: ReadonlyMap<string, number>,
): Promise<{ found: Difference[]; calls: number }> {
  const found: Difference[] = [];
  const gone: string[] = [];
  let calls = 0;
  for (const { jobId, charged, settledAt } of jobs) {
    const d1 = shown.get(jobId);
    if (d1 === charged && settledAt > Date.now() - ATTEND_AFTER) continue;
    try {
      const job = env.JOB_COORDINATOR.get(env.JOB_COORDINATOR.idFromString(jobId));
      calls++;
      if (d1 === charged || !(await job.project())) {
        if ((await job.attend()).gone) gone.push(jobId);
        continue;
      }
    } catch (error) {
      log('warn', 'reconcile.job.failed', { userId, jobId, ...failure(error) });
      continue;
    }
    const repaired = (await chargesOf(env.DB, [jobId])).get(jobId) === charged;
    const was = d1 === undefined ? 'absent' : String(d1);
    found.push({ userId, field: `job ${jobId}`, object: String(charged), d1: was, repaired });
  }
  if (gone.length > 0) await userOf(env, userId).noteGone(gone);
  return { found, calls };
}

const presence = (object: string, d1: string) => ({ field: 'user', object, d1 });

function differencesOf(me: Me, row: ProjectedUser | null): Omit<Difference, 'userId' | 'repaired'>[] {
  if (row === null) return [presence('present', 'absent')];
  const credits = me.credits.granted - me.credits.spent;
  const pairs: [string, string | number, string | number][] = [
    ['plan', me.plan, knownPlan(row.plan)],
    ['credits', credits, row.credits],
    ['billing_events', credits, row.billed],
    ['rules', me.ruleSlots.used, row.rules],
  ];
  return pairs
    .filter(([, object, d1]) => object !== d1)
    .map(([field, object, d1]) => ({ field, object: String(object), d1: String(d1) }));
}
