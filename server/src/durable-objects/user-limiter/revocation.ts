/**
 * Revoking a user's sessions: the epoch moves on, and what was being watched with them ends. The sockets are at the jobs' objects, so each
 * is told; whom it is owed to is saved with the epoch, and tried again by the alarm until every one has heard.
 */
import type { Hold } from '../../domain/ledger.ts';
import { ok, type Result } from '../../domain/result.ts';
import { backoffMs } from '../../domain/retry.ts';
import { isSameRevocation, nextEpoch } from '../../domain/revocation.ts';
import { failure, log } from '../../log.ts';
import { sessionEnded } from './access.ts';
import type { More, Session, User } from './state.ts';

export type RevocationPorts = {
  now(): number;
  user(): User | null;
  /** The user unless he is being deleted. */
  current(): User | null;
  receipt(jobId: string): Hold | null;
  saveMore(more: More): void;
  saveSessionEpoch(epoch: number, more: More): void;
  /** Opens the account for a first change. */
  opened(session: Session): Promise<Result<null>>;
  /** What one more revocation of the day leaves to save. */
  countRevocation(user: User): Result<More>;
  /** Has a job's watchers end that came with a session from before `epoch`. Rejects when it does not answer. */
  endWatching(jobId: string, epoch: number): Promise<void>;
  /** How long telling may take before the alarm does, how long a socket lives, how long the same call may be repeated; milliseconds. */
  limits(): { graceMs: number; socketMs: number; revokeRepeatMs: number };
  wakeBy(time: number): Promise<boolean>;
};

export class Revocation {
  readonly #ports: RevocationPorts;

  constructor(ports: RevocationPorts) {
    this.#ports = ports;
  }

  /**
   * Voids every token issued up to now, and ends what is watched with one; returns the moment from which on tokens are good. The same key
   * again answers the same, to a session that it has ended as well.
   */
  async revokeSessions(session: Session, key: string | null): Promise<Result<number>> {
    const opened = await this.#ports.opened(session);
    if (!opened.ok) return opened;
    const user = this.#ports.current();
    if (user === null) return sessionEnded();
    if (session.issuedAt >= user.sessionEpoch) return this.#revoke(user, key);
    return this.#isRepeat(user, session.issuedAt, key) ? ok(user.sessionEpoch) : sessionEnded();
  }

  /** Returns the moment from which on tokens are good, once the jobs were told or could not be reached. */
  async #revoke(user: User, key: string | null): Promise<Result<number>> {
    const counted = this.#ports.countRevocation(user);
    if (!counted.ok) return counted;
    const now = this.#ports.now();
    const from = user.sessionEpoch;
    const epoch = nextEpoch(from, now);
    const { revoked: _, ...rest } = counted.value;
    const more = key === null ? rest : { ...rest, revoked: { key, from, epoch, at: now } };
    const jobIds = this.#watchable(user, now);
    if (jobIds.length === 0) {
      this.#ports.saveSessionEpoch(epoch, more);
      return ok(epoch);
    }
    const due = now + this.#ports.limits().graceMs;
    this.#ports.saveSessionEpoch(epoch, { ...more, watchersToEnd: { epoch, jobIds, tries: 0, due } });
    void this.#ports.wakeBy(due);
    await this.#tell();
    return ok(epoch);
  }

  /** Whether this is the last revocation's call again, by a session that it has ended. */
  #isRepeat({ sessionEpoch, more }: User, issuedAt: number, key: string | null): boolean {
    const { revokeRepeatMs } = this.#ports.limits();
    return isSameRevocation(more.revoked, { sessionEpoch, issuedAt, key }, this.#ports.now(), revokeRepeatMs);
  }

  /** Tells whoever is still to be told, when it is time to. Never throws. */
  async work(): Promise<void> {
    const owed = this.#ports.user()?.more.watchersToEnd;
    if (owed !== undefined && owed.due <= this.#ports.now()) await this.#tell();
  }

  /** When jobs are to be told, what is overdue included. */
  dueTimes(): number[] {
    const owed = this.#ports.user()?.more.watchersToEnd;
    return owed === undefined ? [] : [owed.due];
  }

  /**
   * Jobs that somebody may watch: those that live, those that were settled within the life of a socket and may not have told the end yet,
   * and those still to be told of an earlier revocation.
   */
  #watchable({ live, recent, more }: User, now: number): string[] {
    const since = now - this.#ports.limits().socketMs;
    const ended = recent.filter(({ jobId }) => (this.#ports.receipt(jobId)?.settledAt ?? 0) > since);
    return [...new Set([...live, ...ended].map(({ jobId }) => jobId).concat(more.watchersToEnd?.jobIds ?? []))];
  }

  async #tell(): Promise<void> {
    const owed = this.#ports.user()?.more.watchersToEnd;
    if (owed === undefined) return;
    const { epoch } = owed;
    const told = await Promise.all(owed.jobIds.map((jobId) => this.#tellJob(jobId, epoch)));
    const left = owed.jobIds.filter((_, at) => !told[at]);
    const user = this.#ports.user();
    // Another revocation meanwhile owes it to all of them again.
    if (user === null || user.more.watchersToEnd?.epoch !== epoch) return;
    const { watchersToEnd: _, ...more } = user.more;
    if (left.length === 0) {
      this.#ports.saveMore(more);
      return;
    }
    const tries = owed.tries + 1;
    const due = this.#ports.now() + backoffMs(tries, Math.random());
    this.#ports.saveMore({ ...more, watchersToEnd: { epoch, jobIds: left, tries, due } });
    await this.#ports.wakeBy(due);
  }

  async #tellJob(jobId: string, epoch: number): Promise<boolean> {
    try {
      await this.#ports.endWatching(jobId, epoch);
      return true;
    } catch (error) {
      log('warn', 'watchers.end.failed', { jobId, userId: this.#ports.user()?.userId, ...failure(error) });
      return false;
    }
  }
}
