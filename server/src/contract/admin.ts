/** Shapes of `admin.*`, for operators only. */
import * as z from 'zod/mini';
import { cursor, idempotencyKey, jobId, pageInput, userId } from './ids.ts';
import { rule } from './rules.ts';
import { list, text, trimmed, whole } from './schema.ts';
import { credits, planId } from './user.ts';

export const setPlanInput = z.object({ userId, plan: planId });
export const grantCreditsInput = z.object({
  userId,
  amount: whole(1, 1_000_000),
  reason: trimmed(1, 200),
  /** The same key grants once. */
  idempotencyKey,
});
/** A text of an earlier service, whatever it is good for. */
const old = text(0, 10_000);

/** A user of an earlier service, as its database has him. Times are milliseconds since the Unix epoch. */
export const adoptInput = z.object({
  userId,
  /** A name that this release does not know is kept, and counts as `free`. */
  plan: text(1, 64),
  /** What he has left. */
  credits: whole(0, Number.MAX_SAFE_INTEGER),
  deviceHash: z.nullable(old),
  createdAt: z.int(),
  rules: list(
    z.object({
      ...rule.shape,
      id: old,
      name: old,
      protect: list(old, 0, 1_000),
      createdAt: z.int(),
      updatedAt: z.int(),
    }),
    0,
    1_000,
  ),
});
export type Adopted = z.infer<typeof adoptInput>;
export const accountOutput = z.object({ userId: z.string(), plan: planId, credits });

export const deleteUserInput = z.object({ userId });

export const adminJobInput = z.object({ jobId });
/** Everything an operator needs to tell why a job stands where it stands. Times are milliseconds since the Unix epoch. */
export const adminJobOutput = z.object({
  jobId: z.string(),
  userId: z.string(),
  status: z.string(),
  total: z.int(),
  done: z.int(),
  failed: z.int(),
  /** Photos of which a result came after the end, and changed nothing. */
  late: z.int(),
  /** The number of the last run. */
  attempt: z.int(),
  /** How far all runs together got, one of their names at the provider, and the last of their leases. */
  dispatch: z.string(),
  providerId: z.nullable(z.string()),
  leaseUntil: z.nullable(z.number()),
  /** Runs that are out. `photos`: those of it that are open; `refusals`: how often the provider said that it does not take it now. */
  runs: z.array(
    z.object({
      attempt: z.int(),
      photos: z.int(),
      dispatch: z.string(),
      begun: z.boolean(),
      providerId: z.nullable(z.string()),
      leaseUntil: z.number(),
      refusals: z.int(),
    }),
  ),
  /** Open photos that are in no run yet. */
  waitingPhotos: z.int(),
  /** What the provider said when it refused a run or gave one up last. */
  providerSaid: z.nullable(z.object({ attempt: z.int(), at: z.number(), words: z.string() })),
  nextAlarm: z.nullable(z.number()),
  pendingEffects: z.array(z.object({ name: z.string(), tries: z.int(), due: z.number() })),
  error: z.nullable(z.string()),
  charged: z.nullable(z.int()),
});
export type AdminJob = z.infer<typeof adminJobOutput>;

export const listDeadLettersInput = pageInput;
export const listDeadLettersOutput = z.object({
  deadLetters: z.array(z.object({ jobId: z.string(), userId: z.string(), error: z.string(), finishedAt: z.date() })),
  nextCursor: z.nullable(z.string()),
});

export const requeueInput = z.object({ jobId, idempotencyKey });
export const requeueOutput = z.object({ jobId: z.string(), status: z.string() });

export const reconcileInput = z.prefault(z.object({ userId: z.optional(userId), cursor: z.optional(cursor) }), {});
export const reconcileOutput = z.object({
  checked: z.int(),
  differences: z.array(
    z.object({ userId: z.string(), field: z.string(), object: z.string(), d1: z.string(), repaired: z.boolean() }),
  ),
  nextCursor: z.nullable(z.string()),
});
export type ReconcileReport = z.infer<typeof reconcileOutput>;

export const adminHealthOutput = z.object({
  d1: z.boolean(),
  r2: z.boolean(),
  gpuProvider: z.string(),
  settings: z.array(z.string()),
});
