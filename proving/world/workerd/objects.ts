/** Looking into objects, D1 and R2 from outside. */
import { listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { AdminJob } from '../../../server/src/contract/admin.ts';
import type { JobCalls } from '../../../server/src/durable-objects/job-coordinator/calls.ts';
import type { Remote } from '../../../server/src/durable-objects/remote.ts';
import type { UserCalls } from '../../../server/src/durable-objects/user-limiter/calls.ts';

export const userObject = (userId: string) => env.USER_LIMITER.get(env.USER_LIMITER.idFromName(userId));
export const jobObject = (jobId: string) => env.JOB_COORDINATOR.get(env.JOB_COORDINATOR.idFromString(jobId));

/** The same objects, for calls whose answer is a union: see durable-objects/remote.ts. */
export const userRpc = (userId: string): Remote<UserCalls> => userObject(userId);
export const jobRpc = (jobId: string): Remote<JobCalls> => jobObject(jobId);

/** Has D1 hear now of what it is told a moment after each change of a user, by the alarm of his object. */
export async function tellD1({ userId }: { userId: string }): Promise<void> {
  if (!(await runDurableObjectAlarm(userObject(userId)))) throw new Error(`nothing is to be told of ${userId}`);
}

export async function inspect(jobId: string): Promise<AdminJob> {
  const job = await jobRpc(jobId).inspect();
  if (job === null) throw new Error(`no job ${jobId}`);
  return job;
}

/** Names of what the job still owes. */
export async function owed(jobId: string): Promise<string[]> {
  return (await inspect(jobId)).pendingEffects.map(({ name }) => name);
}

/** How many objects exist, of both kinds. */
export async function countObjects(): Promise<number> {
  const [users, jobs] = await Promise.all([
    listDurableObjectIds(env.USER_LIMITER),
    listDurableObjectIds(env.JOB_COORDINATOR),
  ]);
  return users.length + jobs.length;
}

/** Rows of a query in an object's own storage. */
export function sqlIn(stub: DurableObjectStub, query: string, ...values: SqlStorageValue[]) {
  return runInDurableObject(stub, (_, state) => state.storage.sql.exec(query, ...values).toArray());
}

export async function d1(query: string, ...values: (string | number)[]): Promise<Record<string, unknown>[]> {
  return (
    await env.DB.prepare(query)
      .bind(...values)
      .all()
  ).results;
}

/** Keys in R2 that hold this text, such as a job's id. */
export async function keysOf(part: string): Promise<string[]> {
  const { objects } = await env.R2.list();
  return objects.map(({ key }) => key).filter((key) => key.includes(part));
}
