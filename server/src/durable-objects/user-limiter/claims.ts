/**
 * What the account has let through to the GPU. A claim is written here before the ceiling for all is asked, and stands at the job's hold
 * until the job settles; what it claimed too much is then owed to that ceiling in the same commit, and told by the alarm until it is heard.
 */
import type { PlanId } from '../../contract/user.ts';
import {
  type Allowance,
  bookClaim,
  claimPhotos,
  correctClaim,
  type Lowering,
  type PhotoClaim,
  type UnsureClaim,
  untilOf,
  usedBy,
} from '../../domain/allowance.ts';
import { type DispatchClaim, dayOf, oldestDay } from '../../domain/ceilings.ts';
import type { Hold, Settle } from '../../domain/ledger.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { failure, log } from '../../log.ts';
import { UnderWay } from '../../under-way.ts';
import { type More, theUser, type User } from './state.ts';

export type ClaimPorts = {
  now(): number;
  user(): User | null;
  saveLive(live: readonly Hold[]): void;
  saveMore(more: More): void;
  allowanceOf(plan: PlanId): Allowance;
  /** Asks the ceiling for all whether there is room. Rejects when it does not answer. */
  claimDispatch(claim: Required<DispatchClaim>): Promise<boolean>;
  /** Tells it what never reached the GPU. Rejects when it does not answer. */
  lowerDispatch(owed: Lowering[]): Promise<void>;
  /** How long what is owed may wait, so that it is told together; milliseconds. */
  delayMs(): number;
  wakeBy(time: number): Promise<boolean>;
};

type Claim = { jobId: string; photos: number };

/** How long the ceiling for all is taken to be as full as it was: photos of others may be given back meanwhile. Milliseconds. */
const FULL_MS = 10_000;
/** After how long nobody waits for an answer of the ceiling any more: longer than a job does that is executed. Milliseconds. */
const ANSWER_MS = 30_000;

export class PhotoClaims {
  readonly #ports: ClaimPorts;
  /** By job: whoever asks for one meanwhile waits for the same answer. */
  readonly #asking: UnderWay<string, Result<null>>;
  /** What the ceiling for all refused last, so that asking over and over writes nothing. */
  #full: { day: number; photos: number; until: number } | null = null;

  constructor(ports: ClaimPorts) {
    this.#ports = ports;
    this.#asking = new UnderWay(() => ports.now());
  }

  /** Lets the photos of a job through to the GPU, once: by the account's own allowance, then by the ceiling for all. */
  claim(claim: Claim): Promise<Result<null>> {
    return this.#asking.once(claim.jobId, ANSWER_MS, () => this.#claim(claim));
  }

  async #claim({ jobId, photos }: Claim): Promise<Result<null>> {
    for (;;) {
      const written = this.#write({ jobId, photos });
      if (!written.ok) return written;
      const { day } = written.value;
      const granted = await this.#ask({ jobId, photos, day });
      if (!granted.ok) return granted;
      if (granted.value) return ok(null);
      this.#setClaim(jobId, undefined);
      // A claim of yesterday that was never granted says nothing of today.
      const now = this.#ports.now();
      if (day === dayOf(now)) {
        this.#full = { day, photos, until: now + FULL_MS };
        return ceilingReached(day);
      }
    }
  }

  /** Writes the claim at the job's hold, if the account may make it. */
  #write({ jobId, photos }: Claim): Result<PhotoClaim> {
    const { account, live, more } = theUser(this.#ports.user());
    const hold = live.find((one) => one.jobId === jobId);
    if (hold === undefined || more.erasing !== undefined)
      return refuse('JOB_NOT_FOUND', 'no credits are held for that job', null);
    const others = live.flatMap((one) => (one === hold ? [] : (one.claim ?? [])));
    const use = usedBy(more.day, this.#ports.now());
    const claim = claimPhotos(use, others, hold.claim, photos, this.#ports.allowanceOf(account.plan));
    if (!claim.ok || claim.value === hold.claim) return claim;
    const { day } = claim.value;
    if (this.#isFull(day, photos)) return ceilingReached(day);
    this.#setClaim(jobId, claim.value);
    return claim;
  }

  /** Without an answer the claim stands: it may have been counted there, and the same one again is counted once. */
  async #ask(claim: Required<DispatchClaim>): Promise<Result<boolean>> {
    try {
      return ok(await this.#ports.claimDispatch(claim));
    } catch (error) {
      const { jobId } = claim;
      log('error', 'ceilings.failed', { jobId, userId: this.#ports.user()?.userId, ...failure(error) });
      return refuse('SERVICE_UNAVAILABLE', 'jobs cannot be started now, try again', { settings: [] });
    }
  }

  #isFull(day: number, photos: number): boolean {
    const full = this.#full;
    return full !== null && full.day === day && full.photos <= photos && this.#ports.now() < full.until;
  }

  /** The job may have settled while the ceiling was asked: then what is owed stands already. */
  #setClaim(jobId: string, claim: Hold['claim']): void {
    const { live } = theUser(this.#ports.user());
    if (!live.some((hold) => hold.jobId === jobId)) return;
    this.#ports.saveLive(live.map((hold) => (hold.jobId === jobId ? { ...hold, claim } : hold)));
  }

  /** What to save when a job settles: its claim is booked, and what of it never reached the GPU is owed to the ceiling. */
  claimSettled({ more: before }: User, hold: Hold, { charged, sent, unsure = 0 }: Settle): More {
    if (hold.claim === undefined) return before;
    const reached = { charged, sent: sent ?? hold.claim.photos };
    const since = this.#ports.now();
    const { use, lowering } = bookClaim(usedBy(before.day, since), hold.jobId, hold.claim, reached);
    const claim = { jobId: hold.jobId, ...hold.claim, charged, reached: Math.max(charged, reached.sent) };
    const more = unsure === 0 ? before : withUnsure(before, [claim], since);
    if (lowering === null) return { ...more, day: use };
    return { ...more, day: use, lowerings: [...(more.lowerings ?? []), { ...lowering, since }] };
  }

  /** The provider has refused what it had yet to answer when the job settled: `sent` photos reached it. Once, however often it is told. */
  unsent(jobId: string, sent: number): void {
    const more = this.#ports.user()?.more;
    const claim = more?.unsure?.find((one) => one.jobId === jobId);
    if (more === undefined || claim === undefined) return;
    const since = this.#ports.now();
    const { use, lowering } = correctClaim(usedBy(more.day, since), claim, sent);
    const unsure = (more.unsure ?? []).filter((one) => one !== claim);
    const lowerings = [...(more.lowerings ?? []), ...(lowering === null ? [] : [{ ...lowering, since }])];
    this.#ports.saveMore({ ...more, day: use, unsure, ...(lowerings.length > 0 && { lowerings }) });
    if (lowering !== null) this.tellCeilings();
  }

  /** Tells the ceiling what is owed to it. What fails stays, and is tried again by the alarm. */
  async work(): Promise<void> {
    const owed = this.#ports.user()?.more.lowerings ?? [];
    if (owed.length === 0) return;
    // Nothing fits into a day that is over.
    const kept = owed.filter(({ day }) => day >= oldestDay(dayOf(this.#ports.now())));
    try {
      if (kept.length > 0) await this.#ports.lowerDispatch(kept);
    } catch (error) {
      log('warn', 'ceilings.lower.failed', { userId: this.#ports.user()?.userId, ...failure(error) });
      return;
    }
    const { lowerings = [], ...more } = theUser(this.#ports.user()).more;
    const wasTold = (one: Lowering) =>
      owed.some(({ jobId, reached }) => jobId === one.jobId && reached === one.reached);
    const left = lowerings.filter((one) => !wasTold(one));
    this.#ports.saveMore(left.length === 0 ? more : { ...more, lowerings: left });
  }

  /** When the ceiling is to be told, what is overdue included. */
  dueTimes(): number[] {
    const delay = this.#ports.delayMs();
    return (this.#ports.user()?.more.lowerings ?? []).map(({ since }) => since + delay);
  }

  /** In the turn of the commit that owes something. */
  tellCeilings(): void {
    void this.#ports.wakeBy(this.#ports.now() + this.#ports.delayMs());
  }
}

function ceilingReached(day: number) {
  const until = untilOf(day);
  return refuse('CEILING_REACHED', `no more photos are taken today: it goes on at ${until}`, { until });
}

/** Remembers these claims as well, and forgets those of days that are over. */
export function withUnsure(more: More, claims: readonly UnsureClaim[], now: number): More {
  const oldest = oldestDay(dayOf(now));
  const others = (more.unsure ?? []).filter(
    (one) => one.day >= oldest && !claims.some(({ jobId }) => jobId === one.jobId),
  );
  return { ...more, unsure: [...others, ...claims] };
}
