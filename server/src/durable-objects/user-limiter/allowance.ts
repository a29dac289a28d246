/**
 * The account's day: what it has used of its plan's allowance, kept with its row, and what it has let through to the GPU. A claim is
 * written here before the ceiling for all is asked, and stands at the job's hold until the job settles; what it claimed too much is then
 * owed to that ceiling in the same commit, and told by the alarm until it is heard.
 */

import type { Env } from '../../bindings.ts';
import type { PlanId } from '../../contract/user.ts';
import {
  type Allowance,
  bookClaim,
  claimPhotos,
  correctClaim,
  countJob,
  countQuery,
  countRevocation,
  countRuleChange,
  type DayUse,
  type Lowering,
  ruleChanged,
  type UnsureClaim,
  untilOf,
  usedBy,
} from '../../domain/allowance.ts';
import { dayOf, oldestDay } from '../../domain/ceilings.ts';
import type { Hold, Settle } from '../../domain/ledger.ts';
import { knownPlan } from '../../domain/plans.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { failure, log } from '../../log.ts';
import { settingsOf } from '../../settings/settings.ts';
import { withTimeLimit } from '../../time-limit.ts';
import type { NextAlarm } from '../next-alarm.ts';
import { ceilingsOf, type DispatchClaim } from './ceilings.ts';
import type { More, User, UserStore } from './store.ts';

type Count = (use: DayUse, allowance: Allowance, now: number) => Result<DayUse>;

/** How long the ceiling for all is taken to be as full as it was: photos of others may be given back meanwhile. Milliseconds. */
const FULL_MS = 10_000;

export class DayAllowance {
  readonly #env: Env;
  readonly #store: UserStore;
  readonly #alarm: NextAlarm;
  /** Claims under way by job: whoever asks for one meanwhile waits for the same answer. */
  readonly #asking = new Map<string, Promise<Result<null>>>();
  /** What the ceiling for all refused last, so that asking over and over writes nothing. */
  #full: { day: number; photos: number; until: number } | null = null;

  constructor(env: Env, store: UserStore, alarm: NextAlarm) {
    this.#env = env;
    this.#store = store;
    this.#alarm = alarm;
  }

  /** What to save when a job is created; refused beyond the day's. */
  jobCreated(user: User): Result<More> {
    return this.#count(user, countJob);
  }

  /** The same for a rule that is created or changed. */
  ruleChange(user: User): Result<More> {
    return this.#count(user, countRuleChange);
  }

  /** The same for a rule that is deleted, which is never refused. */
  ruleDeleted({ more }: User): More {
    return { ...more, day: ruleChanged(usedBy(more.day, Date.now())) };
  }

  /** The same for a revocation of all sessions. */
  revocation(user: User): Result<More> {
    const { DAILY_REVOCATIONS } = settingsOf(this.#env).numbers;
    return this.#count(user, (use, _, now) => countRevocation(use, DAILY_REVOCATIONS, now));
  }

  /** Counts a query that asks other objects or D1. @param cost as many as it asks, where that is more than a few */
  query(user: User, cost = 1): Result<null> {
    const more = this.#count(user, (use, allowance, now) => countQuery(use, allowance, now, cost));
    if (!more.ok) return more;
    this.#store.saveMore(more.value);
    return ok(null);
  }

  /** Lets the photos of a job through to the GPU, once: by the account's own allowance, then by the ceiling for all. */
  claim(claim: Omit<DispatchClaim, 'day'>): Promise<Result<null>> {
    const { jobId } = claim;
    const asking = this.#asking.get(jobId) ?? this.#claim(claim).finally(() => this.#asking.delete(jobId));
    this.#asking.set(jobId, asking);
    return asking;
  }

  async #claim({ jobId, photos }: Omit<DispatchClaim, 'day'>): Promise<Result<null>> {
    for (;;) {
      const { account, live, more } = this.#store.theUser();
      const hold = live.find((one) => one.jobId === jobId);
      if (hold === undefined || more.erasing !== undefined)
        return refuse('JOB_NOT_FOUND', 'no credits are held for that job', null);
      const others = live.flatMap((one) => (one === hold ? [] : (one.claim ?? [])));
      const use = usedBy(more.day, Date.now());
      const claim = claimPhotos(use, others, hold.claim, photos, this.#allowanceOf(account.plan));
      if (!claim.ok) return claim;
      const { day } = claim.value;
      if (claim.value !== hold.claim && this.#isFull(day, photos)) return ceilingReached(day);
      if (claim.value !== hold.claim) this.#setClaim(jobId, claim.value);
      const limit = settingsOf(this.#env).numbers.EFFECT_TIMEOUT_MS;
      // Without an answer the claim stands: it may have been counted there.
      if (await withTimeLimit(limit, 'ceilings', ceilingsOf(this.#env).claimDispatch({ jobId, photos, day }))) {
        return ok(null);
      }
      this.#setClaim(jobId, undefined);
      // A claim of yesterday that was never granted says nothing of today.
      const today = dayOf(Date.now());
      if (day === today) {
        this.#full = { day, photos, until: Date.now() + FULL_MS };
        return ceilingReached(day);
      }
    }
  }

  #isFull(day: number, photos: number): boolean {
    const full = this.#full;
    return full !== null && full.day === day && full.photos <= photos && Date.now() < full.until;
  }

  /** The job may have settled while the ceiling was asked: then what is owed stands already. */
  #setClaim(jobId: string, claim: Hold['claim']): void {
    const { live } = this.#store.theUser();
    if (!live.some((hold) => hold.jobId === jobId)) return;
    this.#store.saveLive(live.map((hold) => (hold.jobId === jobId ? { ...hold, claim } : hold)));
  }

  /** What to save when a job settles: its claim is booked, and what of it never reached the GPU is owed to the ceiling. */
  settled({ more: before }: User, hold: Hold, { charged, sent, unsure = 0 }: Settle): More {
    if (hold.claim === undefined) return before;
    const reached = { charged, sent: sent ?? hold.claim.photos };
    const since = Date.now();
    const { use, lowering } = bookClaim(usedBy(before.day, since), hold.jobId, hold.claim, reached);
    const claim = { jobId: hold.jobId, ...hold.claim, charged, reached: Math.max(charged, reached.sent) };
    const more = unsure === 0 ? before : withUnsure(before, [claim]);
    if (lowering === null) return { ...more, day: use };
    return { ...more, day: use, lowerings: [...(more.lowerings ?? []), { ...lowering, since }] };
  }

  /** The provider has refused what it had yet to answer when the job settled: `sent` photos reached it. Once, however often it is told. */
  unsent(jobId: string, sent: number): void {
    const more = this.#store.user()?.more;
    const claim = more?.unsure?.find((one) => one.jobId === jobId);
    if (more === undefined || claim === undefined) return;
    const since = Date.now();
    const { use, lowering } = correctClaim(usedBy(more.day, since), claim, sent);
    const unsure = (more.unsure ?? []).filter((one) => one !== claim);
    const lowerings = [...(more.lowerings ?? []), ...(lowering === null ? [] : [{ ...lowering, since }])];
    this.#store.saveMore({ ...more, day: use, unsure, ...(lowerings.length > 0 && { lowerings }) });
    if (lowering !== null) this.soon();
  }

  /** Tells the ceiling what is owed to it. What fails stays, and is tried again by the alarm. */
  async work(): Promise<void> {
    const owed = this.#store.user()?.more.lowerings ?? [];
    if (owed.length === 0) return;
    // Nothing fits into a day that is over.
    const kept = owed.filter(({ day }) => day >= oldestDay(dayOf(Date.now())));
    try {
      const limit = settingsOf(this.#env).numbers.EFFECT_TIMEOUT_MS;
      if (kept.length > 0) await withTimeLimit(limit, 'ceilings', ceilingsOf(this.#env).lowerDispatch(kept));
    } catch (error) {
      log('warn', 'ceilings.lower.failed', { userId: this.#store.user()?.userId, ...failure(error) });
      return;
    }
    const { lowerings = [], ...more } = this.#store.theUser().more;
    const wasTold = (one: Lowering) =>
      owed.some(({ jobId, reached }) => jobId === one.jobId && reached === one.reached);
    const left = lowerings.filter((one) => !wasTold(one));
    this.#store.saveMore(left.length === 0 ? more : { ...more, lowerings: left });
  }

  /** When the ceiling is to be told, what is overdue included. */
  dueTimes(): number[] {
    const delay = settingsOf(this.#env).numbers.PROJECTION_DELAY_MS;
    return (this.#store.user()?.more.lowerings ?? []).map(({ since }) => since + delay);
  }

  /** In the turn of the commit that owes something. */
  soon(): void {
    void this.#alarm.atLatest(Date.now() + settingsOf(this.#env).numbers.PROJECTION_DELAY_MS);
  }

  #allowanceOf(plan: PlanId): Allowance {
    return settingsOf(this.#env).allowances[knownPlan(plan)];
  }

  #count({ account, more }: User, count: Count): Result<More> {
    const now = Date.now();
    const use = count(usedBy(more.day, now), this.#allowanceOf(account.plan), now);
    return use.ok ? ok({ ...more, day: use.value }) : use;
  }
}

function ceilingReached(day: number) {
  const until = untilOf(day);
  return refuse('CEILING_REACHED', `no more photos are taken today: it goes on at ${until}`, { until });
}

/** Remembers these claims as well, and forgets those of days that are over. */
export function withUnsure(more: More, claims: readonly UnsureClaim[]): More {
  const oldest = oldestDay(dayOf(Date.now()));
  const others = (more.unsure ?? []).filter(
    (one) => one.day >= oldest && !claims.some(({ jobId }) => jobId === one.jobId),
  );
  return { ...more, unsure: [...others, ...claims] };
}
