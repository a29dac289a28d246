/**
 * The tables of the object that keeps the ceilings, and how old ones become these. Their version stands in a table of its own, which the
 * first release that counted did not have, and does not look for.
 */
import type { Used } from '../../../domain/ceilings.ts';
import { migrate, type Schema, versionOf } from '../../migration.ts';
import { Tables } from '../../tables.ts';

/** What is used of a day. Days are numbers since the Unix epoch, in UTC. */
const DAY = `
  CREATE TABLE day (
    day     INTEGER PRIMARY KEY,
    credits INTEGER NOT NULL,
    photos  INTEGER NOT NULL
  );`;
type DayRow = {
  day: number;
  /** Whole credits given away. */
  credits: number;
  photos: number;
};

/** What was claimed under a key: the credits of a user's id, or the photos of a job's. */
const CLAIM = `
  CREATE TABLE claim (
    day    INTEGER NOT NULL,
    key    TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (day, key)
  ) WITHOUT ROWID;`;
type ClaimRow = { day: number; key: string; amount: number };

/** Which account of a device had its free credits. */
const DEVICE = `
  CREATE TABLE device (
    hash    TEXT PRIMARY KEY,
    user_id TEXT NOT NULL
  ) WITHOUT ROWID;`;
type DeviceRow = { hash: string; user_id: string };

/** Credits given away to accounts that an address opened. `mark` names it without telling it. A release of before may have made it. */
const ADDRESS_DAY = `
  CREATE TABLE IF NOT EXISTS address_day (
    day     INTEGER NOT NULL,
    mark    TEXT NOT NULL,
    credits INTEGER NOT NULL,
    PRIMARY KEY (day, mark)
  ) WITHOUT ROWID;`;
type AddressDayRow = { day: number; mark: string; credits: number };

/** The version of the tables; those without it are of the first. */
const VERSION = `
  CREATE TABLE version (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    schema INTEGER NOT NULL
  );`;
type VersionRow = { id: 1; schema: number };

export const CEILINGS_SCHEMA: Schema = {
  tables: [DAY, CLAIM, DEVICE, ADDRESS_DAY, VERSION].join(''),
  steps: [
    {
      id: '2 the version of the tables; what is given away by address',
      up: (sql) => {
        sql.exec(ADDRESS_DAY);
        sql.exec(VERSION);
      },
    },
  ],
};

const HAS_VERSION = "SELECT 1 FROM sqlite_master WHERE name = 'version'";
const READ_VERSION = 'SELECT schema FROM version';
const SAVE_VERSION =
  'INSERT INTO version (id, schema) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET schema = excluded.schema';

const READ_DAY = 'SELECT credits, photos FROM day WHERE day = ?';
const SAVE_DAY = `
  INSERT INTO day (day, credits, photos) VALUES (?, ?, ?)
  ON CONFLICT (day) DO UPDATE SET credits = excluded.credits, photos = excluded.photos`;
const GIVE_BACK_PHOTOS = 'UPDATE day SET photos = max(0, photos - ?) WHERE day = ?';
const FORGET_DAYS = 'DELETE FROM day WHERE day < ?';

const READ_CLAIM = 'SELECT amount FROM claim WHERE day = ? AND key = ?';
const READ_LATEST_CLAIM = 'SELECT amount FROM claim WHERE day IN (?, ?) AND key = ? ORDER BY day DESC LIMIT 1';
const INSERT_CLAIM = 'INSERT INTO claim (day, key, amount) VALUES (?, ?, ?)';
const LOWER_CLAIM = 'UPDATE claim SET amount = ? WHERE day = ? AND key = ?';
const OLD_CLAIMS = 'SELECT day, key FROM claim WHERE day < ? LIMIT ?';
const FORGET_CLAIM = 'DELETE FROM claim WHERE day = ? AND key = ?';

const READ_DEVICE = 'SELECT user_id FROM device WHERE hash = ?';
const INSERT_DEVICE = 'INSERT INTO device (hash, user_id) VALUES (?, ?)';

const READ_ADDRESS = 'SELECT credits FROM address_day WHERE day = ? AND mark = ?';
const SAVE_ADDRESS = `
  INSERT INTO address_day (day, mark, credits) VALUES (?, ?, ?)
  ON CONFLICT (day, mark) DO UPDATE SET credits = excluded.credits`;
const FORGET_ADDRESSES =
  'DELETE FROM address_day WHERE (day, mark) IN (SELECT day, mark FROM address_day WHERE day < ? LIMIT ?)';

export class CeilingsTables {
  readonly #sql: SqlStorage;
  readonly #tables: Tables;
  /** Whether the tables are today's. */
  #upToDate = false;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    this.#tables = new Tables(storage, 'claim', CEILINGS_SCHEMA.tables);
  }

  /** All of it or nothing, the tables as well. Brings those of an earlier release up to date. */
  transaction<T>(write: () => T): T {
    const answer = this.#tables.transaction(() => {
      if (!this.#upToDate) this.#upgrade();
      return write();
    });
    this.#upToDate = true;
    return answer;
  }

  #upgrade(): void {
    // Those that this transaction makes are today's.
    const isNew = !this.#tables.exist;
    if (isNew || migrate(this.#sql, CEILINGS_SCHEMA, this.#version()))
      this.#sql.exec(SAVE_VERSION, versionOf(CEILINGS_SCHEMA));
  }

  #version(): number {
    if (this.#sql.exec(HAS_VERSION).toArray().length === 0) return 1;
    return this.#sql.exec<Pick<VersionRow, 'schema'>>(READ_VERSION).toArray()[0]?.schema ?? 1;
  }

  used(day: number): Used {
    const row = this.#sql.exec<Omit<DayRow, 'day'>>(READ_DAY, day).toArray()[0];
    return row ?? { credits: 0, photos: 0 };
  }

  saveUsed(day: number, { credits, photos }: Used): void {
    this.#sql.exec(SAVE_DAY, day, credits, photos);
  }

  giveBackPhotos(day: number, photos: number): void {
    this.#sql.exec(GIVE_BACK_PHOTOS, photos, day);
  }

  /** The amount that was claimed under this key on that day; null when none was. */
  claimed(key: string, day: number): number | null {
    return this.#sql.exec<Pick<ClaimRow, 'amount'>>(READ_CLAIM, day, key).toArray()[0]?.amount ?? null;
  }

  /** The same for either day, the later one first. */
  lastClaimed(key: string, day: number, before: number): number | null {
    return this.#sql.exec<Pick<ClaimRow, 'amount'>>(READ_LATEST_CLAIM, day, before, key).toArray()[0]?.amount ?? null;
  }

  insertClaim(day: number, key: string, amount: number): void {
    this.#sql.exec(INSERT_CLAIM, day, key, amount);
  }

  lowerClaim(day: number, key: string, amount: number): void {
    this.#sql.exec(LOWER_CLAIM, amount, day, key);
  }

  /** Forgets days before this one, and at most so many of their claims. @returns how many claims those were */
  forgetDays(before: number, limit: number): number {
    const old = this.#sql.exec<Omit<ClaimRow, 'amount'>>(OLD_CLAIMS, before, limit).toArray();
    for (const claim of old) this.#sql.exec(FORGET_CLAIM, claim.day, claim.key);
    this.#sql.exec(FORGET_DAYS, before);
    return old.length;
  }

  /** Whose free credits the device had; null when it had none. */
  deviceOwner(hash: string): string | null {
    return this.#sql.exec<Pick<DeviceRow, 'user_id'>>(READ_DEVICE, hash).toArray()[0]?.user_id ?? null;
  }

  saveDevice(hash: string, userId: string): void {
    this.#sql.exec(INSERT_DEVICE, hash, userId);
  }

  /** Credits given away on that day to accounts that this address opened. */
  givenTo(mark: string, day: number): number {
    return this.#sql.exec<Pick<AddressDayRow, 'credits'>>(READ_ADDRESS, day, mark).toArray()[0]?.credits ?? 0;
  }

  saveGivenTo(mark: string, day: number, credits: number): void {
    this.#sql.exec(SAVE_ADDRESS, day, mark, credits);
  }

  /** Forgets at most so many addresses of days before this one. */
  forgetAddresses(before: number, limit: number): void {
    this.#sql.exec(FORGET_ADDRESSES, before, limit);
  }
}
