/**
 * Deleting a user with everything he has: his jobs are told, which end, and delete their photos and rows; then what D1 and R2 still
 * hold of him goes, again after the last signed URL has ended. What stays for as long as one of his tokens could be shown is that there was such
 * a user: no old token opens a new account. Each step may be repeated; the alarm goes on where a step ended.
 */
import { bookClaim, type UnsureClaim, usedBy } from '../../domain/allowance.ts';
import type { Hold } from '../../domain/ledger.ts';
import { ok, type Result } from '../../domain/result.ts';
import { failure, log } from '../../log.ts';
import { userNotFound } from './access.ts';
import { withUnsure } from './claims.ts';
import type { Erasing, More, OwedLowering, Session, User } from './state.ts';

/** When signed PUTs to a job end, and how many photos reached the provider, `unsure` of which it may yet refuse; null when nothing is there. */
export type JobEnd = { putsExpireAt: number; sent: number; unsure: number } | null;

export type ErasurePorts = {
  now(): number;
  user(): User | null;
  admitted(session: Session | null): Result<User>;
  receipts(after: string, limit: number): Hold[];
  saveMore(more: More): void;
  /** One commit: from here on nobody comes in, and D1 hears nothing more. */
  beginErasure(user: User, erasing: Erasing): void;
  /** One commit: all that is left is that there was a user. */
  wipe(erasing: Erasing): void;
  /** Deletes that as well. */
  forgetAll(): Promise<void>;
  /** Tells a job. Rejects when it does not answer. @param held whether credits are held for it */
  eraseJob(userId: string, jobId: string, held: boolean): Promise<JobEnd>;
  /** One step's worth of the user's rows in D1. @returns whether nothing is left */
  eraseRows(userId: string): Promise<boolean>;
  /** One wake-up's worth of the user's objects in R2. @returns whether nothing is left */
  eraseObjects(userId: string): Promise<boolean>;
  /** How long after the last signed PUT one may still arrive, and how long a token of the user could be shown; milliseconds. */
  limits(): { lastLookMs: number; tokenMs: number };
  wakeBy(time: number): Promise<boolean>;
  restoreAlarm(): Promise<boolean>;
};

/** Jobs told in one step, and steps in one wake-up. */
const JOBS = 25;
const STEPS = 8;
/** A moment later than what it follows: the alarm is for the next step. */
const SOON_MS = 1_000;
const DAY_MS = 86_400_000;

export class Erasure {
  readonly #ports: ErasurePorts;
  /** How the last step ended: what goes on is in no need to wait. */
  #last: 'unknown' | 'went' | 'failed' = 'unknown';

  constructor(ports: ErasurePorts) {
    this.#ports = ports;
  }

  /**
   * Deletes the user with everything he has. Asked again, by whatever token or operator, it answers how far that is.
   * @returns when the last of it is gone, as far as is known (milliseconds since the Unix epoch)
   */
  async erase(session: Session | null): Promise<Result<{ goneBy: number; done: boolean }>> {
    const user = this.#ports.user();
    if (user === null) return session === null ? userNotFound() : ok({ goneBy: this.#ports.now(), done: true });
    if (user.more.erasing === undefined) {
      const admitted = this.#ports.admitted(session);
      if (!admitted.ok) return admitted;
      this.#begin(user);
    }
    try {
      await this.work();
    } catch (error) {
      // It is committed: the alarm goes on.
      log('warn', 'user.erase.failed', { userId: user.userId, ...failure(error) });
    }
    await this.#ports.restoreAlarm();
    const erasing = this.#ports.user()?.more.erasing;
    if (erasing === undefined) return ok({ goneBy: this.#ports.now(), done: true });
    return ok({ goneBy: this.#goneBy(erasing), done: erasing.done });
  }

  /** From this commit on the user is gone for everybody; the rest follows, here and by the alarm. */
  #begin(user: User): void {
    const now = this.#ports.now();
    this.#ports.beginErasure(user, { since: now, toldTo: '', putsExpireAt: now, done: false });
    void this.#ports.wakeBy(now + SOON_MS);
    log('info', 'user.erasing', { userId: user.userId });
  }

  /** When everything is gone, as far as is known. */
  #goneBy({ putsExpireAt }: Erasing): number {
    return putsExpireAt + this.#ports.limits().lastLookMs;
  }

  /** What is due now. Throws while something does not answer; the alarm tries again. */
  async work(): Promise<void> {
    this.#last = 'failed';
    await this.#step();
    this.#last = 'went';
  }

  async #step(): Promise<void> {
    await this.#tellJobs();
    const user = this.#ports.user();
    const erasing = user?.more.erasing;
    if (user === null || erasing === undefined || erasing.toldTo !== null) return;
    if (erasing.done) return this.#forgetWhenDue(erasing);
    await this.#eraseRows(user.userId);
    // A URL is still good at the moment of its expiry, and what began under it takes its time.
    if (this.#ports.now() <= this.#goneBy(erasing)) return;
    const emptied = await this.#ports.eraseObjects(user.userId);
    if (!emptied) throw new Error('more objects are left than one wake-up deletes');
    this.#ports.wipe({ ...erasing, done: true });
    log('info', 'user.erased', { userId: user.userId });
  }

  /** Tells jobs that were not told yet, a few steps of them. Throws when one does not answer. */
  async #tellJobs(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      const user = this.#ports.user();
      const erasing = user?.more.erasing;
      if (user === null || erasing === undefined || erasing.toldTo === null) return;
      // Live ones first, and with each step: one may have been on its way when the deletion began.
      const held = user.live.map(({ jobId }) => jobId);
      const settled = this.#ports.receipts(erasing.toldTo, JOBS).map(({ jobId }) => jobId);
      const ends = await Promise.all([
        ...held.map((jobId) => this.#ports.eraseJob(user.userId, jobId, true)),
        ...settled.map((jobId) => this.#ports.eraseJob(user.userId, jobId, false)),
      ]);
      const putsExpireAt = Math.max(erasing.putsExpireAt, ...ends.map((end) => end?.putsExpireAt ?? 0));
      const toldTo = settled.length < JOBS ? null : (settled.at(-1) ?? null);
      this.#save({ ...erasing, putsExpireAt, toldTo }, this.#lowerings(user, ends), unsureOf(user, ends));
    }
  }

  /** What of the live jobs' claims never reached the GPU: nobody settles them any more. `ends` begins with theirs. */
  #lowerings({ live }: User, ends: readonly JobEnd[]): OwedLowering[] {
    const since = this.#ports.now();
    return live.flatMap(({ jobId, claim }, at) => {
      if (claim === undefined) return [];
      const { lowering } = bookClaim(usedBy(undefined, since), jobId, claim, { sent: ends[at]?.sent ?? 0, charged: 0 });
      return lowering === null ? [] : { ...lowering, since };
    });
  }

  async #eraseRows(userId: string): Promise<void> {
    for (let step = 0; step < STEPS; step++) if (await this.#ports.eraseRows(userId)) return;
    throw new Error('more rows are left than one wake-up deletes');
  }

  /** When {@link work} has something to do, what is overdue included. */
  dueTimes(): number[] {
    const erasing = this.#ports.user()?.more.erasing;
    if (erasing === undefined) return [];
    if (erasing.done) return [this.#forgottenAt(erasing)];
    const begun = erasing.since + SOON_MS;
    if (this.#last === 'failed') return [begun];
    if (erasing.toldTo === null) return [this.#goneBy(erasing) + 1];
    return [this.#last === 'went' ? this.#ports.now() + SOON_MS : begun];
  }

  /** When no token of the user can be shown any more, renewed or not. */
  #forgottenAt({ since }: Erasing): number {
    return since + this.#ports.limits().tokenMs + DAY_MS;
  }

  async #forgetWhenDue(erasing: Erasing): Promise<void> {
    if (this.#ports.now() >= this.#forgottenAt(erasing)) await this.#ports.forgetAll();
  }

  /** From storage: a job may have settled while others were told. */
  #save(erasing: Erasing, owed: OwedLowering[], unsure: UnsureClaim[]): void {
    const user = this.#ports.user();
    if (user === null) return;
    const known = user.more.lowerings ?? [];
    const more = owed.filter(({ jobId }) => !known.some((one) => one.jobId === jobId));
    const lowerings = [...known, ...more];
    const kept = unsure.length === 0 ? user.more : withUnsure(user.more, unsure, this.#ports.now());
    this.#ports.saveMore({ ...kept, erasing, ...(lowerings.length > 0 && { lowerings }) });
  }
}

/** What of the live jobs' claims the provider may yet refuse. */
function unsureOf({ live }: User, ends: readonly JobEnd[]): UnsureClaim[] {
  return live.flatMap(({ jobId, claim }, at) => {
    const end = ends[at];
    return claim === undefined || !end?.unsure ? [] : [{ jobId, ...claim, charged: 0, reached: end.sent }];
  });
}
