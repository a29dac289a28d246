/**
 * What all users share, kept by one object under a name that no user id can equal: how much of the day's ceilings is used, and which
 * devices had their free credits. Each claim is counted once, however often it is made; claims of days gone by go a few at a time.
 */

import type { Env } from '../../bindings.ts';
import type { Lowering } from '../../domain/allowance.ts';
import { type Ceiling, dayOf, fits, oldestDay, type Used } from '../../domain/ceilings.ts';
import type { Remote } from '../remote.ts';
import { Tables } from '../tables.ts';
import type { UserLimiterDO } from './index.ts';

const SCHEMA = `
  CREATE TABLE day (
    day     INTEGER PRIMARY KEY,
    credits INTEGER NOT NULL,
    photos  INTEGER NOT NULL
  );
  CREATE TABLE claim (
    day    INTEGER NOT NULL,
    key    TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (day, key)
  ) WITHOUT ROWID;
  CREATE TABLE device (
    hash    TEXT PRIMARY KEY,
    user_id TEXT NOT NULL
  ) WITHOUT ROWID;`;

/** Came later, so it is made when it is first needed. `mark` names the address without telling it. */
const ADDRESSES = `
  CREATE TABLE IF NOT EXISTS address_day (
    day     INTEGER NOT NULL,
    mark    TEXT NOT NULL,
    credits INTEGER NOT NULL,
    PRIMARY KEY (day, mark)
  ) WITHOUT ROWID`;

/** Ids of users begin with usr_. */
const NAME = 'ceilings';
/** Old claims deleted with each new one: more than one, so that they come to an end. So it is with addresses. */
const SWEEP = 3;

export type SignUpClaim = {
  userId: string;
  deviceHash: string | null;
  credits: number;
  /** Names the address behind the claim; null when none stands behind it. */
  addressMark: string | null;
};
/** What all sign-ups of a day may be given, and those from one address. */
export type SignUpCeiling = { credits: number; addressCredits: number };
/** `day` by the clock of the account that claims, so that both count for the same one; an earlier release leaves it out. */
export type DispatchClaim = { jobId: string; photos: number; day?: number };

/** The one object that keeps the ceilings. */
export function ceilingsOf(env: Env): Remote<UserLimiterDO> {
  return env.USER_LIMITER.get(env.USER_LIMITER.idFromName(NAME));
}

export class Ceilings {
  readonly #sql: SqlStorage;
  readonly #tables: Tables;
  /** No claim from before this day is left. */
  #sweptTo = 0;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    this.#tables = new Tables(storage, 'claim', SCHEMA);
  }

  /** The credits that a new account begins with: all of them or, over a ceiling or from a device that had some, none. */
  signUp({ userId, deviceHash, credits, addressMark }: SignUpClaim, ceiling: SignUpCeiling, now: number): number {
    return this.#tables.transaction(() => {
      const owner = deviceHash === null ? null : this.#deviceOwner(deviceHash);
      if (owner !== null && owner !== userId) return 0;
      const known = this.#known(userId, dayOf(now));
      if (known !== null) return known;
      const used = addressMark === null ? 0 : this.#usedBy(addressMark, now);
      if (addressMark !== null && !fits(used, credits, ceiling.addressCredits)) return 0;
      const given = this.#claim('credits', userId, credits, ceiling.credits, dayOf(now));
      if (given === 0) return 0;
      if (addressMark !== null) this.#saveUsedBy(addressMark, used + given, now);
      if (deviceHash !== null && owner === null) {
        this.#sql.exec('INSERT INTO device (hash, user_id) VALUES (?, ?)', deviceHash, userId);
      }
      return given;
    });
  }

  /** Whether a job's photos may be sent to the GPU today. */
  dispatch({ jobId, photos, day }: DispatchClaim, ceiling: number, now: number): boolean {
    return this.#tables.transaction(() => this.#claim('photos', jobId, photos, ceiling, day ?? dayOf(now)) > 0);
  }

  /**
   * Lowers claims to what reached the GPU, each for the day on which it was made: the same call again finds them lowered. A claim that
   * is not there may still be on its way: it finds that nothing is left for it.
   */
  lower(owed: readonly Lowering[]): void {
    this.#tables.transaction(() => {
      for (const { jobId, day, reached } of owed) {
        const claimed = this.#sql
          .exec<{ amount: number }>('SELECT amount FROM claim WHERE day = ? AND key = ?', day, jobId)
          .toArray()[0]?.amount;
        if (claimed === undefined) {
          this.#sql.exec('INSERT INTO claim (day, key, amount) VALUES (?, ?, 0)', day, jobId);
        } else if (claimed > reached) {
          this.#sql.exec('UPDATE claim SET amount = ? WHERE day = ? AND key = ?', reached, day, jobId);
          this.#sql.exec('UPDATE day SET photos = max(0, photos - ?) WHERE day = ?', claimed - reached, day);
        }
      }
    });
  }

  /** The amount that was claimed under this key, now or before; 0 when there is no room for it. */
  #claim(kind: Ceiling, key: string, amount: number, ceiling: number, day: number): number {
    const known = this.#known(key, day);
    if (known !== null) return known;
    const used = this.#used(day);
    if (!fits(used[kind], amount, ceiling)) return 0;
    const after: Used = { ...used, [kind]: used[kind] + amount };
    this.#sql.exec('INSERT INTO claim (day, key, amount) VALUES (?, ?, ?)', day, key, amount);
    this.#sql.exec(
      `INSERT INTO day (day, credits, photos) VALUES (?, ?, ?)
       ON CONFLICT (day) DO UPDATE SET credits = excluded.credits, photos = excluded.photos`,
      day,
      after.credits,
      after.photos,
    );
    this.#sweep(day);
    return amount;
  }

  /** The amount that was claimed under this key today or yesterday; null when none was. */
  #known(key: string, day: number): number | null {
    const row = this.#sql
      .exec<{ amount: number }>(
        'SELECT amount FROM claim WHERE day IN (?, ?) AND key = ? ORDER BY day DESC LIMIT 1',
        day,
        oldestDay(day),
        key,
      )
      .toArray()[0];
    return row?.amount ?? null;
  }

  /** Credits given away today to accounts that this address opened. */
  #usedBy(mark: string, now: number): number {
    this.#sql.exec(ADDRESSES);
    const row = this.#sql
      .exec<{ credits: number }>('SELECT credits FROM address_day WHERE day = ? AND mark = ?', dayOf(now), mark)
      .toArray()[0];
    return row?.credits ?? 0;
  }

  #saveUsedBy(mark: string, credits: number, now: number): void {
    const day = dayOf(now);
    this.#sql.exec(
      `INSERT INTO address_day (day, mark, credits) VALUES (?, ?, ?)
       ON CONFLICT (day, mark) DO UPDATE SET credits = excluded.credits`,
      day,
      mark,
      credits,
    );
    this.#sql.exec(
      `DELETE FROM address_day WHERE (day, mark) IN (SELECT day, mark FROM address_day WHERE day < ? LIMIT ?)`,
      oldestDay(day),
      SWEEP,
    );
  }

  #used(day: number): Used {
    return (
      this.#sql.exec<Used>('SELECT credits, photos FROM day WHERE day = ?', day).toArray()[0] ?? {
        credits: 0,
        photos: 0,
      }
    );
  }

  #deviceOwner(hash: string): string | null {
    const row = this.#sql.exec<{ user_id: string }>('SELECT user_id FROM device WHERE hash = ?', hash).toArray()[0];
    return row?.user_id ?? null;
  }

  #sweep(day: number): void {
    const oldest = oldestDay(day);
    if (this.#sweptTo === oldest) return;
    const old = this.#sql
      .exec<{ day: number; key: string }>('SELECT day, key FROM claim WHERE day < ? LIMIT ?', oldest, SWEEP)
      .toArray();
    for (const claim of old) this.#sql.exec('DELETE FROM claim WHERE day = ? AND key = ?', claim.day, claim.key);
    this.#sql.exec('DELETE FROM day WHERE day < ?', oldest);
    if (old.length < SWEEP) this.#sweptTo = oldest;
  }
}
