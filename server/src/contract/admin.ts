/** Shapes of `admin.*`, for operators only. */
import * as z from 'zod';
import { cursor, idempotencyKey, jobId, pageSize, userId } from './ids.ts';
import { credits, planId } from './user.ts';

export const setPlanInput = z.object({ userId, plan: planId });
export const grantCreditsInput = z.object({
  userId,
  amount: z.number().int().min(1).max(1_000_000),
  reason: z.string().trim().min(1).max(200),
  /** The same key grants once. */
  idempotencyKey,
});
export const accountOutput = z.object({ userId: z.string(), plan: planId, credits });

export const adminJobInput = z.object({ jobId });
/** Everything an operator needs to tell why a job stands where it stands. Times are milliseconds since the Unix epoch. */
export const adminJobOutput = z.object({
  jobId: z.string(),
  userId: z.string(),
  status: z.string(),
  total: z.number().int(),
  done: z.number().int(),
  failed: z.number().int(),
  attempt: z.number().int(),
  dispatch: z.string(),
  providerId: z.string().nullable(),
  leaseUntil: z.number().nullable(),
  nextAlarm: z.number().nullable(),
  pendingEffects: z.array(z.object({ name: z.string(), tries: z.number().int(), due: z.number() })),
  error: z.string().nullable(),
  charged: z.number().int().nullable(),
});
export type AdminJob = z.infer<typeof adminJobOutput>;

export const listDeadLettersInput = z.object({ cursor: cursor.optional(), limit: pageSize }).prefault({});
export const listDeadLettersOutput = z.object({
  deadLetters: z.array(z.object({ jobId: z.string(), userId: z.string(), error: z.string(), finishedAt: z.date() })),
  nextCursor: z.string().nullable(),
});

export const requeueInput = z.object({ jobId, idempotencyKey });
export const requeueOutput = z.object({ jobId: z.string(), status: z.string() });

export const reconcileInput = z.object({ userId: userId.optional(), cursor: cursor.optional() }).prefault({});
export const reconcileOutput = z.object({
  checked: z.number().int(),
  differences: z.array(
    z.object({ userId: z.string(), field: z.string(), object: z.string(), d1: z.string(), repaired: z.boolean() }),
  ),
  nextCursor: z.string().nullable(),
});
export type ReconcileReport = z.infer<typeof reconcileOutput>;

export const adminHealthOutput = z.object({
  d1: z.boolean(),
  r2: z.boolean(),
  gpuProvider: z.string(),
  settings: z.array(z.string()),
});
