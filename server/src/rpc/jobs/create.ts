/** Creates a job, or finds the one that its key has made: the saga between the user's object and the jobs'. */
import type { CreateInput } from '../../contract/jobs.ts';
import { findJob } from '../../db/job-history.ts';
import type { Session } from '../../durable-objects/user-limiter/state.ts';
import type { Context } from '../context.ts';
import { unwrap } from '../errors.ts';
import { newJobId, unrevoked, withJob, withUser } from '../objects.ts';
import { type CreatePorts, CreateSaga } from './create-saga.ts';
import { signUploads } from './uploads.ts';

/** @param session null when an operator asks */
export async function createJob(ctx: Context, userId: string, session: Session | null, input: CreateInput) {
  const jobId = newJobId(ctx, userId, input.idempotencyKey ?? crypto.randomUUID());
  const saga = new CreateSaga(portsOf(ctx, userId, session));
  const { status, deadline, uploads } = unwrap(await saga.run(jobId, input));
  return {
    jobId,
    status,
    uploads: signUploads(ctx, { userId, jobId }, uploads),
    deadline: deadline === null ? null : new Date(deadline),
  };
}

function portsOf(ctx: Context, userId: string, session: Session | null): CreatePorts {
  const call = { userId, requestId: ctx.requestId };
  return {
    admit: async () => {
      if (session !== null) await unrevoked(ctx, userId, session, false);
    },
    reserve: (command) => withUser(ctx, userId, (user) => user.reserve(session, command)),
    recheck: (jobId) => withUser(ctx, userId, (user) => user.recheck(jobId)),
    loan: (jobId, indexes) => withJob(ctx, jobId, (job) => job.loan(call, indexes)),
    lend: (jobId, dependent) => withJob(ctx, jobId, (job) => job.lend(call, dependent)),
    create: (jobId, plan) => withJob(ctx, jobId, (job) => job.create({ userId, ...plan })),
    again: (jobId, input) => withJob(ctx, jobId, (job) => job.again(call, input)),
    past: async (jobId) => (await findJob(ctx.env.DB, userId, jobId))?.summary ?? null,
  };
}
