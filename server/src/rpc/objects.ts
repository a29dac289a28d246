/** Reaching the objects: typed stubs, ids that only name what the server made, and tries again where the platform says so. */
/// <reference path="../node-crypto.d.ts" />
import { hash } from 'node:crypto';
import type { JobCalls } from '../durable-objects/job-coordinator/calls.ts';
import { reach } from '../durable-objects/reach.ts';
import type { Remote } from '../durable-objects/remote.ts';
import type { UserCalls } from '../durable-objects/user-limiter/calls.ts';
import type { Session } from '../durable-objects/user-limiter/state.ts';
import type { Context } from './context.ts';
import { fail } from './errors.ts';

type UserStub = Remote<UserCalls>;
type JobStub = Remote<JobCalls>;

/** @param userId from a verified token, from D1 or from an operator, never from a client's text */
export function withUser<T>(
  { env }: Pick<Context, 'env'>,
  userId: string,
  call: (user: UserStub) => Promise<T>,
): Promise<T> {
  return reach(() => env.USER_LIMITER.get(env.USER_LIMITER.idFromName(userId)), call);
}

/** An id that no job of ours can have is refused here, so that no object comes to be for it. */
export function withJob<T>(
  { env }: Pick<Context, 'env'>,
  jobId: string,
  call: (job: JobStub) => Promise<T>,
): Promise<T> {
  let id: DurableObjectId;
  try {
    id = env.JOB_COORDINATOR.idFromString(jobId);
  } catch {
    return fail('JOB_NOT_FOUND', 'no such job', null);
  }
  return reach(() => env.JOB_COORDINATOR.get(id), call);
}

/** The id of the job that this user's key names: the same key, the same job. */
export function newJobId({ env }: Pick<Context, 'env'>, userId: string, key: string): string {
  return env.JOB_COORDINATOR.idFromName(`${userId}:${key}`).toString();
}

/** The id of the rule that this user's key names: the same key, the same rule. */
export function newRuleId(userId: string, key: string): string {
  const hex = hash('sha256', new TextEncoder().encode(`${userId}:${key}`));
  return `rul_${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')}`;
}

const epochs = new Map<string, { epoch: number; until: number }>();
const MAX_EPOCHS = 10_000;

/** Tokens issued before this moment are void. @param cached whether a minute-old answer will do */
export async function sessionEpoch(ctx: Context, userId: string, cached: boolean): Promise<number> {
  const now = Date.now();
  const known = epochs.get(userId);
  if (cached && known !== undefined && known.until > now) return known.epoch;
  const epoch = await withUser(ctx, userId, (user) => user.sessionEpoch());
  if (epochs.size >= MAX_EPOCHS) epochs.clear();
  epochs.set(userId, { epoch, until: now + ctx.settings.numbers.SESSION_CACHE_MS });
  return epoch;
}

/** Refuses a session that was revoked. @returns the moment from which on the user's tokens are good */
export async function unrevoked(
  ctx: Context,
  userId: string,
  session: Pick<Session, 'issuedAt'>,
  cached: boolean,
): Promise<number> {
  const epoch = await sessionEpoch(ctx, userId, cached);
  if (session.issuedAt < epoch) return fail('TOKEN_INVALID', 'the token is not valid: sign in again', null);
  return epoch;
}
