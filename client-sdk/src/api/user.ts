/** `user.*`: what the user has and what it was spent on. Amounts are whole credits; one credit is one photo. */
import type { Call } from '../transport.ts';
import type { CallOptions, PageInput } from './call.ts';
import { type Paged, paged } from './pages.ts';

export type PlanId = 'free' | 'pro';

/** Always `balance + held + spent = granted`. */
export interface Credits {
  balance: number;
  /** For jobs that have not ended. */
  held: number;
  spent: number;
  granted: number;
}

export interface Me {
  userId: string;
  plan: PlanId;
  credits: Credits;
  activeJobs: number;
  ruleSlots: { used: number; max: number };
  /** The plan's. `photoBytes`: of one photo. */
  limits: { activeJobs: number; photosPerJob: number; ruleSlots: number; photoBytes: number };
}

export interface Receipt {
  id: string;
  type: 'grant' | 'charge';
  /** Negative for a charge. */
  amount: number;
  /** The job that was charged, or the reason of the grant. */
  ref: string | null;
  createdAt: Date;
}

export interface LedgerPage {
  /** Newest first. */
  receipts: Receipt[];
  /** Null on the last page. */
  nextCursor: string | null;
}

export interface UserApi {
  me(options?: CallOptions): Promise<Me>;
  /** `await` gives a page, `for await` the receipts, page after page. */
  ledger(input?: PageInput, options?: CallOptions): Paged<LedgerPage, Receipt>;
}

export function userApi(call: Call): UserApi {
  return {
    me: (options) => call('user.me', undefined, options),
    ledger: (input, options) =>
      paged(
        (page, rest) => call('user.ledger', page, rest),
        ({ receipts }) => receipts,
        input,
        options,
      ),
  };
}
