/**
 * What is kept of a user, whatever keeps it: his account, the jobs that ended last, his grants and rules. Times are milliseconds since the
 * Unix epoch, amounts whole credits.
 */
import type { ConceptMap } from '../../contract/concepts.ts';
import type { PresetId } from '../../contract/presets.ts';
import type { DayUse, Lowering, UnsureClaim } from '../../domain/allowance.ts';
import type { Account, EndedJob, Hold } from '../../domain/ledger.ts';
import type { Revoked } from '../../domain/revocation.ts';
import type { SignUp } from '../../domain/sign-up.ts';

/** On whose behalf a change is made, and what the first one opens the account with. `issuedAt`: when the token was issued. */
export type Session = SignUp & { issuedAt: number };

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
/** The user where there must be one: what has a job, or was opened a moment ago, has an account. Without it is a bug, not bad input. */
export function theUser(user: User | null): User {
  if (user === null) throw new Error('this object has no account');
  return user;
}

export type NewUser = Pick<User, 'userId' | 'account' | 'deviceHash' | 'createdAt'>;

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

/** A job as `jobs.list` finds it. */
export type JobEntry = {
  jobId: string;
  /** When its credits were set aside. */
  createdAt: number;
  /** How it ended; null for one that never came to be or was deleted. Left out while it lives, and by an earlier release: then its object knows. */
  ended?: EndedJob | null;
};

export type Grant = { key: string; amount: number; reason: string; createdAt: number };

export type StoredRule = {
  id: string;
  name: string;
  preset: PresetId;
  concepts: ConceptMap;
  protect: string[];
  createdAt: number;
  updatedAt: number;
  deletedAt: number | null;
  version: number;
};

/** What D1 has to hear of. `ref` names the row; what is written is that row as it stands when it is written. */
export type OutboxEntry = {
  seq: number;
  kind: 'user' | 'rule' | 'grant';
  ref: string;
  /** When it was put there; 0 when an earlier release did, which noted no time. */
  at: number;
};
