/**
 * The tables of the job's object, how old ones become these, and every statement on them. Each `CREATE` is paid for per job: two small ones.
 * A step that changes the state rewrites the JSON in `job.state`, which may also be a tombstone's.
 */
import type { Schema } from '../migration.ts';

const TABLES = `
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

export const JOB_SCHEMA: Schema = { tables: TABLES, steps: [] };

/** The one row of `job`. */
type JobRow = {
  /** JSON of the job, or of its tombstone. */
  state: string;
};

/** The log, in order. Each row carries the running fold, so that a callback writes one row and a wake reads two. */
export type EventRow = {
  /** Counts from 1: the event ids of `jobs.watch`. */
  seq: number;
  /** Milliseconds since the Unix epoch. */
  at: number;
  /** JSON of a JobEvent. */
  body: string;
  /** A bitmap in hexadecimal, as are failed and previews. */
  done: string;
  failed: string;
  previews: string;
  /** Milliseconds since the Unix epoch: the last of the leases, for the release before. */
  lease_until: number;
};
type Body = Pick<EventRow, 'seq' | 'body'>;
/** `leases`: JSON of when the lease of each run ends, by its number; `pace`: of how fast results come. Null in rows that say nothing of it. */
export type Fold = Omit<EventRow, 'at' | 'body'> & { leases: string | null; pace: string | null };

const STATE = 'SELECT state FROM job';
const SAVE = 'INSERT INTO job (id, state) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state';
/** ?1: JSON of the row. */
const APPEND = `
  INSERT INTO event (seq, at, body, done, failed, previews, lease_until)
  VALUES (?1 ->> 'seq', ?1 ->> 'at', ?1 ->> 'body', ?1 ->> 'done', ?1 ->> 'failed', ?1 ->> 'previews',
    ?1 ->> 'lease_until')`;
const REWRITE = 'UPDATE event SET body = ?2 WHERE seq = ?1';
const LAST = `
  SELECT seq, done, failed, previews, lease_until, body ->> '$.leases' AS leases, body ->> '$.pace' AS pace
  FROM event ORDER BY seq DESC LIMIT 1`;
const AFTER = 'SELECT seq, body FROM event WHERE seq > ? ORDER BY seq';
const LATE = "SELECT seq, body FROM event WHERE json_extract(body, '$.type') = 'late'";
const OF_WEBHOOK = "SELECT 1 FROM event WHERE at >= ?1 AND json_extract(body, '$.webhook') = ?2 LIMIT 1";

export class JobTables {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  state(): string | null {
    return this.#sql.exec<JobRow>(STATE).toArray()[0]?.state ?? null;
  }

  saveState(state: string): void {
    this.#sql.exec(SAVE, state);
  }

  append(row: EventRow): void {
    this.#sql.exec(APPEND, JSON.stringify(row));
  }

  rewrite(seq: number, body: string): void {
    this.#sql.exec(REWRITE, seq, body);
  }

  last(): Fold | undefined {
    return this.#sql.exec<Fold>(LAST).toArray()[0];
  }

  after(seq: number): Body[] {
    return this.#sql.exec<Body>(AFTER, seq).toArray();
  }

  late(): Body[] {
    return this.#sql.exec<Body>(LATE).toArray();
  }

  hasWebhook(id: string, since: number): boolean {
    return this.#sql.exec(OF_WEBHOOK, since, id).toArray().length > 0;
  }
}
