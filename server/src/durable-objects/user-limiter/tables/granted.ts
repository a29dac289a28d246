/** Credits that were granted, each under a key that grants once. */
import type { Grant } from '../state.ts';

export const GRANTED = `
  CREATE TABLE granted (
    key        TEXT PRIMARY KEY,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    reason     TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) WITHOUT ROWID;`;

type GrantedRow = {
  key: string;
  /** Whole credits. */
  amount: number;
  reason: string;
  /** Milliseconds since the Unix epoch. */
  created_at: number;
};

const READ = 'SELECT * FROM granted WHERE key = ?';
const READ_ALL = 'SELECT * FROM granted';
const INSERT = 'INSERT INTO granted (key, amount, reason, created_at) VALUES (?, ?, ?, ?)';
const CLEAR = 'DELETE FROM granted';

export class GrantedTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  find(key: string): Grant | null {
    const row = this.#sql.exec<GrantedRow>(READ, key).toArray()[0];
    return row === undefined ? null : grantOf(row);
  }

  list(): Grant[] {
    return this.#sql.exec<GrantedRow>(READ_ALL).toArray().map(grantOf);
  }

  insert({ key, amount, reason, createdAt }: Grant): void {
    this.#sql.exec(INSERT, key, amount, reason, createdAt);
  }

  clear(): void {
    this.#sql.exec(CLEAR);
  }
}

const grantOf = ({ key, amount, reason, created_at }: GrantedRow): Grant => ({
  key,
  amount,
  reason,
  createdAt: created_at,
});
