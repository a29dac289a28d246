/**
 * A user's holds: credits set aside for jobs, and the slots that these take. A hold is freed by its job only; when its check time comes,
 * the job is asked whether it lives.
 */

import type { Env } from '../../bindings.ts';
import { type Hold, type Reserve, reserve, type Settle, settle, takingSlots } from '../../domain/ledger.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { backoffMs } from '../../domain/retry.ts';
import { failure, log } from '../../log.ts';
import { settingsOf } from '../../settings/settings.ts';
import { withTimeLimit } from '../../time-limit.ts';
import type { NextAlarm } from '../next-alarm.ts';
import type { DayAllowance } from './allowance.ts';
import type { User, UserStore } from './store.ts';

/** What D1 has to show of the account once the job is settled: granted - spent, and the version of it. */
export type SettleReply = { credits: number; version: number };

export class Holds {
  readonly #env: Env;
  readonly #store: UserStore;
  readonly #alarm: NextAlarm;
  readonly #allowance: DayAllowance;

  constructor(env: Env, store: UserStore, alarm: NextAlarm, allowance: DayAllowance) {
    this.#env = env;
    this.#store = store;
    this.#alarm = alarm;
    this.#allowance = allowance;
  }

  /** @param counted whether a new job is one of the day's: an operator's is not */
  async reserve(
    user: User,
    command: Omit<Reserve, 'checkAt'>,
    counted: boolean,
  ): Promise<Result<{ settled: boolean }>> {
    const now = Date.now();
    const checkAt = now + settingsOf(this.#env).numbers.HOLD_CHECK_MS;
    const known = this.#find(user, command.jobId);
    const decision = reserve(user.account, takingSlots(user.live), known, { ...command, checkAt }, now);
    if (!decision.ok) return decision;
    const { account, hold, changed } = decision.value;
    if (changed) {
      const more = counted ? this.#allowance.jobCreated(user) : ok(user.more);
      if (!more.ok) return more;
      this.#store.saveAccount(account, { ...user, live: [...user.live, hold], more: more.value });
      await this.#alarm.atLatest(checkAt);
    }
    return ok({ settled: hold.settledAt !== null });
  }

  settle(command: Settle): Result<SettleReply> {
    const user = this.#store.theUser();
    const hold = this.#find(user, command.jobId);
    if (hold === null) return refuse('JOB_NOT_FOUND', 'no credits are held for that job', null);
    const decision = settle(user.account, hold, command, Date.now());
    if (!decision.ok) return decision;
    const { account, hold: settled, changed } = decision.value;
    if (changed) {
      const more = this.#allowance.settled(user, hold, command);
      this.#store.transaction(() => this.#store.saveSettled({ ...user, more }, account, settled, command.ended));
      if (more.lowerings !== user.more.lowerings) this.#allowance.soon();
    }
    return ok({ credits: account.granted - account.spent, version: account.version });
  }

  freeSlot(jobId: string): void {
    this.#change(jobId, { slotFree: true });
  }

  async recheck(jobId: string): Promise<void> {
    this.#postpone(jobId, 0);
    await this.check();
    // A job that did not answer is asked again soon, not when the hold would have been checked anyway.
    await this.#alarm.restore();
  }

  /** Asks jobs whose check time has come whether they live. One that never came to be leaves a tombstone and frees its hold. */
  async check(): Promise<void> {
    const settings = settingsOf(this.#env);
    const live = this.#store.user()?.live ?? [];
    const due = live.filter(({ checkAt }) => checkAt !== null && checkAt <= Date.now());
    for (const { jobId, unanswered = 0 } of due) {
      let lives: boolean;
      try {
        const job = this.#env.JOB_COORDINATOR.get(this.#env.JOB_COORDINATOR.idFromString(jobId));
        lives = (await withTimeLimit(settings.numbers.EFFECT_TIMEOUT_MS, 'abandon', job.abandon())).lives;
      } catch (error) {
        log('warn', 'hold.check.failed', { jobId, ...failure(error) });
        this.#postpone(jobId, backoffMs(unanswered + 1, Math.random()), unanswered + 1);
        continue;
      }
      if (lives) this.#postpone(jobId, settings.job.createdMs);
      else {
        log('warn', 'hold.abandoned', { jobId });
        const outcome = { status: 'canceled' as const, done: 0, failed: 0 };
        this.settle({ jobId, charged: 0, outcome, sent: 0, ended: null });
      }
    }
  }

  /** When jobs are to be asked, what is overdue included. */
  dueTimes(): number[] {
    return (this.#store.user()?.live ?? []).flatMap(({ checkAt }) => checkAt ?? []);
  }

  /** @param unanswered how often in a row the job was asked and did not answer */
  #postpone(jobId: string, ms: number, unanswered = 0): void {
    this.#change(jobId, { checkAt: Date.now() + ms, unanswered });
  }

  /** Loads the holds again: the job may have settled its own while it was asked. */
  #change(jobId: string, change: Partial<Pick<Hold, 'checkAt' | 'slotFree' | 'unanswered'>>): void {
    const { live } = this.#store.theUser();
    if (!live.some((hold) => hold.jobId === jobId)) return;
    this.#store.saveLive(live.map((hold) => (hold.jobId === jobId ? { ...hold, ...change } : hold)));
  }

  /** The job's hold, live or settled. */
  #find(user: User, jobId: string): Hold | null {
    const live = user.live.find((hold) => hold.jobId === jobId);
    if (live !== undefined) return live;
    // Nothing was ever settled: there is no receipt to look for.
    return user.recent.length === 0 ? null : this.#store.receipt(jobId);
  }
}
