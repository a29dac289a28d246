/**
 * The round in which every user is visited, a piece at a time, by the schedule. How far it is stands in D1 and moves on with every small
 * page: a run that is killed, as the free plan does after 10 ms of CPU, costs a page and never a user. Two runs at once notice each other,
 * and one of them stops.
 */

import type { Env } from './bindings.ts';
import { listUserIds } from './db/accounts.ts';
import { type Round, readRound, saveRound } from './db/reconcile-round.ts';
import { failure, log } from './log.ts';
import { comparePage, PAGE, type Place } from './reconcile.ts';
import { settingsOf } from './settings/settings.ts';

/** Jobs compared at a time: of each user of a page, and of one who has more than that. */
const JOBS_PAGE = 50;
const MANY_JOBS_PAGE = 200;
/** D1 queries of a page, and the most of an invocation on the free plan. */
const PAGE_QUERIES = 3;
const FREE_QUERIES = 50;
/** Calls of objects in a run of {@link FREE_QUERIES}: an invocation has 1,000 of all kinds. */
const FREE_CALLS = 800;
/** Runs that may end at the same page. From then on it is one user with a few jobs; later yet he is passed over. */
const SMALLER_AFTER = 3;
const PAST_AFTER = 6;
const FEW_JOBS = 5;

/** Goes on with the round, or begins the next when it is time to. */
export async function reconcileRound(env: Env): Promise<void> {
  const { RECONCILE_USERS, RECONCILE_ROUND_MS } = settingsOf(env).numbers;
  let round = await readRound(env.DB);
  const now = Date.now();
  if (round.at === null) {
    if (now < round.begunAt + RECONCILE_ROUND_MS) return;
    round = { ...round, at: { userId: '', job: null }, begunAt: now };
  }
  const careful = round.tries >= SMALLER_AFTER;
  const listed = await placesFrom(env, round, RECONCILE_USERS);
  let { places } = listed;
  const [first] = places;
  if (round.tries >= PAST_AFTER && first !== undefined) {
    log('error', 'reconcile.passed.over', { userId: first.userId, after: first.after });
    places = places.slice(1);
    round = { ...round, at: { userId: first.userId, job: null } };
  }
  const started = await moved(env, round, { tries: round.tries + 1 });
  if (started === null) return;
  round = started;
  let queries = Math.max(FREE_QUERIES, PAGE_QUERIES * Math.ceil(RECONCILE_USERS / PAGE)) - PAGE_QUERIES;
  let calls = (FREE_CALLS * Math.max(FREE_QUERIES, queries)) / FREE_QUERIES;
  while (places.length > 0) {
    if (queries < PAGE_QUERIES || calls <= 0) return;
    const many = places[0]?.after !== '';
    const page = places.slice(0, careful || many ? 1 : PAGE);
    const jobsPage = careful ? FEW_JOBS : many ? MANY_JOBS_PAGE : JOBS_PAGE;
    const compared = await comparePage(env, page, jobsPage, (userId, error) =>
      log('error', 'reconcile.failed', { userId, ...failure(error) }),
    );
    queries -= PAGE_QUERIES + 2 * compared.differences.length;
    calls -= compared.calls;
    const unfinished = compared.next.findIndex((next) => next !== null);
    const reached = page[unfinished === -1 ? page.length - 1 : unfinished];
    const job = unfinished === -1 ? null : (compared.next[unfinished] ?? null);
    if (reached === undefined) return;
    places = places.slice(unfinished === -1 ? page.length : unfinished + 1);
    if (job !== null) places.unshift({ userId: reached.userId, after: job });
    const after = await moved(env, round, { at: { userId: reached.userId, job }, tries: 0 });
    if (after === null) return;
    round = after;
  }
  if (!listed.isLast) return;
  await moved(env, round, { at: null, tries: 0 });
  log('info', 'reconcile.round', { begunAt: round.begunAt, ms: Date.now() - round.begunAt });
}

/** The users to visit next, whoever is not done first. */
async function placesFrom(env: Env, { at }: Round, limit: number): Promise<{ places: Place[]; isLast: boolean }> {
  const ids = await listUserIds(env.DB, at?.userId ?? '', limit);
  const places = ids.map((userId): Place => ({ userId, after: '' }));
  if (at !== null && at.job !== null) places.unshift({ userId: at.userId, after: at.job });
  return { places, isLast: ids.length < limit };
}

/** The round after this page; null when another run has moved it on meanwhile. */
async function moved(env: Env, round: Round, change: Partial<Round>): Promise<Round | null> {
  const next = { ...round, ...change };
  if (await saveRound(env.DB, next)) return { ...next, page: next.page + 1 };
  log('info', 'reconcile.overtaken', { page: round.page });
  return null;
}
