/**
 * A user's holds: credits set aside for jobs, and the slots that these take. A hold is freed by its job only; when its check time comes,
 * the job is asked whether it lives.
 */
import {
  type Account,
  admission,
  type Hold,
  openedWith,
  type Reserve,
  reserve,
  type Settle,
  settle,
  takingSlots,
} from '../../domain/ledger.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { backoffMs } from '../../domain/retry.ts';
import { failure, log } from '../../log.ts';
import { type JobEntry, type More, type Session, theUser, type User } from './state.ts';

export type HoldPorts = {
  now(): number;
  user(): User | null;
  receipt(jobId: string): Hold | null;
  saveAccount(account: Account, rest: Pick<User, 'live' | 'recent' | 'more'>): void;
  saveLive(live: readonly Hold[]): void;
  /** One commit: the hold becomes a receipt. */
  saveSettled(user: User, account: Account, hold: Hold, ended: JobEntry['ended']): void;
  /** Opens the account for a first change. */
  opened(session: Session | null): Promise<Result<null>>;
  admitted(session: Session | null): Result<User>;
  /** What one more job of the day leaves to save. */
  jobCreated(user: User): Result<More>;
  /** What a settled job leaves of its claim to save; {@link tellCeilings} is then called in the turn of the commit. */
  claimSettled(user: User, hold: Hold, command: Settle): More;
  tellCeilings(): void;
  /** Asks a job; one that never came to be then never will. Rejects when it does not answer. */
  jobLives(jobId: string): Promise<boolean>;
  /** When a new hold is checked, and one whose job lives again; milliseconds from now. */
  limits(): { checkMs: number; createdMs: number };
  wakeBy(time: number): Promise<boolean>;
  restoreAlarm(): Promise<boolean>;
};

/** What D1 has to show of the account once the job is settled: granted - spent, and the version of it. */
export type SettleReply = { credits: number; version: number };

export class Holds {
  readonly #ports: HoldPorts;

  constructor(ports: HoldPorts) {
    this.#ports = ports;
  }

  /** @param session null when an operator asks: his job is none of the day's */
  async reserve(session: Session | null, command: Omit<Reserve, 'checkAt'>): Promise<Result<{ settled: boolean }>> {
    // A job that no new account could have opens none.
    const possible = this.#ports.user() === null ? admission(openedWith(), [], command.amount) : ok(null);
    const opened = possible.ok ? await this.#ports.opened(session) : possible;
    if (!opened.ok) return opened;
    const admitted = this.#ports.admitted(session);
    return admitted.ok ? this.#reserve(admitted.value, command, session !== null) : admitted;
  }

  async #reserve(
    user: User,
    command: Omit<Reserve, 'checkAt'>,
    counted: boolean,
  ): Promise<Result<{ settled: boolean }>> {
    const now = this.#ports.now();
    const checkAt = now + this.#ports.limits().checkMs;
    const known = this.#find(user, command.jobId);
    const decision = reserve(user.account, takingSlots(user.live), known, { ...command, checkAt }, now);
    if (!decision.ok) return decision;
    const { account, hold, changed } = decision.value;
    if (changed) {
      const more = counted ? this.#ports.jobCreated(user) : ok(user.more);
      if (!more.ok) return more;
      this.#ports.saveAccount(account, { ...user, live: [...user.live, hold], more: more.value });
      await this.#ports.wakeBy(checkAt);
    }
    return ok({ settled: hold.settledAt !== null });
  }

  settle(command: Settle): Result<SettleReply> {
    const user = theUser(this.#ports.user());
    const hold = this.#find(user, command.jobId);
    if (hold === null) return refuse('JOB_NOT_FOUND', 'no credits are held for that job', null);
    const decision = settle(user.account, hold, command, this.#ports.now());
    if (!decision.ok) return decision;
    const { account, hold: settled, changed } = decision.value;
    if (changed) {
      const more = this.#ports.claimSettled(user, hold, command);
      this.#ports.saveSettled({ ...user, more }, account, settled, command.ended);
      if (more.lowerings !== user.more.lowerings) this.#ports.tellCeilings();
    }
    return ok({ credits: account.granted - account.spent, version: account.version });
  }

  /** The job has ended, but what it costs cannot be counted yet: its slot is free, and its credits stay held until it settles. */
  freeSlot(jobId: string): void {
    this.#change(jobId, { slotFree: true });
  }

  /** The job could not be created after all: asks it at once what otherwise waits for the check time. */
  async recheck(jobId: string): Promise<void> {
    this.#postpone(jobId, 0);
    await this.check();
    // A job that did not answer is asked again soon, not when the hold would have been checked anyway.
    await this.#ports.restoreAlarm();
  }

  /** Asks jobs whose check time has come whether they live. One that never came to be leaves a tombstone and frees its hold. */
  async check(): Promise<void> {
    const live = this.#ports.user()?.live ?? [];
    const now = this.#ports.now();
    const due = live.filter(({ checkAt }) => checkAt !== null && checkAt <= now);
    for (const { jobId, unanswered = 0 } of due) {
      let lives: boolean;
      try {
        lives = await this.#ports.jobLives(jobId);
      } catch (error) {
        log('warn', 'hold.check.failed', { jobId, ...failure(error) });
        this.#postpone(jobId, backoffMs(unanswered + 1, Math.random()), unanswered + 1);
        continue;
      }
      if (lives) this.#postpone(jobId, this.#ports.limits().createdMs);
      else {
        log('warn', 'hold.abandoned', { jobId });
        const outcome = { status: 'canceled' as const, done: 0, failed: 0 };
        this.settle({ jobId, charged: 0, outcome, sent: 0, ended: null });
      }
    }
  }

  /** When jobs are to be asked, what is overdue included. */
  dueTimes(): number[] {
    return (this.#ports.user()?.live ?? []).flatMap(({ checkAt }) => checkAt ?? []);
  }

  /** @param unanswered how often in a row the job was asked and did not answer */
  #postpone(jobId: string, ms: number, unanswered = 0): void {
    this.#change(jobId, { checkAt: this.#ports.now() + ms, unanswered });
  }

  /** Loads the holds again: the job may have settled its own while it was asked. */
  #change(jobId: string, change: Partial<Pick<Hold, 'checkAt' | 'slotFree' | 'unanswered'>>): void {
    const { live } = theUser(this.#ports.user());
    if (!live.some((hold) => hold.jobId === jobId)) return;
    this.#ports.saveLive(live.map((hold) => (hold.jobId === jobId ? { ...hold, ...change } : hold)));
  }

  /** The job's hold, live or settled. */
  #find(user: User, jobId: string): Hold | null {
    const live = user.live.find((hold) => hold.jobId === jobId);
    if (live !== undefined) return live;
    // Nothing was ever settled: there is no receipt to look for.
    return user.recent.length === 0 ? null : this.#ports.receipt(jobId);
  }
}
