/**
 * Credits and slots of one user. `balance + held + spent = granted` before and after every command.
 * Holds are keyed by job id, so that repeating a command changes nothing. A hold takes one of the plan's job slots until it is
 * settled, or until its job has ended and only the count of its results is missing.
 */
import type { PresetId } from '../contract/presets.ts';
import type { Credits, PlanId } from '../contract/user.ts';
import type { PhotoClaim } from './allowance.ts';
import { PLANS, planOf, SIGN_UP_PLAN } from './plans.ts';
import { ok, type Result, refuse } from './result.ts';

export type Account = Credits & {
  plan: PlanId;
  /** Grows with every change that D1 has to follow. */
  version: number;
};

/** Times are milliseconds since the Unix epoch. */
export type Hold = {
  jobId: string;
  /** Credits set aside, one a photo. */
  amount: number;
  preset: PresetId;
  createdAt: number;
  /** When to ask the job whether it lives; null once settled. */
  checkAt: number | null;
  settledAt: number | null;
  charged: number | null;
  /** How the job ended; null while it lives. */
  outcome: Outcome | null;
  /** The job has ended and what it costs is still to be counted: the credits stay set aside, the job slot is free. */
  slotFree: boolean;
  /** How often in a row the job was asked and did not answer; earlier releases do not count it. */
  unanswered?: number;
  /** Its photos were let through to the GPU; holds of an earlier release have none. */
  claim?: PhotoClaim | undefined;
};
export type Outcome = { status: 'done' | 'failed' | 'canceled'; done: number; failed: number };

export type Reserve = { jobId: string; amount: number; preset: PresetId; checkAt: number };
export type Settle = {
  jobId: string;
  charged: number;
  outcome: Outcome;
  /** Photos that reached the GPU provider, over all attempts; jobs of an earlier release do not say. */
  sent?: number;
  /** How many of these the provider may yet refuse, since it has not answered; the job then tells (`unsent`). */
  unsure?: number;
  /** The job as lists show it; null for one that never came to be, left out by jobs of an earlier release. */
  ended?: EndedJob | null;
};
/** An ended job as lists show it. Times are milliseconds since the Unix epoch. */
export type EndedJob = Outcome & {
  preset: PresetId;
  total: number;
  createdAt: number;
  endedAt: number;
  /** The photo whose preview stands for the job, if one has a preview. Those of earlier releases do not say. */
  cover?: number | undefined;
};

/** Ids of the jobs that take a slot. */
export const takingSlots = (holds: readonly Hold[]): string[] =>
  holds.filter(({ settledAt, slotFree }) => settledAt === null && !slotFree).map(({ jobId }) => jobId);

export function newAccount(plan: PlanId): Account {
  return { plan, balance: 0, held: 0, spent: 0, granted: 0, version: 1 };
}

export function grant(account: Account, amount: number): Account {
  return {
    ...account,
    balance: account.balance + amount,
    granted: account.granted + amount,
    version: account.version + 1,
  };
}

/** A new account. One that is not open yet will have its plan's credits, unless the day's ceilings leave none. */
export const openedWith = (credits = PLANS[SIGN_UP_PLAN].credits): Account => grant(newAccount(SIGN_UP_PLAN), credits);

/** Why a job of `photos` photos cannot be created now; null when it can. `taking` are the ids of the jobs that take a slot. */
export function admission(account: Account, taking: string[], photos: number): Result<null> {
  const plan = planOf(account.plan);
  if (photos > plan.photosPerJob) {
    return refuse(
      'ITEM_LIMIT',
      `photos: the ${account.plan} plan takes at most ${plan.photosPerJob} photos a job, not ${photos}`,
      {
        field: 'photos',
        limit: plan.photosPerJob,
        actual: photos,
      },
    );
  }
  if (taking.length >= plan.activeJobs) {
    return refuse('CONCURRENCY_LIMIT', `the ${account.plan} plan runs ${plan.activeJobs} job(s) at a time`, {
      limit: plan.activeJobs,
      activeJobs: taking,
    });
  }
  if (account.balance < photos) {
    return refuse('CREDITS_EXHAUSTED', `${photos} credits are needed, ${account.balance} are left`, {
      needed: photos,
      balance: account.balance,
    });
  }
  return ok(null);
}

/** Sets credits aside for a job. `existing` is the hold under that job id, if there is one: the same call again changes nothing. */
export function reserve(
  account: Account,
  taking: string[],
  existing: Hold | null,
  command: Reserve,
  now: number,
): Result<{ account: Account; hold: Hold; changed: boolean }> {
  if (existing !== null) {
    if (existing.amount !== command.amount || existing.preset !== command.preset) {
      return refuse('IDEMPOTENCY_CONFLICT', 'idempotencyKey: was used for a job with other photos or another preset', {
        field: 'idempotencyKey',
      });
    }
    return ok({ account, hold: existing, changed: false });
  }
  const admitted = admission(account, taking, command.amount);
  if (!admitted.ok) return admitted;
  const hold: Hold = {
    jobId: command.jobId,
    amount: command.amount,
    preset: command.preset,
    createdAt: now,
    checkAt: command.checkAt,
    settledAt: null,
    charged: null,
    outcome: null,
    slotFree: false,
  };
  const after = { ...account, balance: account.balance - command.amount, held: account.held + command.amount };
  return ok({ account: after, hold, changed: true });
}

/** Ends a hold: `charged` credits are spent, the rest returns to the balance. Once; the same call again changes nothing. */
export function settle(
  account: Account,
  hold: Hold,
  command: Settle,
  now: number,
): Result<{ account: Account; hold: Hold; changed: boolean }> {
  if (hold.settledAt !== null) {
    if (hold.charged !== command.charged) {
      return refuse('IDEMPOTENCY_CONFLICT', `charged: the job was settled at ${hold.charged} credits`, {
        field: 'charged',
      });
    }
    return ok({ account, hold, changed: false });
  }
  if (command.charged < 0 || command.charged > hold.amount) {
    throw new Error(`a job that holds ${hold.amount} credits cannot be charged ${command.charged}`);
  }
  return ok({
    account: {
      ...account,
      balance: account.balance + hold.amount - command.charged,
      held: account.held - hold.amount,
      spent: account.spent + command.charged,
      version: account.version + 1,
    },
    hold: {
      ...hold,
      checkAt: null,
      settledAt: now,
      charged: command.charged,
      outcome: command.outcome,
      slotFree: true,
    },
    changed: true,
  });
}
