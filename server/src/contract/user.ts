/** Shapes of `user.*`. Amounts are whole credits; one credit is one photo. */
import * as z from 'zod/mini';
import { pageInput } from './ids.ts';

export const PLAN_IDS = ['free', 'pro'] as const;
export const planId = z.enum(PLAN_IDS);
export type PlanId = (typeof PLAN_IDS)[number];

const amount = z.int();
/** Always `balance + held + spent = granted`. */
export const credits = z.object({
  /** What can be spent now. */
  balance: amount,
  /** For jobs that have not ended. */
  held: amount,
  spent: amount,
  granted: amount,
});
export type Credits = z.infer<typeof credits>;

export const meOutput = z.object({
  userId: z.string(),
  plan: planId,
  credits,
  activeJobs: z.int(),
  ruleSlots: z.object({ used: z.int(), max: z.int() }),
  /** The plan's. */
  limits: z.object({
    activeJobs: z.int(),
    photosPerJob: z.int(),
    ruleSlots: z.int(),
    /** Of one photo. */
    photoBytes: z.int(),
  }),
});
export type Me = z.infer<typeof meOutput>;

/** What becomes of a user who is being deleted. Asking again gives the same answer. */
export const deletedUser = z.object({
  userId: z.string(),
  /** When the last URL ends under which something can still be written, and all that is left goes. */
  goneBy: z.date(),
  /** Whether everything is gone. */
  done: z.boolean(),
});
export type DeletedUser = z.infer<typeof deletedUser>;

export const ledgerInput = pageInput;
export const receipt = z.object({
  id: z.string(),
  type: z.enum(['grant', 'charge']),
  /** Positive for a grant, negative for a charge. */
  amount,
  /** The job that was charged, or the reason of the grant. */
  ref: z.nullable(z.string()),
  createdAt: z.date(),
});
export type Receipt = z.infer<typeof receipt>;
export const ledgerOutput = z.object({
  /** Newest first. */
  receipts: z.array(receipt),
  /** Null on the last page. */
  nextCursor: z.nullable(z.string()),
});
export type LedgerPage = z.infer<typeof ledgerOutput>;
