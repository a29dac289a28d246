/**
 * Deleting a user with everything he has: his jobs are told, which end, and delete their photos and rows; then what D1 and R2 still
 * hold of him goes, again after the last signed URL has ended. What stays for as long as one of his tokens could be shown is that there was such
 * a user: no old token opens a new account. Each step may be repeated; the alarm goes on where a step ended.
 */

import type { Env } from '../../bindings.ts';
import { eraseUser } from '../../db/erase-user.ts';
import { bookClaim, type UnsureClaim, usedBy } from '../../domain/allowance.ts';
import { userPrefixes } from '../../domain/keys.ts';
import { log } from '../../log.ts';
import { type Settings, settingsOf } from '../../settings/settings.ts';
import { deleteUnder } from '../../storage/deletion.ts';
import { withTimeLimit } from '../../time-limit.ts';
import type { NextAlarm } from '../next-alarm.ts';
import { withUnsure } from './allowance.ts';
import type { Erasing, OwedLowering, User, UserStore } from './store.ts';

/** Jobs told in one step, and steps in one wake-up. */
const JOBS = 25;
const STEPS = 8;
/** LIST and DELETE pairs in one wake-up. */
const BATCHES = 20;
/** A moment later than what it follows: the alarm is for the next step. */
const SOON_MS = 1_000;
const DAY_MS = 86_400_000;

type JobEnd = { putsExpireAt: number; sent: number; unsure: number } | null;

export class Erasure {
  readonly #ctx: DurableObjectState;
  readonly #env: Env;
  readonly #store: UserStore;
  readonly #alarm: NextAlarm;
  /** How the last step ended: what goes on is in no need to wait. */
  #last: 'unknown' | 'went' | 'failed' = 'unknown';

  constructor(ctx: DurableObjectState, env: Env, store: UserStore, alarm: NextAlarm) {
    this.#ctx = ctx;
    this.#env = env;
    this.#store = store;
    this.#alarm = alarm;
  }

  /** From this commit on the user is gone for everybody; the rest follows, here and by the alarm. */
  begin(user: User): Erasing {
    const now = Date.now();
    const erasing: Erasing = { since: now, toldTo: '', putsExpireAt: now, done: false };
    this.#store.beginErasure(user, erasing);
    void this.#alarm.atLatest(now + SOON_MS);
    log('info', 'user.erasing', { userId: user.userId });
    return erasing;
  }

  /** When everything is gone, as far as is known. */
  goneBy({ putsExpireAt }: Erasing): number {
    return putsExpireAt + this.#settings().numbers.JOB_LAST_LOOK_MS;
  }

  /** Tells jobs that were not told yet, a few steps of them. Throws when one does not answer. */
  async tellJobs(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      const user = this.#store.user();
      const erasing = user?.more.erasing;
      if (user === null || erasing === undefined || erasing.toldTo === null) return;
      // Live ones first, and with each step: one may have been on its way when the deletion began.
      const held = user.live.map(({ jobId }) => jobId);
      const settled = this.#store.receipts(erasing.toldTo, JOBS).map(({ jobId }) => jobId);
      const ends = await Promise.all([
        ...held.map((jobId) => this.#tell(user.userId, jobId, true)),
        ...settled.map((jobId) => this.#tell(user.userId, jobId, false)),
      ]);
      const putsExpireAt = Math.max(erasing.putsExpireAt, ...ends.map((end) => end?.putsExpireAt ?? 0));
      const toldTo = settled.length < JOBS ? null : (settled.at(-1) ?? null);
      this.#save({ ...erasing, putsExpireAt, toldTo }, this.#lowerings(user, ends), this.#unsure(user, ends));
    }
  }

  /** What of the live jobs' claims never reached the GPU: nobody settles them any more. `ends` begins with theirs. */
  #lowerings({ live }: User, ends: readonly JobEnd[]): OwedLowering[] {
    const since = Date.now();
    return live.flatMap(({ jobId, claim }, at) => {
      if (claim === undefined) return [];
      const { lowering } = bookClaim(usedBy(undefined, since), jobId, claim, { sent: ends[at]?.sent ?? 0, charged: 0 });
      return lowering === null ? [] : { ...lowering, since };
    });
  }

  /** What of these claims the provider may yet refuse. */
  #unsure({ live }: User, ends: readonly JobEnd[]): UnsureClaim[] {
    return live.flatMap(({ jobId, claim }, at) => {
      const end = ends[at];
      return claim === undefined || !end?.unsure ? [] : [{ jobId, ...claim, charged: 0, reached: end.sent }];
    });
  }

  #tell(userId: string, jobId: string, held: boolean): Promise<JobEnd> {
    const job = this.#env.JOB_COORDINATOR.get(this.#env.JOB_COORDINATOR.idFromString(jobId));
    return withTimeLimit(this.#settings().numbers.EFFECT_TIMEOUT_MS, 'erase', job.erase(userId, held));
  }

  /** What is due now. Throws while something does not answer; the alarm tries again. */
  async work(): Promise<void> {
    this.#last = 'failed';
    await this.#step();
    this.#last = 'went';
  }

  async #step(): Promise<void> {
    await this.tellJobs();
    const user = this.#store.user();
    const erasing = user?.more.erasing;
    if (user === null || erasing === undefined || erasing.toldTo !== null) return;
    if (erasing.done) return this.#forgetWhenDue(erasing);
    await this.#eraseRows(user.userId);
    // A URL is still good at the moment of its expiry, and what began under it takes its time.
    if (Date.now() <= this.goneBy(erasing)) return;
    const emptied = await deleteUnder(this.#env.R2, userPrefixes(user.userId), () => false, BATCHES);
    if (!emptied) throw new Error('more objects are left than one wake-up deletes');
    this.#store.wipe({ ...erasing, done: true });
    log('info', 'user.erased', { userId: user.userId });
  }

  async #eraseRows(userId: string): Promise<void> {
    for (let step = 0; step < STEPS; step++) if (await eraseUser(this.#env.DB, userId)) return;
    throw new Error('more rows are left than one wake-up deletes');
  }

  /** When {@link work} has something to do, what is overdue included. */
  dueTimes(): number[] {
    const erasing = this.#store.user()?.more.erasing;
    if (erasing === undefined) return [];
    if (erasing.done) return [this.#forgottenAt(erasing)];
    const begun = erasing.since + SOON_MS;
    if (this.#last === 'failed') return [begun];
    if (erasing.toldTo === null) return [this.goneBy(erasing) + 1];
    return [this.#last === 'went' ? Date.now() + SOON_MS : begun];
  }

  /** When no token of the user can be shown any more, renewed or not. */
  #forgottenAt({ since }: Erasing): number {
    const { TOKEN_SECONDS, TOKEN_RENEW_SECONDS } = this.#settings().numbers;
    return since + (TOKEN_SECONDS + TOKEN_RENEW_SECONDS) * 1000 + DAY_MS;
  }

  async #forgetWhenDue(erasing: Erasing): Promise<void> {
    if (Date.now() < this.#forgottenAt(erasing)) return;
    await this.#ctx.storage.deleteAll();
    this.#store.forget();
    this.#alarm.gone();
  }

  /** From storage: a job may have settled while others were told. */
  #save(erasing: Erasing, owed: OwedLowering[], unsure: UnsureClaim[]): void {
    const user = this.#store.user();
    if (user === null) return;
    const known = user.more.lowerings ?? [];
    const more = owed.filter(({ jobId }) => !known.some((one) => one.jobId === jobId));
    const lowerings = [...known, ...more];
    const kept = unsure.length === 0 ? user.more : withUnsure(user.more, unsure);
    this.#store.saveMore({ ...kept, erasing, ...(lowerings.length > 0 && { lowerings }) });
  }

  #settings(): Settings {
    return settingsOf(this.#env);
  }
}
