/**
 * What the user's object has stored, over its tables (tables/): brings older ones up to date, remembers what was read last, and has the
 * changes that are one commit. Times are milliseconds since the Unix epoch.
 */
import { type Account, type Hold, newAccount } from '../../domain/ledger.ts';
import { migrate, versionOf } from '../migration.ts';
import { Tables } from '../tables.ts';
import { USER_SCHEMA } from './migrations.ts';
import type { Erasing, Grant, JobEntry, More, NewUser, OutboxEntry, StoredRule, User } from './state.ts';
import { AccountTable } from './tables/account.ts';
import { GrantedTable } from './tables/granted.ts';
import { OutboxTable } from './tables/outbox.ts';
import { ReceiptTable } from './tables/receipt.ts';
import { RuleTable } from './tables/rule.ts';

/** Ended jobs to remember for `jobs.list` while D1 is late. */
const MAX_RECENT = 20;

export class UserStore {
  readonly #now: () => number;
  readonly #sql: SqlStorage;
  readonly #tables: Tables;
  readonly #account: AccountTable;
  readonly #receipts: ReceiptTable;
  readonly #granted: GrantedTable;
  readonly #outbox: OutboxTable;
  readonly #rules: RuleTable;
  /** What was read last, until something is written: nobody else writes here. `undefined` before it was read. */
  #known: User | null | undefined;
  /** The same of the rules that were not deleted; whoever writes one does it in a transaction. */
  #knownRules: readonly StoredRule[] | undefined;
  /** Tables that are made from here on are today's. */
  #upgraded: boolean;

  /** @param now milliseconds since the Unix epoch */
  constructor(storage: DurableObjectStorage, now: () => number) {
    this.#now = now;
    this.#sql = storage.sql;
    this.#tables = new Tables(storage, 'account', USER_SCHEMA.tables, 'session_epoch');
    this.#account = new AccountTable(this.#sql);
    this.#receipts = new ReceiptTable(this.#sql);
    this.#granted = new GrantedTable(this.#sql);
    this.#outbox = new OutboxTable(this.#sql);
    this.#rules = new RuleTable(this.#sql);
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
      this.#knownRules = undefined;
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
    if (migrate(this.#sql, USER_SCHEMA, this.#account.schema())) this.#account.saveSchema(versionOf(USER_SCHEMA));
    this.#account.addMore();
  }

  user(): User | null {
    if (this.#known === undefined) this.#known = this.#ready() ? this.#account.read() : null;
    return this.#known;
  }

  /** Opens the account, with its credits and, of one that was elsewhere before, its rules. */
  create(user: NewUser, granted: Grant | null, rules: readonly StoredRule[] = []): void {
    this.transaction(() => {
      this.#account.insert(user, versionOf(USER_SCHEMA));
      this.#tellOf('user', user.userId);
      if (granted !== null) this.#grant(granted);
      for (const rule of rules) {
        this.#rules.save(rule);
        this.#tellOf('rule', rule.id);
      }
    });
  }

  /** The account with its holds, as one row. */
  saveAccount(account: Account, rest: Pick<User, 'live' | 'recent' | 'more'>): void {
    this.#known = undefined;
    this.#account.save(account, rest);
  }

  saveMore(more: More): void {
    this.#known = undefined;
    this.#account.saveMore(more);
  }

  /** @param more what is owed to those who watch, in the same row */
  saveSessionEpoch(epoch: number, more: More): void {
    this.#known = undefined;
    this.#account.saveSessionEpoch(epoch, more);
  }

  /** The holds of the live jobs alone. */
  saveLive(live: readonly Hold[]): void {
    this.#known = undefined;
    this.#account.saveLive(live);
  }

  /** The jobs that ended last alone. */
  saveRecent(recent: readonly JobEntry[]): void {
    this.#known = undefined;
    this.#account.saveRecent(recent);
  }

  /** Turns a live hold into a receipt. `account` and `hold` are as they are after settling. */
  saveSettled(user: User, account: Account, hold: Hold, ended: JobEntry['ended']): void {
    const live = user.live.filter(({ jobId }) => jobId !== hold.jobId);
    const entry: JobEntry = { jobId: hold.jobId, createdAt: hold.createdAt, ...(ended !== undefined && { ended }) };
    this.transaction(() => {
      this.#account.save(account, { ...user, live, recent: [entry, ...user.recent].slice(0, MAX_RECENT) });
      this.#receipts.insert(hold);
    });
  }

  /** The account as an operator changed it, with what he granted, for D1 to hear of. */
  saveChanged(user: User, account: Account, granted: Grant | null): void {
    this.transaction(() => {
      this.#account.save(account, user);
      if (granted !== null) this.#grant(granted);
      this.#tellOf('user', user.userId);
    });
  }

  #grant(grant: Grant): void {
    this.#granted.insert(grant);
    this.#tellOf('grant', grant.key);
  }

  #tellOf(kind: OutboxEntry['kind'], id: string): void {
    this.#outbox.add(kind, id, this.#now());
  }

  /** Has D1 told everything again. */
  projectAll({ userId, account, ...rest }: User): void {
    this.transaction(() => {
      this.#account.save({ ...account, version: account.version + 1 }, rest);
      this.#tellOf('user', userId);
      for (const { key } of this.#granted.list()) this.#tellOf('grant', key);
      for (const { id } of this.#rules.list()) this.#tellOf('rule', id);
    });
  }

  /** What became of a job's hold; null when it lives, or never was. */
  receipt(jobId: string): Hold | null {
    return this.#receipts.find(jobId);
  }

  /** Receipts in the order of their job ids, after `after`. */
  receipts(after: string, limit: number): Hold[] {
    return this.#ready() ? this.#receipts.page(after, limit).map(({ hold }) => hold) : [];
  }

  /** The same page without those that are known to be gone, and where it ended; null when it was the last. */
  receiptsOfKept(after: string, limit: number): { kept: Hold[]; next: string | null } {
    const page = this.#ready() ? this.#receipts.page(after, limit) : [];
    const kept = page.flatMap(({ hold, isGone }) => (isGone ? [] : [hold]));
    return { kept, next: page.length < limit ? null : (page.at(-1)?.hold.jobId ?? null) };
  }

  /**
   * Forgets receipts of jobs up to `upTo` that charged nothing, were settled before `before` and are known to be gone: nothing is left that
   * they could be compared with, or that somebody could ask for.
   */
  forgetReceipts(after: string, upTo: string, before: number): void {
    this.#receipts.forget(after, upTo, before);
  }

  /** Remembers that these jobs have deleted their own storage: nobody need ask them again. Most users never need that. */
  noteGone(jobIds: readonly string[]): void {
    this.transaction(() => this.#receipts.saveGone(jobIds, this.#now()));
  }

  /** Nobody comes in any more, and D1 hears nothing more of the user. Jobs and receipts stay until the jobs were told. */
  beginErasure(user: User, erasing: Erasing): void {
    this.transaction(() => {
      this.#outbox.clear();
      this.#rules.clear();
      this.#account.forgetDevice({ ...user.more, erasing });
    });
  }

  /** All that is left is that there was a user. */
  wipe(erasing: Erasing): void {
    this.transaction(() => {
      for (const table of [this.#receipts, this.#granted, this.#outbox, this.#rules]) table.clear();
      this.#account.save(newAccount('free'), { live: [], recent: [], more: { erasing } });
    });
  }

  /** After `deleteAll` of the storage: nothing is here any more. */
  forget(): void {
    this.#tables.gone();
    this.#known = undefined;
    this.#knownRules = undefined;
  }

  grant(key: string): Grant | null {
    return this.#granted.find(key);
  }

  /** One that was deleted as well. */
  rule(id: string): StoredRule | null {
    return this.#tables.exist ? this.#rules.find(id) : null;
  }

  /** Rules that were not deleted, oldest first. */
  rules(): readonly StoredRule[] {
    this.#knownRules ??= this.#tables.exist ? this.#rules.list() : [];
    return this.#knownRules;
  }

  saveRule(rule: StoredRule, more: More): void {
    this.transaction(() => {
      this.#rules.save(rule);
      this.#account.saveMore(more);
      this.#outbox.add('rule', rule.id, rule.updatedAt);
    });
  }

  /** Oldest first. Kinds that only a later release knows stay for it. */
  outbox(limit: number): OutboxEntry[] {
    return this.#ready() ? this.#outbox.list(limit) : [];
  }

  /**
   * D1 has heard of the entries up to this one.
   * @param deleted rules among them that it knows to be deleted @param again whether the account has changed meanwhile
   */
  projected(upTo: number, deleted: readonly string[], again: User | null): void {
    this.transaction(() => {
      this.#outbox.clearUpTo(upTo);
      if (again !== null) this.#tellOf('user', again.userId);
      for (const id of deleted) this.#rules.drop(id);
    });
  }
}
