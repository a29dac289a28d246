/** SQL of the user's object but for its rules. Times are milliseconds since the Unix epoch, amounts whole credits. */
import type { PresetId } from '../../contract/presets.ts';
import type { PlanId } from '../../contract/user.ts';
import type { Account, Hold, Outcome } from '../../domain/ledger.ts';
import { RULE_SCHEMA, RuleStore } from './rule-store.ts';

const SCHEMA = `
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
    CHECK (balance + held + spent = granted)
  );
  CREATE TABLE hold (
    job_id     TEXT PRIMARY KEY,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    preset     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    check_at   INTEGER,
    settled_at INTEGER,
    charged    INTEGER CHECK (charged BETWEEN 0 AND amount),
    outcome    TEXT
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
  );`;

type AccountRow = {
  user_id: string;
  plan: PlanId;
  balance: number;
  held: number;
  spent: number;
  granted: number;
  version: number;
  device_hash: string | null;
  created_at: number;
  session_epoch: number;
};
type HoldRow = {
  job_id: string;
  amount: number;
  preset: PresetId;
  created_at: number;
  check_at: number | null;
  settled_at: number | null;
  charged: number | null;
  outcome: string | null;
};

export type User = {
  userId: string;
  account: Account;
  deviceHash: string | null;
  createdAt: number;
  /** Tokens issued before this moment are void. */
  sessionEpoch: number;
};
export type Grant = { key: string; amount: number; reason: string; createdAt: number };
/** What D1 has to hear of. `ref` names the row; what is written is that row as it stands when it is written. */
export type OutboxEntry = { seq: number; kind: 'user' | 'rule' | 'grant'; ref: string };

export class UserStore {
  readonly rules: RuleStore;
  readonly #sql: SqlStorage;
  #hasSchema: boolean;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.rules = new RuleStore(sql);
    this.#hasSchema = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'account'").toArray().length > 0;
  }

  /** Tables come with the first write, so that looking at an object that never was leaves nothing behind. */
  createSchema(): void {
    if (this.#hasSchema) return;
    this.#sql.exec(SCHEMA);
    this.#sql.exec(RULE_SCHEMA);
    this.#hasSchema = true;
  }

  user(): User | null {
    if (!this.#hasSchema) return null;
    const row = this.#sql.exec<AccountRow>('SELECT * FROM account').toArray()[0];
    if (row === undefined) return null;
    const { plan, balance, held, spent, granted, version } = row;
    return {
      userId: row.user_id,
      account: { plan, balance, held, spent, granted, version },
      deviceHash: row.device_hash,
      createdAt: row.created_at,
      sessionEpoch: row.session_epoch,
    };
  }

  insertUser(user: User): void {
    const { plan, balance, held, spent, granted, version } = user.account;
    this.#sql.exec(
      `INSERT INTO account (id, user_id, plan, balance, held, spent, granted, version, device_hash, created_at, session_epoch)
       VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      user.userId,
      plan,
      balance,
      held,
      spent,
      granted,
      version,
      user.deviceHash,
      user.createdAt,
      user.sessionEpoch,
    );
  }

  saveAccount({ plan, balance, held, spent, granted, version }: Account): void {
    this.#sql.exec(
      'UPDATE account SET plan = ?, balance = ?, held = ?, spent = ?, granted = ?, version = ?',
      plan,
      balance,
      held,
      spent,
      granted,
      version,
    );
  }

  saveSessionEpoch(epoch: number): void {
    this.#sql.exec('UPDATE account SET session_epoch = ?', epoch);
  }

  hold(jobId: string): Hold | null {
    const row = this.#sql.exec<HoldRow>('SELECT * FROM hold WHERE job_id = ?', jobId).toArray()[0];
    return row === undefined ? null : holdOf(row);
  }

  liveHolds(): Hold[] {
    return this.#sql.exec<HoldRow>('SELECT * FROM hold WHERE settled_at IS NULL').toArray().map(holdOf);
  }

  /** Settled holds in the order of their job ids, after `after`. */
  settledHolds(after: string, limit: number): Hold[] {
    return this.#sql
      .exec<HoldRow>(
        'SELECT * FROM hold WHERE settled_at IS NOT NULL AND job_id > ? ORDER BY job_id LIMIT ?',
        after,
        limit,
      )
      .toArray()
      .map(holdOf);
  }

  /** Live holds, and those settled at `since` or later. */
  recentHolds(since: number): Hold[] {
    return this.#sql
      .exec<HoldRow>('SELECT * FROM hold WHERE settled_at IS NULL OR settled_at >= ?', since)
      .toArray()
      .map(holdOf);
  }

  saveHold(hold: Hold): void {
    this.#sql.exec(
      `INSERT INTO hold (job_id, amount, preset, created_at, check_at, settled_at, charged, outcome)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (job_id) DO UPDATE SET check_at = excluded.check_at, settled_at = excluded.settled_at,
         charged = excluded.charged, outcome = excluded.outcome`,
      hold.jobId,
      hold.amount,
      hold.preset,
      hold.createdAt,
      hold.checkAt,
      hold.settledAt,
      hold.charged,
      hold.outcome === null ? null : JSON.stringify(hold.outcome),
    );
  }

  grant(key: string): Grant | null {
    const row = this.#sql
      .exec<{ amount: number; reason: string; created_at: number }>('SELECT * FROM granted WHERE key = ?', key)
      .toArray()[0];
    return row === undefined ? null : { key, amount: row.amount, reason: row.reason, createdAt: row.created_at };
  }

  insertGrant({ key, amount, reason, createdAt }: Grant): void {
    this.#sql.exec(
      'INSERT INTO granted (key, amount, reason, created_at) VALUES (?, ?, ?, ?)',
      key,
      amount,
      reason,
      createdAt,
    );
  }

  grants(): Grant[] {
    return this.#sql
      .exec<{ key: string; amount: number; reason: string; created_at: number }>('SELECT * FROM granted')
      .toArray()
      .map(({ created_at, ...rest }) => ({ ...rest, createdAt: created_at }));
  }

  enqueue(kind: OutboxEntry['kind'], ref: string): void {
    this.#sql.exec('INSERT INTO outbox (kind, ref) VALUES (?, ?)', kind, ref);
  }

  outbox(limit: number): OutboxEntry[] {
    if (!this.#hasSchema) return [];
    return this.#sql.exec<OutboxEntry>('SELECT seq, kind, ref FROM outbox ORDER BY seq LIMIT ?', limit).toArray();
  }

  clearOutbox(upTo: number): void {
    this.#sql.exec('DELETE FROM outbox WHERE seq <= ?', upTo);
  }
}

function holdOf(row: HoldRow): Hold {
  const { job_id, amount, preset, created_at, check_at, settled_at, charged, outcome } = row;
  return {
    jobId: job_id,
    amount,
    preset,
    createdAt: created_at,
    checkAt: check_at,
    settledAt: settled_at,
    charged,
    outcome: outcome === null ? null : (JSON.parse(outcome) as Outcome),
  };
}
