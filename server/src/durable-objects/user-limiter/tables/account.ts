/**
 * The account: one row with everything that a command reads. Holds of jobs that live stand in it, since every command writes it anyway:
 * there are as many as the plan runs jobs.
 */
import type { PlanId } from '../../../contract/user.ts';
import type { Account, Hold } from '../../../domain/ledger.ts';
import type { JobEntry, More, NewUser, User } from '../state.ts';

export const ACCOUNT = `
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
  );`;

export type AccountRow = {
  id: 1;
  user_id: string;
  plan: PlanId;
  /** Whole credits, and so are held, spent and granted. */
  balance: number;
  held: number;
  spent: number;
  granted: number;
  /** Grows with every change that D1 has to follow. */
  version: number;
  device_hash: string | null;
  /** Milliseconds since the Unix epoch. */
  created_at: number;
  /** Tokens issued before this moment are void; milliseconds since the Unix epoch. */
  session_epoch: number;
  /** JSON of {@link Hold}[]. */
  live: string;
  /** JSON of {@link JobEntry}[]. */
  recent: string;
  /** The version of the tables; the first had no such column. */
  schema?: number;
  /** JSON of {@link More}; earlier releases had no such column. */
  more?: string | null;
};

const ADD_MORE = 'ALTER TABLE account ADD COLUMN more TEXT';
const READ = 'SELECT * FROM account';
/** ?3: JSON of the account, and of when it was opened. */
const INSERT = `
  INSERT INTO account (id, user_id, device_hash, plan, balance, held, spent, granted, version, created_at,
    session_epoch, live, recent, more, schema)
  VALUES (1, ?1, ?2, ?3 ->> 'plan', ?3 ->> 'balance', ?3 ->> 'held', ?3 ->> 'spent', ?3 ->> 'granted',
    ?3 ->> 'version', ?3 ->> 'createdAt', 0, '[]', '[]', '{}', ?4)`;
/** ?1: JSON of the account. */
const SAVE = `
  UPDATE account SET plan = ?1 ->> 'plan', balance = ?1 ->> 'balance', held = ?1 ->> 'held', spent = ?1 ->> 'spent',
    granted = ?1 ->> 'granted', version = ?1 ->> 'version', live = ?2, recent = ?3, more = ?4`;
const SAVE_LIVE = 'UPDATE account SET live = ?';
const SAVE_RECENT = 'UPDATE account SET recent = ?';
const SAVE_MORE = 'UPDATE account SET more = ?';
const SAVE_EPOCH = 'UPDATE account SET session_epoch = ?, more = ?';
const SAVE_SCHEMA = 'UPDATE account SET schema = ?';
const FORGET_DEVICE = 'UPDATE account SET device_hash = NULL, more = ?';

export class AccountTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The version of the tables; the first for one that has no account. */
  schema(): number {
    return this.#row()?.schema ?? 1;
  }

  saveSchema(schema: number): void {
    this.#sql.exec(SAVE_SCHEMA, schema);
  }

  /** A column that releases do without. */
  addMore(): void {
    const row = this.#row();
    if (row !== undefined && row.more === undefined) this.#sql.exec(ADD_MORE);
  }

  read(): User | null {
    const row = this.#row();
    return row === undefined ? null : userOf(row);
  }

  /** @param schema the version of the tables */
  insert({ userId, deviceHash, account, createdAt }: NewUser, schema: number): void {
    this.#sql.exec(INSERT, userId, deviceHash, JSON.stringify({ ...account, createdAt }), schema);
  }

  save(account: Account, { live, recent, more }: Pick<User, 'live' | 'recent' | 'more'>): void {
    this.#sql.exec(SAVE, JSON.stringify(account), JSON.stringify(live), JSON.stringify(recent), JSON.stringify(more));
  }

  saveLive(live: readonly Hold[]): void {
    this.#sql.exec(SAVE_LIVE, JSON.stringify(live));
  }

  saveRecent(recent: readonly JobEntry[]): void {
    this.#sql.exec(SAVE_RECENT, JSON.stringify(recent));
  }

  saveMore(more: More): void {
    this.#sql.exec(SAVE_MORE, JSON.stringify(more));
  }

  saveSessionEpoch(epoch: number, more: More): void {
    this.#sql.exec(SAVE_EPOCH, epoch, JSON.stringify(more));
  }

  forgetDevice(more: More): void {
    this.#sql.exec(FORGET_DEVICE, JSON.stringify(more));
  }

  #row(): AccountRow | undefined {
    return this.#sql.exec<AccountRow>(READ).toArray()[0];
  }
}

function userOf(row: AccountRow): User {
  const { plan, balance, held, spent, granted, version } = row;
  return {
    userId: row.user_id,
    account: { plan, balance, held, spent, granted, version },
    deviceHash: row.device_hash,
    createdAt: row.created_at,
    sessionEpoch: row.session_epoch,
    live: JSON.parse(row.live) as Hold[],
    recent: JSON.parse(row.recent) as JobEntry[],
    more: JSON.parse(row.more ?? '{}') as More,
  };
}
