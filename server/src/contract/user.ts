/** Shapes of `user.*`. Amounts are whole credits; one credit is one photo. */
import * as z from 'zod';
import { cursor, pageSize } from './ids.ts';

export const PLAN_IDS = ['free', 'pro'] as const;
export const planId = z.enum(PLAN_IDS);
export type PlanId = (typeof PLAN_IDS)[number];

const amount = z.number().int();
export const credits = z.object({
  /** What can be spent now. */
  balance: amount,
  /** Set aside for jobs that have not ended. */
  held: amount,
  spent: amount,
  granted: amount,
});
export type Credits = z.infer<typeof credits>;

export const meOutput = z.object({
  userId: z.string(),
  plan: planId,
  credits,
  activeJobs: z.number().int(),
  ruleSlots: z.object({ used: z.number().int(), max: z.number().int() }),
  limits: z.object({
    activeJobs: z.number().int(),
    photosPerJob: z.number().int(),
    ruleSlots: z.number().int(),
    photoBytes: z.number().int(),
  }),
});
export type Me = z.infer<typeof meOutput>;

export const ledgerInput = z.object({ cursor: cursor.optional(), limit: pageSize }).prefault({});
export const receipt = z.object({
  id: z.string(),
  type: z.enum(['grant', 'charge']),
  /** Positive for a grant, negative for a charge. */
  amount,
  /** The job that was charged, or the reason of the grant. */
  ref: z.string().nullable(),
  createdAt: z.date(),
});
export type Receipt = z.infer<typeof receipt>;
export const ledgerOutput = z.object({ receipts: z.array(receipt), nextCursor: z.string().nullable() });
