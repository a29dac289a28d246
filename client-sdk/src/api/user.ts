/** `user.*`: what the user has and what it was spent on. Amounts are whole credits; one credit is one photo. */
import type { PlanId } from '../../../server/src/contract/user.ts';
import type { Call } from '../transport.ts';
import type { CallOptions, PageInput } from './call.ts';

export type { PlanId };

/** Always `balance + held + spent = granted`. */
export interface Credits {
  /** What can be spent now. */
  balance: number;
  /** Set aside for jobs that have not ended. */
  held: number;
  spent: number;
  granted: number;
}

export interface Me {
  userId: string;
  plan: PlanId;
  credits: Credits;
  /** Jobs that have not ended. */
  activeJobs: number;
  ruleSlots: { used: number; max: number };
  /** The most that the plan allows; `photoBytes` is bytes of one photo. */
  limits: { activeJobs: number; photosPerJob: number; ruleSlots: number; photoBytes: number };
}

/** One movement of credits. */
export interface Receipt {
  id: string;
  type: 'grant' | 'charge';
  /** Positive for a grant, negative for a charge. */
  amount: number;
  /** The job that was charged, or the reason of the grant. */
  ref: string | null;
  createdAt: Date;
}

export interface LedgerPage {
  /** Newest first. */
  receipts: Receipt[];
  /** For the next page; null on the last. */
  nextCursor: string | null;
}

export interface UserApi {
  /** Plan, credits and limits. */
  me(options?: CallOptions): Promise<Me>;
  /** A page of receipts. */
  ledger(input?: PageInput, options?: CallOptions): Promise<LedgerPage>;
}

export function userApi(call: Call): UserApi {
  return {
    me: (options) => call('user.me', undefined, options),
    ledger: (input, options) => call('user.ledger', input, options),
  };
}
