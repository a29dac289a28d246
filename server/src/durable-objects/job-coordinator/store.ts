/**
 * SQL of the job's object. Every job is a new object, so each table is paid for per job: two small ones.
 *
 * `job` is the state as JSON; `event` is the log, whose row numbers are the event ids of `jobs.watch`. Each event carries the
 * running fold (bitmaps in hexadecimal, and the lease), so that a callback writes one row and a wake reads two.
 */

import { fromHex, toHex } from '../../domain/bitmap.ts';
import type { JobEvent, JobState } from '../../domain/job/state.ts';

const SCHEMA = `
  CREATE TABLE job (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL);
  CREATE TABLE event (
    seq         INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    body        TEXT NOT NULL,
    done        TEXT NOT NULL,
    failed      TEXT NOT NULL,
    previews    TEXT NOT NULL,
    lease_until INTEGER NOT NULL
  );`;

type EventRow = { seq: number; done: string; failed: string; previews: string; lease_until: number };

/** The state as it is written: bitmaps as text, and the last event that it includes. */
type StoredJob = Omit<JobState, 'done' | 'failed' | 'previews'> & {
  done: string;
  failed: string;
  previews: string;
  seq: number;
};
/** A reservation whose job never came to be: no job can be created here any more. */
type Tombstone = { abandonedAt: number };

export type Loaded = { kind: 'none' } | { kind: 'abandoned' } | { kind: 'job'; job: JobState };

/** Late results beyond this many rows are not kept: a worker that never stops must not fill the object. */
const MAX_EVENTS = 1000;

/** Fields that every event row carries, so that a change of only these needs no new state row. */
const FOLD: ReadonlySet<string> = new Set(['done', 'failed', 'previews', 'leaseUntil']);

export class JobStore {
  readonly #sql: SqlStorage;
  #hasSchema: boolean;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#hasSchema = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'job'").toArray().length > 0;
  }

  load(): Loaded {
    if (!this.#hasSchema) return { kind: 'none' };
    const text = this.#sql.exec<{ state: string }>('SELECT state FROM job').toArray()[0]?.state;
    if (text === undefined) return { kind: 'none' };
    const stored = JSON.parse(text) as StoredJob | Tombstone;
    if ('abandonedAt' in stored) return { kind: 'abandoned' };
    const { seq, ...state } = stored;
    const last = this.#lastEvent();
    const fold = last === undefined || last.seq <= seq ? null : last;
    const job: JobState = {
      ...state,
      done: fromHex(fold?.done ?? state.done),
      failed: fromHex(fold?.failed ?? state.failed),
      previews: fromHex(fold?.previews ?? state.previews),
      leaseUntil: fold?.lease_until ?? state.leaseUntil,
    };
    return { kind: 'job', job };
  }

  /** Writes what changed: events, and the state unless the events carry all of the change. Call it in a transaction. */
  save(before: JobState | null, after: JobState, events: JobEvent[], now: number): void {
    this.#createSchema();
    let seq = this.#lastEvent()?.seq ?? 0;
    for (const event of events) {
      if (event.type === 'late' && (seq >= MAX_EVENTS || this.#hasBody(event))) continue;
      this.#sql.exec(
        'INSERT INTO event (seq, at, body, done, failed, previews, lease_until) VALUES (?, ?, ?, ?, ?, ?, ?)',
        ++seq,
        now,
        JSON.stringify(event),
        toHex(after.done),
        toHex(after.failed),
        toHex(after.previews),
        after.leaseUntil,
      );
    }
    if (before !== null && !stateChanged(before, after, events.length > 0)) return;
    const stored: StoredJob = {
      ...after,
      done: toHex(after.done),
      failed: toHex(after.failed),
      previews: toHex(after.previews),
      seq,
    };
    this.#write(stored);
  }

  saveTombstone(abandonedAt: number): void {
    this.#createSchema();
    this.#write({ abandonedAt });
  }

  /** Why photos failed, by index. */
  errors(): Map<number, string> {
    const found = new Map<number, string>();
    if (!this.#hasSchema) return found;
    for (const { body } of this.#sql.exec<{ body: string }>('SELECT body FROM event ORDER BY seq')) {
      const event = JSON.parse(body) as JobEvent;
      if (event.type === 'late') continue;
      for (const { idx, status, error } of event.items) {
        if (status === 'failed') found.set(idx, error ?? 'failed');
      }
    }
    return found;
  }

  /** After `deleteAll` of the storage: nothing is here any more. */
  forget(): void {
    this.#hasSchema = false;
  }

  #hasBody(event: JobEvent): boolean {
    return this.#sql.exec('SELECT 1 FROM event WHERE body = ? LIMIT 1', JSON.stringify(event)).toArray().length > 0;
  }

  #lastEvent(): EventRow | undefined {
    return this.#sql
      .exec<EventRow>('SELECT seq, done, failed, previews, lease_until FROM event ORDER BY seq DESC LIMIT 1')
      .toArray()[0];
  }

  #write(state: StoredJob | Tombstone): void {
    this.#sql.exec(
      'INSERT INTO job (id, state) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state',
      JSON.stringify(state),
    );
  }

  #createSchema(): void {
    if (this.#hasSchema) return;
    this.#sql.exec(SCHEMA);
    this.#hasSchema = true;
  }
}

/** Decisions keep what they do not change, so identity tells. */
function stateChanged(before: JobState, after: JobState, folded: boolean): boolean {
  return (Object.keys(after) as (keyof JobState)[]).some(
    (key) => before[key] !== after[key] && !(folded && FOLD.has(key)),
  );
}
