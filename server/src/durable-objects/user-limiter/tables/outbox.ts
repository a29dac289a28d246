/** What D1 has to hear of. An entry names a row; what is written is that row as it stands when it is written. */
import type { OutboxEntry } from '../state.ts';

export const OUTBOX = `
  CREATE TABLE outbox (
    seq  INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    ref  TEXT NOT NULL
  );`;

type OutboxRow = {
  /** When it was put there (milliseconds since the Unix epoch), or one more than the entry before; below {@link FIRST_TIME}, a count. */
  seq: number;
  /** Those that only a later release knows stay for it. */
  kind: OutboxEntry['kind'];
  /** Id of the user or rule, or key of the grant. */
  ref: string;
};

/** Below it, `seq` counts entries, as it did in earlier releases; from it on, it is the time of the entry. */
const FIRST_TIME = 1_000_000_000_000;
const KNOWN = "kind IN ('user', 'rule', 'grant')";

const INSERT =
  'INSERT INTO outbox (seq, kind, ref) VALUES (max(?, coalesce((SELECT max(seq) FROM outbox), 0) + 1), ?, ?)';
const READ = `SELECT seq, kind, ref FROM outbox WHERE ${KNOWN} ORDER BY seq LIMIT ?`;
const CLEAR_UP_TO = `DELETE FROM outbox WHERE seq <= ? AND ${KNOWN}`;
const CLEAR = 'DELETE FROM outbox';

export class OutboxTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The number of an entry is its time, or the next after that of the entry before: so no column more says how late it is. */
  add(kind: OutboxEntry['kind'], ref: string, now: number): void {
    this.#sql.exec(INSERT, now, kind, ref);
  }

  /** Oldest first. */
  list(limit: number): OutboxEntry[] {
    const rows = this.#sql.exec<OutboxRow>(READ, limit).toArray();
    return rows.map((row) => ({ ...row, at: row.seq < FIRST_TIME ? 0 : row.seq }));
  }

  clearUpTo(seq: number): void {
    this.#sql.exec(CLEAR_UP_TO, seq);
  }

  /** All, those of later releases as well. */
  clear(): void {
    this.#sql.exec(CLEAR);
  }
}
