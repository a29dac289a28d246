/**
 * The user's projection to D1: an outbox whose entries name rows; what is written is the row as it stands then. The alarm writes it a
 * moment after the commit, so that changes close to each other are one batch, and tries again without end. Every statement only goes
 * forward, so a late one does no harm.
 */

import type { Env } from '../../bindings.ts';
import { insertGrant, upsertRule, upsertUser } from '../../db/accounts.ts';
import { failure, log } from '../../log.ts';
import { settingsOf } from '../../settings/settings.ts';
import { withTimeLimit } from '../../time-limit.ts';
import type { NextAlarm } from '../next-alarm.ts';
import type { OutboxEntry, UserStore } from './store.ts';

/** Entries written to D1 in one batch. */
const BATCH = 20;

export class Projection {
  readonly #env: Env;
  readonly #store: UserStore;
  readonly #alarm: NextAlarm;
  #flushing: Promise<void> | null = null;

  constructor(env: Env, store: UserStore, alarm: NextAlarm) {
    this.#env = env;
    this.#store = store;
    this.#alarm = alarm;
  }

  /** For whoever changed something, in the turn of the commit. Nobody waits for D1: nothing that decides is read from there. */
  soon(): void {
    void this.#alarm.atLatest(Date.now() + settingsOf(this.#env).numbers.PROJECTION_DELAY_MS);
  }

  /** The same, for whoever wants D1 to know before he answers. Should this object stop meanwhile, the alarm goes on. */
  async now(): Promise<void> {
    this.soon();
    await this.work();
  }

  /** When D1 is to be told, what is overdue included. */
  dueTimes(): number[] {
    const oldest = this.#store.outbox(1)[0];
    return oldest === undefined ? [] : [oldest.at + settingsOf(this.#env).numbers.PROJECTION_DELAY_MS];
  }

  /**
   * Writes the outbox to D1. What fails stays, and is tried again by the alarm, without end: it is set as long as the outbox holds
   * anything, and the platform repeats it should this object stop before its handler has ended. That D1 fails, is no error here.
   */
  async work(): Promise<void> {
    const entries = this.#store.outbox(BATCH);
    if (entries.length === 0) return;
    this.#flushing ??= this.#flushAll(entries).finally(() => {
      this.#flushing = null;
    });
    await this.#flushing;
  }

  async #flushAll(first: OutboxEntry[]): Promise<void> {
    for (let entries = first; entries.length > 0; entries = this.#store.outbox(BATCH)) {
      // Read before the wait: a rule that is deleted meanwhile must still be told to D1.
      const version = this.#store.user()?.account.version;
      const deleted = entries.flatMap(({ kind, ref }) =>
        kind === 'rule' && this.#store.rules.find(ref) === null ? [ref] : [],
      );
      try {
        const statements = entries.flatMap((entry) => this.#statementsFor(entry));
        const limit = settingsOf(this.#env).numbers.EFFECT_TIMEOUT_MS;
        if (statements.length > 0) await withTimeLimit(limit, 'D1', this.#env.DB.batch(statements));
      } catch (error) {
        log('warn', 'user.flush.failed', { userId: this.#store.user()?.userId, ...failure(error) });
        return;
      }
      const last = entries.at(-1);
      this.#store.transaction(() => {
        if (last !== undefined) this.#store.clearOutbox(last.seq);
        // A job that settled meanwhile may have moved D1 to a version beyond what was written, which then did not take.
        const user = this.#store.user();
        if (user !== null && user.account.version !== version && entries.some(({ kind }) => kind === 'user')) {
          this.#store.enqueue('user', user.userId);
        }
        for (const id of deleted) this.#store.rules.drop(id);
      });
    }
  }

  #statementsFor({ kind, ref }: OutboxEntry): D1PreparedStatement[] {
    const user = this.#store.user();
    if (user === null) throw new Error('an outbox without an account');
    const { userId } = user;
    switch (kind) {
      case 'user': {
        const { plan, granted, spent, version } = user.account;
        const { deviceHash, createdAt } = user;
        return [
          upsertUser(this.#env.DB, { id: userId, plan, credits: granted - spent, deviceHash, createdAt, version }),
        ];
      }
      case 'grant': {
        const given = this.#store.grant(ref);
        return given === null ? [] : [insertGrant(this.#env.DB, { ...given, id: `grant:${userId}:${ref}`, userId })];
      }
      case 'rule': {
        const rule = this.#store.rules.find(ref, true);
        if (rule === null) return [];
        const { preset, concepts, protect, ...rest } = rule;
        const json = { conceptsJson: JSON.stringify(concepts), protectJson: JSON.stringify(protect) };
        return [upsertRule(this.#env.DB, { ...rest, ...json, userId, presetId: preset })];
      }
    }
  }
}
