/**
 * What is decided of a sign-up without looking anything up. It stores nothing: its answer is a token for an id made from its key, and
 * the account is opened by its first change, with what that token carries.
 */
import { refuse } from './result.ts';

/** What an account is opened with. */
export type SignUp = {
  userId: string;
  /** Milliseconds since the Unix epoch. */
  signedUpAt: number;
  deviceHash: string | null;
  /** Whom the day's bound by address counts, as addressKey names him; null where no client stands behind the change. */
  address: string | null;
};

/** Characters of an id after `usr_`, six bits each: 132 bits cannot be guessed. */
export const USER_ID_LENGTH = 22;
const MINTED = new RegExp(`^usr_[A-Za-z0-9_-]{${USER_ID_LENGTH}}$`);

/** Whether a sign-up can have made this id. */
export const isMintedUserId = (userId: string): boolean => MINTED.test(userId);

/** A UUID of version 7: its first 48 bits are milliseconds since the Unix epoch (RFC 9562, 5.7). */
const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** When the key was made, by the clock of whoever made it; null for a key of another form. */
export function timeOfKey(key: string): number | null {
  const [, high, low] = UUID_V7.exec(key) ?? [];
  return high === undefined || low === undefined ? null : Number.parseInt(high + low, 16);
}

/** How far ahead of ours the clock that made a key may be (milliseconds). */
const KEY_SKEW_MS = 5 * 60_000;

/**
 * What a sign-up under this key is. `fresh`: in its time, so a token answers it and nothing has to be remembered. `late`: made longer
 * than `repeatMs` ago, so refused: the key is no credential for ever. `timeless`: it does not say when it was made, or names a time to
 * come, so only an account opened at once remembers how old it is.
 */
export function ageOfKey(key: string, now: number, repeatMs: number): 'fresh' | 'late' | 'timeless' {
  const madeAt = timeOfKey(key);
  if (madeAt === null || madeAt > now + KEY_SKEW_MS) return 'timeless';
  return madeAt < now - repeatMs ? 'late' : 'fresh';
}

/**
 * What the user's id is made from. The account of a key that names a time to come is another one than that of the same key in its time:
 * nothing then remembers that it was used before, so it must not lead back there.
 */
export const nameOfKey = (key: string, age: ReturnType<typeof ageOfKey>): string =>
  age === 'timeless' && timeOfKey(key) !== null ? `ahead:${key}` : key;

export const usedLongAgo = () =>
  refuse('IDEMPOTENCY_CONFLICT', 'idempotencyKey: was used for a sign-up long ago', { field: 'idempotencyKey' });
