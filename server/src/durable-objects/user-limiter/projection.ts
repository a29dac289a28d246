/**
 * The user's projection to D1: an outbox whose entries name rows; what is written is the row as it stands then. The alarm writes it a
 * moment after the commit, so that changes close to each other are one batch, and tries again without end. Every row only goes forward,
 * so a late one does no harm.
 */
import type { AccountsRow } from '../../db/accounts.ts';
import { failure, log } from '../../log.ts';
import { type Grant, type OutboxEntry, type StoredRule, theUser, type User } from './state.ts';

export type ProjectionPorts = {
  now(): number;
  user(): User | null;
  grant(key: string): Grant | null;
  /** One that was deleted as well. */
  rule(id: string): StoredRule | null;
  /** Oldest first. */
  outbox(limit: number): OutboxEntry[];
  /** One commit: D1 has heard up to this entry, knows these rules to be deleted, and is to hear of the user again unless he is null. */
  projected(upTo: number, deleted: readonly string[], again: User | null): void;
  /** Writes rows to D1 in one batch. Rejects when it cannot, or does not answer. */
  write(rows: readonly AccountsRow[]): Promise<void>;
  /** How long a change may wait, so that it is told together with others; milliseconds. */
  delayMs(): number;
  wakeBy(time: number): Promise<boolean>;
};

/** Entries written to D1 in one batch. */
const BATCH = 20;

export class Projection {
  readonly #ports: ProjectionPorts;
  #flushing: Promise<void> | null = null;

  constructor(ports: ProjectionPorts) {
    this.#ports = ports;
  }

  /** For whoever changed something, in the turn of the commit. Nobody waits for D1: nothing that decides is read from there. */
  soon(): void {
    void this.#ports.wakeBy(this.#ports.now() + this.#ports.delayMs());
  }

  /** The same, for whoever wants D1 to know before he answers. Should this object stop meanwhile, the alarm goes on. */
  async now(): Promise<void> {
    this.soon();
    await this.work();
  }

  /** When D1 is to be told, what is overdue included. */
  dueTimes(): number[] {
    const oldest = this.#ports.outbox(1)[0];
    return oldest === undefined ? [] : [oldest.at + this.#ports.delayMs()];
  }

  /**
   * Writes the outbox to D1. What fails stays, and is tried again by the alarm, without end: it is set as long as the outbox holds
   * anything, and the platform repeats it should this object stop before its handler has ended. That D1 fails, is no error here.
   */
  async work(): Promise<void> {
    const entries = this.#ports.outbox(BATCH);
    if (entries.length === 0) return;
    this.#flushing ??= this.#flushAll(entries).finally(() => {
      this.#flushing = null;
    });
    await this.#flushing;
  }

  async #flushAll(first: OutboxEntry[]): Promise<void> {
    for (let entries = first; entries.length > 0; entries = this.#ports.outbox(BATCH)) {
      // Read before the wait: a rule that is deleted meanwhile must still be told to D1.
      const version = this.#ports.user()?.account.version;
      const deleted = entries.flatMap(({ kind, ref }) => (kind === 'rule' && !this.#hasRule(ref) ? [ref] : []));
      try {
        const rows = entries.flatMap((entry) => this.#rowOf(entry));
        if (rows.length > 0) await this.#ports.write(rows);
      } catch (error) {
        log('warn', 'user.flush.failed', { userId: this.#ports.user()?.userId, ...failure(error) });
        return;
      }
      // A job that settled meanwhile may have moved D1 to a version beyond what was written, which then did not take.
      const user = this.#ports.user();
      const isOld = user?.account.version !== version && entries.some(({ kind }) => kind === 'user');
      this.#ports.projected(entries.at(-1)?.seq ?? 0, deleted, isOld ? user : null);
    }
  }

  #hasRule(id: string): boolean {
    const rule = this.#ports.rule(id);
    return rule !== null && rule.deletedAt === null;
  }

  #rowOf({ kind, ref }: OutboxEntry): AccountsRow[] {
    const user = theUser(this.#ports.user());
    const { userId } = user;
    switch (kind) {
      case 'user': {
        const { plan, granted, spent, version } = user.account;
        const { deviceHash, createdAt } = user;
        return [{ kind, row: { id: userId, plan, credits: granted - spent, deviceHash, createdAt, version } }];
      }
      case 'grant': {
        const given = this.#ports.grant(ref);
        return given === null ? [] : [{ kind, row: { ...given, id: `grant:${userId}:${ref}`, userId } }];
      }
      case 'rule': {
        const rule = this.#ports.rule(ref);
        if (rule === null) return [];
        const { preset, concepts, protect, ...rest } = rule;
        const json = { conceptsJson: JSON.stringify(concepts), protectJson: JSON.stringify(protect) };
        return [{ kind, row: { ...rest, ...json, userId, presetId: preset } }];
      }
    }
  }
}
