/** The tables of the user's object, and how old ones become these. Times are milliseconds since the Unix epoch, amounts whole credits. */
import type { Hold } from '../../domain/ledger.ts';
import type { Schema } from '../migration.ts';

const TABLES = `
  CREATE TABLE account (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    user_id       TEXT NOT NULL,
    plan          TEXT NOT NULL,
    balance       INTEGER NOT NULL CHECK (balance >= 0),
    held          INTEGER NOT NULL CHECK (held >= 0),
    spent         INTEGER NOT NULL CHECK (spent >= 0),
    granted       INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    device_hash   TEXT,
    created_at    INTEGER NOT NULL,
    session_epoch INTEGER NOT NULL,
    live          TEXT NOT NULL,
    recent        TEXT NOT NULL,
    schema        INTEGER NOT NULL DEFAULT 1,
    more          TEXT,
    CHECK (balance + held + spent = granted)
  );
  CREATE TABLE receipt (
    job_id     TEXT PRIMARY KEY,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    preset     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    settled_at INTEGER NOT NULL,
    charged    INTEGER NOT NULL CHECK (charged BETWEEN 0 AND amount),
    outcome    TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE granted (
    key        TEXT PRIMARY KEY,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    reason     TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE outbox (
    seq  INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    ref  TEXT NOT NULL
  );
  CREATE TABLE rule (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    preset     TEXT NOT NULL,
    concepts   TEXT NOT NULL,
    protect    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    version    INTEGER NOT NULL
  ) WITHOUT ROWID;`;

/** Since when a settled job is known to be gone: a column that releases may do without, added to an object when it first needs it. */
export const ADD_GONE_AT = 'ALTER TABLE receipt ADD COLUMN gone_at INTEGER';

/** A job that has ended may have given its slot back before it settles. */
function addSlotFree(sql: SqlStorage): void {
  for (const { live } of sql.exec<{ live: string }>('SELECT live FROM account').toArray()) {
    const holds = (JSON.parse(live) as Omit<Hold, 'slotFree'>[]).map((hold) => ({ ...hold, slotFree: false }));
    sql.exec('UPDATE account SET live = ?', JSON.stringify(holds));
  }
}

export const USER_SCHEMA: Schema = {
  tables: TABLES,
  steps: [
    {
      id: '2 the version of the tables; slots that are free before the job settles',
      up: (sql) => {
        sql.exec('ALTER TABLE account ADD COLUMN schema INTEGER NOT NULL DEFAULT 1');
        addSlotFree(sql);
      },
    },
  ],
};
