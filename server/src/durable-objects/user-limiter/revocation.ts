/**
 * Revoking a user's sessions: the epoch moves on, and what was being watched with them ends. The sockets are at the jobs' objects, so each
 * is told; whom it is owed to is saved with the epoch, and tried again by the alarm until every one has heard.
 */

import type { Env } from '../../bindings.ts';
import { ok, type Result } from '../../domain/result.ts';
import { backoffMs } from '../../domain/retry.ts';
import { isSameRevocation, nextEpoch } from '../../domain/revocation.ts';
import { failure, log } from '../../log.ts';
import { settingsOf } from '../../settings/settings.ts';
import { withTimeLimit } from '../../time-limit.ts';
import type { NextAlarm } from '../next-alarm.ts';
import type { DayAllowance } from './allowance.ts';
import type { User, UserStore } from './store.ts';

export class Revocation {
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

  /**
   * Returns the moment from which on tokens are good, once the jobs were told or could not be reached.
   * @param key by which a repeat of the same call is known
   */
  async revoke(user: User, key: string | null): Promise<Result<number>> {
    const counted = this.#allowance.revocation(user);
    if (!counted.ok) return counted;
    const now = Date.now();
    const from = user.sessionEpoch;
    const epoch = nextEpoch(from, now);
    const { revoked: _, ...rest } = counted.value;
    const more = key === null ? rest : { ...rest, revoked: { key, from, epoch, at: now } };
    const jobIds = this.#watchable(user, now);
    if (jobIds.length === 0) {
      this.#store.saveSessionEpoch(epoch, more);
      return ok(epoch);
    }
    const due = now + settingsOf(this.#env).numbers.JOB_EFFECT_GRACE_MS;
    this.#store.saveSessionEpoch(epoch, { ...more, watchersToEnd: { epoch, jobIds, tries: 0, due } });
    void this.#alarm.atLatest(due);
    await this.#tell();
    return ok(epoch);
  }

  /** Whether this is the last revocation's call again, by a session that it has ended. */
  isRepeat({ sessionEpoch, more }: User, issuedAt: number, key: string | null): boolean {
    const { REVOKE_REPEAT_MS } = settingsOf(this.#env).numbers;
    return isSameRevocation(more.revoked, { sessionEpoch, issuedAt, key }, Date.now(), REVOKE_REPEAT_MS);
  }

  /** Tells whoever is still to be told, when it is time to. Never throws. */
  async work(): Promise<void> {
    const owed = this.#store.user()?.more.watchersToEnd;
    if (owed !== undefined && owed.due <= Date.now()) await this.#tell();
  }

  /** When jobs are to be told, what is overdue included. */
  dueTimes(): number[] {
    const owed = this.#store.user()?.more.watchersToEnd;
    return owed === undefined ? [] : [owed.due];
  }

  /**
   * Jobs that somebody may watch: those that live, those that were settled within the life of a socket and may not have told the end yet,
   * and those still to be told of an earlier revocation.
   */
  #watchable({ live, recent, more }: User, now: number): string[] {
    const since = now - settingsOf(this.#env).numbers.WATCH_SOCKET_MS;
    const ended = recent.filter(({ jobId }) => (this.#store.receipt(jobId)?.settledAt ?? 0) > since);
    return [...new Set([...live, ...ended].map(({ jobId }) => jobId).concat(more.watchersToEnd?.jobIds ?? []))];
  }

  async #tell(): Promise<void> {
    const owed = this.#store.user()?.more.watchersToEnd;
    if (owed === undefined) return;
    const { epoch } = owed;
    const told = await Promise.all(owed.jobIds.map((jobId) => this.#tellJob(jobId, epoch)));
    const left = owed.jobIds.filter((_, at) => !told[at]);
    const user = this.#store.user();
    // Another revocation meanwhile owes it to all of them again.
    if (user === null || user.more.watchersToEnd?.epoch !== epoch) return;
    const { watchersToEnd: _, ...more } = user.more;
    if (left.length === 0) {
      this.#store.saveMore(more);
      return;
    }
    const tries = owed.tries + 1;
    const due = Date.now() + backoffMs(tries, Math.random());
    this.#store.saveMore({ ...more, watchersToEnd: { epoch, jobIds: left, tries, due } });
    await this.#alarm.atLatest(due);
  }

  async #tellJob(jobId: string, epoch: number): Promise<boolean> {
    try {
      const job = this.#env.JOB_COORDINATOR.get(this.#env.JOB_COORDINATOR.idFromString(jobId));
      const limit = settingsOf(this.#env).numbers.EFFECT_TIMEOUT_MS;
      await withTimeLimit(limit, 'endWatching', Promise.resolve(job.endWatching(epoch)));
      return true;
    } catch (error) {
      log('warn', 'watchers.end.failed', { jobId, userId: this.#store.user()?.userId, ...failure(error) });
      return false;
    }
  }
}
