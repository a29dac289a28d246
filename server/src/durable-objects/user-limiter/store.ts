/**
 * SQL of the user's object but for its rules. The tables stand in migrations.ts.
 *
 * Holds of jobs that live stand in the account's own row, which every command writes anyway: there are as many as the plan
 * runs jobs. A settled one becomes a receipt, found by its job. So no command reads the user's history.
 * Times are milliseconds since the Unix epoch, amounts whole credits. */
import type { PresetId } from '../../contract/presets.ts';
import type { PlanId } from '../../contract/user.ts';
import type { DayUse, Lowering, UnsureClaim } from '../../domain/allowance.ts';
import { type Account, type EndedJob, type Hold, newAccount, type Outcome } from '../../domain/ledger.ts';
import type { Revoked } from '../../domain/revocation.ts';
import { migrate, versionOf } from '../migration.ts';
import { Tables } from '../tables.ts';
import { ADD_GONE_AT, USER_SCHEMA } from './migrations.ts';
import { RuleStore } from './rule-store.ts';

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
  live: string;
  recent: string;
  /** JSON of {@link More}; earlier releases had no such column. */
  more?: string | null;
  /** The version of the tables; the first had no such column. */
  schema?: number;
};
type ReceiptRow = {
  job_id: string;
  amount: number;
  preset: PresetId;
  created_at: number;
  settled_at: number;
  charged: number;
  outcome: string;
  /** Since when the job is known to have deleted its own storage. The column comes with the first: see {@link UserStore.noteGone}. */
  gone_at?: number | null;
};

/**
 * What later releases keep with the account. JSON in a column of its own, so that a field more needs no step, and an earlier release,
 * which neither reads nor writes it, goes on: see migrations.ts.
 */
export type More = {
  /** The user is being deleted, or was. */
  erasing?: Erasing;
  /** Jobs to be told of a revocation, so that nobody goes on watching: sessions from before `epoch` are void. */
  watchersToEnd?: { epoch: number; jobIds: string[]; tries: number; due: number };
  /** The last revocation that named a key, so that its repeat is known. */
  revoked?: Revoked;
  /** What is used of the day's allowance. */
  day?: DayUse;
  /** What the day's ceiling for all has yet to hear, and since when. */
  lowerings?: OwedLowering[];
  /** Claims of settled jobs that the provider may yet refuse, as long as their day counts. */
  unsure?: UnsureClaim[];
  /** Ids of the rules that were deleted last, newest first. */
  deletedRules?: string[];
};

export type OwedLowering = Lowering & { since: number };

/** How far the deletion of a user has come (erasure.ts). */
export type Erasing = {
  since: number;
  /** Jobs up to this id were told; null once all were. */
  toldTo: string | null;
  /** The last moment at which a signed PUT to one of the user's keys is good. */
  putsExpireAt: number;
  done: boolean;
};

export type User = {
  userId: string;
  account: Account;
  deviceHash: string | null;
  createdAt: number;
  /** Tokens issued before this moment are void. */
  sessionEpoch: number;
  /** Holds of the jobs that live. */
  live: Hold[];
  /** Jobs that were settled last, newest first: D1 may not show them yet. */
  recent: JobEntry[];
  more: More;
};
/** A job as `jobs.list` finds it. */
export type JobEntry = {
  jobId: string;
  /** When its credits were set aside. */
  createdAt: number;
  /** How it ended; null for one that never came to be or was deleted. Left out while it lives, and by an earlier release: then its object knows. */
  ended?: EndedJob | null;
};

/** Ended jobs to remember for `jobs.list` while D1 is late. */
const MAX_RECENT = 20;
export type Grant = { key: string; amount: number; reason: string; createdAt: number };
/** What D1 has to hear of. `ref` names the row; what is written is that row as it stands when it is written. */
export type OutboxEntry = {
  seq: number;
  kind: 'user' | 'rule' | 'grant';
  ref: string;
  /** When it was put there; 0 when an earlier release did, which noted no time. Milliseconds since the Unix epoch. */
  at: number;
};

/** Below it, `seq` counts entries, as it did in earlier releases; from it on, it is the time of the entry. */
const FIRST_TIME = 1_000_000_000_000;
const KNOWN = "kind IN ('user', 'rule', 'grant')";

export class UserStore {
  readonly rules: RuleStore;
  readonly #sql: SqlStorage;
  readonly #tables: Tables;
  /** What was read last, until something is written: nobody else writes here. `undefined` before it was read. */
  #known: User | null | undefined;
  /** Tables that are made from here on are today's. */
  #upgraded: boolean;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    this.#tables = new Tables(storage, 'account', USER_SCHEMA.tables);
    this.rules = new RuleStore(this.#sql, this.#tables);
    this.#upgraded = !this.#tables.exist;
  }

  /** Whether nothing was ever stored here. */
  get isNew(): boolean {
    return !this.#tables.exist;
  }

  /** All of it or nothing. Forgets what was read, whether the writes go through or not. */
  transaction(write: () => void): void {
    try {
      this.#tables.transaction(write);
    } finally {
      this.#known = undefined;
    }
  }

  /**
   * Whether there are tables. Brings those of an earlier release up to date, at the first look: what goes wrong there is the error of
   * whoever looks, and never keeps the object from waking.
   */
  #ready(): boolean {
    if (!this.#tables.exist || this.#upgraded) return this.#tables.exist;
    this.#tables.transaction(() => this.#upgrade());
    this.#upgraded = true;
    return true;
  }

  #upgrade(): void {
    const row = this.#sql.exec<AccountRow>('SELECT * FROM account').toArray()[0];
    if (migrate(this.#sql, USER_SCHEMA, row?.schema ?? 1)) {
      this.#sql.exec('UPDATE account SET schema = ?', versionOf(USER_SCHEMA));
    }
    if (row !== undefined && row.more === undefined) this.#sql.exec('ALTER TABLE account ADD COLUMN more TEXT');
  }

  user(): User | null {
    if (this.#known === undefined) this.#known = this.#ready() ? this.#readUser() : null;
    return this.#known;
  }

  /** The same where there must be one: what has a job, or was opened a moment ago, has an account. Without it is a bug, not bad input. */
  theUser(): User {
    const user = this.user();
    if (user === null) throw new Error('this object has no account');
    return user;
  }

  #readUser(): User | null {
    const row = this.#sql.exec<AccountRow>('SELECT * FROM account').toArray()[0];
    if (row === undefined) return null;
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

  insertUser(user: User): void {
    this.#known = undefined;
    const { plan, balance, held, spent, granted, version } = user.account;
    this.#sql.exec(
      `INSERT INTO account (id, user_id, plan, balance, held, spent, granted, version, device_hash, created_at,
         session_epoch, live, recent, more, schema)
       VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
      JSON.stringify(user.live),
      JSON.stringify(user.recent),
      JSON.stringify(user.more),
      versionOf(USER_SCHEMA),
    );
  }

  /** The account with its holds, as one row. */
  saveAccount(
    { plan, balance, held, spent, granted, version }: Account,
    { live, recent, more }: Pick<User, 'live' | 'recent' | 'more'>,
  ): void {
    this.#known = undefined;
    this.#sql.exec(
      'UPDATE account SET plan = ?, balance = ?, held = ?, spent = ?, granted = ?, version = ?, live = ?, recent = ?, more = ?',
      plan,
      balance,
      held,
      spent,
      granted,
      version,
      JSON.stringify(live),
      JSON.stringify(recent),
      JSON.stringify(more),
    );
  }

  saveMore(more: More): void {
    this.#known = undefined;
    this.#sql.exec('UPDATE account SET more = ?', JSON.stringify(more));
  }

  /** @param more what is owed to those who watch, in the same row */
  saveSessionEpoch(epoch: number, more: More = this.theUser().more): void {
    this.#known = undefined;
    this.#sql.exec('UPDATE account SET session_epoch = ?, more = ?', epoch, JSON.stringify(more));
  }

  /** The holds of the live jobs alone. */
  saveLive(live: Hold[]): void {
    this.#known = undefined;
    this.#sql.exec('UPDATE account SET live = ?', JSON.stringify(live));
  }

  /** The jobs that ended last alone. */
  saveRecent(recent: JobEntry[]): void {
    this.#known = undefined;
    this.#sql.exec('UPDATE account SET recent = ?', JSON.stringify(recent));
  }

  /** What became of a job's hold; null when it lives, or never was. */
  receipt(jobId: string): Hold | null {
    const row = this.#sql.exec<ReceiptRow>('SELECT * FROM receipt WHERE job_id = ?', jobId).toArray()[0];
    return row === undefined ? null : holdOf(row);
  }

  /** Receipts in the order of their job ids, after `after`. */
  receipts(after: string, limit: number): Hold[] {
    if (!this.#tables.exist) return [];
    return this.#sql
      .exec<ReceiptRow>('SELECT * FROM receipt WHERE job_id > ? ORDER BY job_id LIMIT ?', after, limit)
      .toArray()
      .map(holdOf);
  }

  /** The same page without those that are known to be gone, and where it ended; null when it was the last. */
  receiptsOfKept(after: string, limit: number): { kept: Hold[]; next: string | null } {
    if (!this.#ready()) return { kept: [], next: null };
    const rows = this.#sql
      .exec<ReceiptRow>('SELECT * FROM receipt WHERE job_id > ? ORDER BY job_id LIMIT ?', after, limit)
      .toArray();
    const kept = rows.filter(({ gone_at }) => gone_at == null).map(holdOf);
    return { kept, next: rows.length < limit ? null : (rows.at(-1)?.job_id ?? null) };
  }

  /**
   * Forgets receipts of jobs up to `upTo` that charged nothing, were settled before `before` and are known to be gone: nothing is left that
   * they could be compared with, or that somebody could ask for.
   */
  forgetReceipts(after: string, upTo: string, before: number): void {
    if (!this.#hasGoneAt()) return;
    this.#sql.exec(
      'DELETE FROM receipt WHERE job_id > ? AND job_id <= ? AND charged = 0 AND settled_at < ? AND gone_at IS NOT NULL',
      after,
      upTo,
      before,
    );
  }

  #hasGoneAt(): boolean {
    const columns = this.#sql.exec<{ name: string }>("SELECT name FROM pragma_table_info('receipt')").toArray();
    return columns.some(({ name }) => name === 'gone_at');
  }

  /** Remembers that these jobs have deleted their own storage: nobody need ask them again. Most users never need the column. */
  noteGone(jobIds: string[], now: number): void {
    this.transaction(() => {
      if (!this.#hasGoneAt()) this.#sql.exec(ADD_GONE_AT);
      for (const jobId of jobIds) this.#sql.exec('UPDATE receipt SET gone_at = ? WHERE job_id = ?', now, jobId);
    });
  }

  /** Turns a live hold into a receipt. `account` and `hold` are as they are after settling. */
  saveSettled(user: User, account: Account, hold: Hold, ended: JobEntry['ended']): void {
    const live = user.live.filter(({ jobId }) => jobId !== hold.jobId);
    const entry: JobEntry = { jobId: hold.jobId, createdAt: hold.createdAt, ...(ended !== undefined && { ended }) };
    this.saveAccount(account, { ...user, live, recent: [entry, ...user.recent].slice(0, MAX_RECENT) });
    this.#sql.exec(
      `INSERT INTO receipt (job_id, amount, preset, created_at, settled_at, charged, outcome) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      hold.jobId,
      hold.amount,
      hold.preset,
      hold.createdAt,
      hold.settledAt,
      hold.charged,
      JSON.stringify(hold.outcome),
    );
  }

  /** Nobody comes in any more, and D1 hears nothing more of the user. Jobs and receipts stay until the jobs were told. */
  beginErasure(user: User, erasing: Erasing): void {
    this.transaction(() => {
      this.#sql.exec('DELETE FROM outbox');
      this.#sql.exec('DELETE FROM rule');
      this.#sql.exec('UPDATE account SET device_hash = NULL');
      this.saveMore({ ...user.more, erasing });
    });
  }

  /** All that is left is that there was a user. */
  wipe(erasing: Erasing): void {
    this.transaction(() => {
      for (const table of ['receipt', 'granted', 'outbox', 'rule']) this.#sql.exec(`DELETE FROM ${table}`);
      this.saveAccount(newAccount('free'), { live: [], recent: [], more: { erasing } });
    });
  }

  /** After `deleteAll` of the storage: nothing is here any more. */
  forget(): void {
    this.#tables.gone();
    this.#known = undefined;
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

  /** The number of an entry is its time, or the next after that of the entry before: so no column more says how late it is. */
  enqueue(kind: OutboxEntry['kind'], ref: string): void {
    this.#sql.exec(
      'INSERT INTO outbox (seq, kind, ref) VALUES (max(?, coalesce((SELECT max(seq) FROM outbox), 0) + 1), ?, ?)',
      Date.now(),
      kind,
      ref,
    );
  }

  /** Oldest first. Kinds that only a later release knows stay for it. */
  outbox(limit: number): OutboxEntry[] {
    if (!this.#ready()) return [];
    return this.#sql
      .exec<Omit<OutboxEntry, 'at'>>(`SELECT seq, kind, ref FROM outbox WHERE ${KNOWN} ORDER BY seq LIMIT ?`, limit)
      .toArray()
      .map((entry) => ({ ...entry, at: entry.seq < FIRST_TIME ? 0 : entry.seq }));
  }

  clearOutbox(upTo: number): void {
    this.#sql.exec(`DELETE FROM outbox WHERE seq <= ? AND ${KNOWN}`, upTo);
  }
}

function holdOf(row: ReceiptRow): Hold {
  const { job_id, amount, preset, created_at, settled_at, charged, outcome } = row;
  return {
    jobId: job_id,
    amount,
    preset,
    createdAt: created_at,
    checkAt: null,
    settledAt: settled_at,
    charged,
    outcome: JSON.parse(outcome) as Outcome,
    slotFree: true,
  };
}
