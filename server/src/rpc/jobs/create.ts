/**
 * The create saga: reserve credits at the user's object, then create at the job's. Both steps may be repeated. When an
 * answer is lost in between, nothing is released here: the user's object asks the job when the hold's check time comes.
 */
import type { CreateInput, JobStatus } from '../../contract/jobs.ts';
import { findJob } from '../../db/job-history.ts';
import { jobGone, type Loan } from '../../domain/job/create.ts';
import { ok, type Refused, type Result } from '../../domain/result.ts';
import type { UploadSlot } from '../../durable-objects/job-coordinator/view.ts';
import type { Session } from '../../durable-objects/user-limiter/state.ts';
import type { Context } from '../context.ts';
import { unwrap } from '../errors.ts';
import { newJobId, unrevoked, withJob, withUser } from '../objects.ts';
import { signUploads } from './uploads.ts';

type Plan = Omit<Loan, 'source'> & { source: Loan['source'] | null };
type Made = { status: JobStatus; deadline: number | null; uploads: UploadSlot[] };

export async function createJob(ctx: Context, userId: string, session: Session | null, input: CreateInput) {
  const jobId = newJobId(ctx, userId, input.idempotencyKey ?? crypto.randomUUID());
  const plan = await planOf(ctx, userId, session, input);
  const made = plan.ok
    ? await reserveAndCreate(ctx, userId, session, jobId, input, plan.value)
    : await orMadeBefore(ctx, userId, jobId, input, plan);
  const { status, deadline, uploads } = unwrap(made);
  return {
    jobId,
    status,
    uploads: signUploads(ctx, { userId, jobId }, uploads),
    deadline: deadline === null ? null : new Date(deadline),
  };
}

async function planOf(
  ctx: Context,
  userId: string,
  session: Session | null,
  input: CreateInput,
): Promise<Result<Plan>> {
  if (!('from' in input)) return ok({ preset: input.preset, photos: input.photos, source: null });
  // Another job says whether it may be used, before the user's object is asked.
  if (session !== null) await unrevoked(ctx, userId, session, false);
  const { jobId, indexes } = input.from;
  return withJob(ctx, jobId, (job) => job.loan({ userId, requestId: ctx.requestId }, indexes));
}

async function reserveAndCreate(
  ctx: Context,
  userId: string,
  session: Session | null,
  jobId: string,
  input: CreateInput,
  plan: Plan,
): Promise<Result<Made>> {
  const { preset, photos } = plan;
  const { settled } = unwrap(
    await withUser(ctx, userId, (user) => user.reserve(session, { jobId, preset, amount: photos.length })),
  );
  if (settled) return orMadeBefore(ctx, userId, jobId, input, jobGone());
  const made = await lendAndCreate(ctx, userId, jobId, input, plan);
  // Refused for certain, so no need to let the credits wait for their check time.
  if (!made.ok) await withUser(ctx, userId, (user) => user.recheck(jobId));
  return made;
}

async function lendAndCreate(
  ctx: Context,
  userId: string,
  jobId: string,
  input: CreateInput,
  plan: Plan,
): Promise<Result<Made>> {
  const { source } = plan;
  if (source !== null) {
    const call = { userId, requestId: ctx.requestId };
    const lent = await withJob(ctx, source.jobId, (job) => job.lend(call, jobId));
    if (!lent.ok) return orMadeBefore(ctx, userId, jobId, input, lent);
  }
  const created = await withJob(ctx, jobId, (job) => job.create({ userId, ...plan }));
  return created.ok ? ok({ ...created.value.snapshot, uploads: created.value.uploads }) : created;
}

/**
 * The job that the key was used for before: it is shown as it is, whatever became since of the photos that it was made from. Nothing new
 * is started; without such a job, `refused` stands.
 */
async function orMadeBefore(
  ctx: Context,
  userId: string,
  jobId: string,
  input: CreateInput,
  refused: Refused,
): Promise<Result<Made>> {
  if (input.idempotencyKey === undefined) return refused;
  const found = await withJob(ctx, jobId, (job) => job.again({ userId, requestId: ctx.requestId }, input));
  if (!found.ok) return found;
  if (found.value !== null) return ok({ ...found.value, uploads: [] });
  // Its object may be gone already, and then history has it.
  const past = await findJob(ctx.env.DB, userId, jobId);
  if (past === null) return refused;
  const { status, preset, progress } = past.summary;
  if (!('from' in input) && (preset !== input.preset || progress.total !== input.photos.length)) return jobGone();
  return ok({ status, deadline: null, uploads: [] });
}
