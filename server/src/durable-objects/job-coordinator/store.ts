/**
 * What is stored of a job: the state as JSON, and the log of its events. Tables and statements stand in tables.ts. Every job is a new
 * object, so each table is paid for per job.
 */
import { asEarlier } from '../../domain/job/earlier-release.ts';
import type { JobEvent, JobState } from '../../domain/job/state.ts';
import { itemsOf, type LogRow } from '../../domain/job/telling.ts';
import { migrate, versionOf } from '../migration.ts';
import { Tables } from '../tables.ts';
import type { JobStorage, Loaded } from './ports.ts';
import { MAX_EARLY } from './replays.ts';
import { bitmapsOf, jobOf, leasesOf, type StoredJob, stateChanged, storedOf } from './stored-job.ts';
import { JOB_SCHEMA, JobTables } from './tables.ts';

type LateEvent = Extract<JobEvent, { type: 'late' }>;
type LateRow = { seq: number; event: LateEvent };

/** A reservation whose job never came to be: no job can be created here any more. */
type Tombstone = { abandonedAt: number; schema?: number };

export class JobStore implements JobStorage {
  readonly #storage: DurableObjectStorage;
  readonly #rows: JobTables;
  readonly #tables: Tables;
  /** What was loaded last, until something is written: nobody else writes here, and reading it takes two rows and a parse. */
  #loaded: Loaded | null = null;
  /** Tables that are made from here on are today's. */
  #upgraded: boolean;
  /** The version that stands in the state: a later release may have written it, and it is never turned back. */
  #version = versionOf(JOB_SCHEMA);

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#rows = new JobTables(storage.sql);
    this.#tables = new Tables(storage, 'job', JOB_SCHEMA.tables, 'CHECK (id = 1)');
    this.#upgraded = !this.#tables.exist;
  }

  /** Whether nothing is stored here. */
  get isNew(): boolean {
    return !this.#tables.exist;
  }

  /**
   * Brings what an earlier release stored up to date, at the first look: what goes wrong there is the error of whoever looks, and
   * never keeps the object from waking.
   */
  load(): Loaded {
    if (!this.#upgraded) this.#tables.transaction(() => this.#upgrade());
    this.#upgraded = true;
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  #read(): Loaded {
    const stored = this.#tables.exist ? this.#stored() : null;
    if (stored === null) return { kind: 'none' };
    if ('abandonedAt' in stored) return { kind: 'abandoned', at: stored.abandonedAt };
    const { seq, schema = 1 } = stored;
    this.#version = Math.max(schema, versionOf(JOB_SCHEMA));
    const last = this.#rows.last();
    return { kind: 'job', job: jobOf(stored, last === undefined || last.seq <= seq ? null : last) };
  }

  /** Writes what changed, all of it or nothing: events, and the state unless the events carry all of the change. */
  save(before: JobState | null, after: JobState, events: JobEvent[], now: number): void {
    this.#transaction(() => this.#save(before, after, events, now));
  }

  #save(before: JobState | null, after: JobState, events: JobEvent[], now: number): void {
    let seq = this.head();
    const leases = leasesOf(after.runs);
    for (const event of events) {
      if (event.type === 'late' && this.#isNoted(event)) continue;
      this.#rows.append({
        seq: ++seq,
        at: now,
        body: JSON.stringify(event.type === 'items' ? { ...event, leases, pace: after.pace } : event),
        ...bitmapsOf(after),
        lease_until: asEarlier(after).leaseUntil,
      });
    }
    if (before !== null && !stateChanged(before, after, events.length > 0)) return;
    this.#write(storedOf(after, seq));
  }

  saveTombstone(abandonedAt: number): void {
    this.#transaction(() => this.#write({ abandonedAt }));
  }

  /** Forgets what was loaded, whether the writes go through or not. */
  #transaction(write: () => void): void {
    try {
      this.#tables.transaction(write);
    } finally {
      this.#loaded = null;
    }
  }

  /** The log's rows beyond this one, oldest first. */
  eventsAfter(row: number): LogRow[] {
    return this.#rows.after(row).map(({ seq, body }) => {
      const { leases: _, pace: __, ...event } = JSON.parse(body) as JobEvent & { leases?: unknown; pace?: unknown };
      return { row: seq, event };
    });
  }

  /** Whether a row from `since` on (milliseconds since the Unix epoch) came of the signed callback with this id. */
  hasWebhook(id: string, since: number): boolean {
    return this.#tables.exist && this.#rows.hasWebhook(id, since);
  }

  /** How many signed callbacks are known to have come before the job was at work. */
  early(): number {
    return this.#late().filter(({ event }) => event.items.length === 0).length;
  }

  /** Photos of which a result came after the end. */
  late(): number {
    return this.#late().reduce((sum, { event }) => sum + event.items.length, 0);
  }

  /** The number of the log's last row; 0 while it has none. */
  head(): number {
    return this.#rows.last()?.seq ?? 0;
  }

  /** Why photos failed, by index. */
  errors(): Map<number, string> {
    const found = new Map<number, string>();
    if (!this.#tables.exist) return found;
    for (const { event } of this.eventsAfter(0)) {
      for (const { idx, status, error } of itemsOf(event)) {
        // Earlier releases cut reasons in the middle of a character.
        if (status === 'failed') found.set(idx, (error ?? 'failed').toWellFormed());
      }
    }
    return found;
  }

  async deleteAll(): Promise<void> {
    await this.#storage.deleteAll();
    this.#tables.gone();
    this.#upgraded = true;
    this.#version = versionOf(JOB_SCHEMA);
    this.#loaded = null;
  }

  #late(): LateRow[] {
    if (!this.#tables.exist) return [];
    return this.#rows.late().map(({ seq, body }) => ({ seq, event: JSON.parse(body) as LateEvent }));
  }

  /** Whether no row of its own is due to a late event. All late results of a job share one, which names each photo once. */
  #isNoted(event: LateEvent): boolean {
    if (event.items.length === 0) return this.early() >= MAX_EARLY;
    const row = this.#late().find((one) => one.event.items.length > 0);
    if (row === undefined) return false;
    const known = new Set(row.event.items.map(({ idx }) => idx));
    const fresh = event.items.filter(({ idx }) => !known.has(idx));
    if (fresh.length === 0) return true;
    const body = JSON.stringify({ ...row.event, items: [...row.event.items, ...fresh] });
    this.#rows.rewrite(row.seq, body);
    return true;
  }

  #stored(): StoredJob | Tombstone | null {
    const text = this.#rows.state();
    return text === null ? null : (JSON.parse(text) as StoredJob | Tombstone);
  }

  #write(state: StoredJob | Tombstone): void {
    this.#rows.saveState(JSON.stringify({ ...state, schema: this.#version }));
  }

  #upgrade(): void {
    if (!migrate(this.#storage.sql, JOB_SCHEMA, this.#stored()?.schema ?? 1)) return;
    const stored = this.#stored();
    if (stored !== null) this.#write(stored);
  }
}
