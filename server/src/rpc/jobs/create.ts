/**
 * The create saga: reserve credits at the user's object, then create at the job's. Both steps may be repeated. When an
 * answer is lost in between, nothing is released here: the user's object asks the job when the hold's check time comes.
 */
import type { CreateInput } from '../../contract/jobs.ts';
import type { Loan } from '../../domain/job/create.ts';
import { type Result, refuse } from '../../domain/result.ts';
import type { JobSnapshot, UploadSlot } from '../../durable-objects/job-coordinator/view.ts';
import type { Session } from '../../durable-objects/user-limiter/index.ts';
import type { Context } from '../context.ts';
import { ApiError, unwrap } from '../errors.ts';
import { newJobId, unrevoked, withJob, withUser } from '../objects.ts';
import { signUploads } from './uploads.ts';

type Plan = Omit<Loan, 'source'> & { source: Loan['source'] | null };
type Created = { snapshot: JobSnapshot; uploads: UploadSlot[] };

export async function createJob(ctx: Context, userId: string, session: Session | null, input: CreateInput) {
  const jobId = newJobId(ctx, userId, input.idempotencyKey ?? crypto.randomUUID());
  const plan = await planOf(ctx, userId, session, input);
  const { preset, photos } = plan;
  const { settled } = unwrap(
    await withUser(ctx, userId, (user) => user.reserve(session, { jobId, preset, amount: photos.length })),
  );
  const created = settled ? await endedBefore(ctx, userId, jobId) : await createReserved(ctx, userId, jobId, plan);
  const { snapshot, uploads } = unwrap(created);
  return {
    jobId,
    status: snapshot.status,
    uploads: signUploads(ctx, { userId, jobId }, uploads),
    deadline: snapshot.deadline === null ? null : new Date(snapshot.deadline),
  };
}

async function planOf(ctx: Context, userId: string, session: Session | null, input: CreateInput): Promise<Plan> {
  if (!('from' in input)) return { preset: input.preset, photos: input.photos, source: null };
  // Another job says whether it may be used, before the user's object is asked.
  if (session !== null) await unrevoked(ctx, userId, session, false);
  const { jobId, indexes } = input.from;
  return unwrap(await withJob(ctx, jobId, (job) => job.loan({ userId, requestId: ctx.requestId }, indexes)));
}

async function createReserved(ctx: Context, userId: string, jobId: string, plan: Plan): Promise<Result<Created>> {
  const created = await lendAndCreate(ctx, userId, jobId, plan);
  // Refused for certain, so no need to let the credits wait for their check time.
  if (!created.ok) await withUser(ctx, userId, (user) => user.recheck(jobId));
  return created;
}

async function lendAndCreate(ctx: Context, userId: string, jobId: string, plan: Plan): Promise<Result<Created>> {
  const { source } = plan;
  if (source !== null) {
    const call = { userId, requestId: ctx.requestId };
    const lent = await withJob(ctx, source.jobId, (job) => job.lend(call, jobId));
    if (!lent.ok) return lent;
  }
  return withJob(ctx, jobId, (job) => job.create({ userId, ...plan }));
}

/** The key was used for a job that is over. It is shown as it is; nothing new is started. */
async function endedBefore(ctx: Context, userId: string, jobId: string): Promise<Result<Created>> {
  const found = await withJob(ctx, jobId, (job) => job.get({ userId, requestId: ctx.requestId }));
  if (found.ok && found.value !== null) return { ok: true, value: { snapshot: found.value, uploads: [] } };
  throw new ApiError(
    refuse('IDEMPOTENCY_CONFLICT', 'idempotencyKey: was used for a job that is gone', { field: 'idempotencyKey' })
      .refusal,
  );
}
