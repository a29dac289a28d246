/** tRPC for the test server: the same transformer, error shape and session check as the server's own. */
import { initTRPC } from '@trpc/server';
import superjson from 'superjson';
import type { Session } from '../../../server/src/durable-objects/user-limiter/state.ts';
import { ApiError, fail, rpcRefusalOf } from '../../../server/src/rpc/errors.ts';
import type { TestAccount } from './account.ts';
import type { FaultTarget } from './faults.ts';
import type { World } from './world.ts';

export interface TestContext {
  world: World;
  requestId: string;
  bearer: string | null;
}

/** Behind a session. */
export interface UserContext extends TestContext {
  session: Session;
  userId: string;
  account: TestAccount;
}

const t = initTRPC.context<TestContext>().create({
  transformer: superjson,
  isDev: false,
  errorFormatter: ({ shape, error, ctx }) => {
    const { code: errorCode, message, details } = rpcRefusalOf(error);
    const { code, httpStatus, path } = shape.data;
    return {
      message,
      code: shape.code,
      data: { code, httpStatus, path, errorCode, details, requestId: ctx?.requestId ?? '' },
    };
  },
});

export const { router } = t;

/** With the errors of the contract, and the refusals that a test asked for. */
export const openProcedure = t.procedure.use(async ({ ctx, path, next }) => {
  const refusal = ctx.world.faults.refusalOf(path as FaultTarget);
  if (refusal !== null) throw new ApiError(refusal);
  const result = await next();
  if (result.ok) return result;
  throw new ApiError(rpcRefusalOf(result.error), result.error);
});

/** The session behind a bearer token, revoked or not; refuses one that is missing, unknown, or expired for longer than `lateMs`. */
export function knownSession({ world, bearer }: TestContext, lateMs = 0) {
  if (bearer === null) fail('AUTH_REQUIRED', 'a bearer token is needed', null);
  const known = world.sessions.get(bearer) ?? fail('TOKEN_INVALID', 'the token is not valid: sign in again', null);
  const { userId, issuedAt, expiresAt } = known;
  if (world.clock.now() >= expiresAt + lateMs) fail('TOKEN_EXPIRED', 'the token has expired', null);
  const account = world.accounts.get(userId) ?? fail('TOKEN_INVALID', 'the token is not valid: sign in again', null);
  return { userId, account, session: account.session(issuedAt) };
}

/** The same; refuses one that was revoked as well. */
export function sessionOf(ctx: TestContext, lateMs = 0) {
  const found = knownSession(ctx, lateMs);
  const isVoid = found.session.issuedAt < found.account.access.sessionEpoch();
  return isVoid ? fail('TOKEN_INVALID', 'the token is not valid: sign in again', null) : found;
}

export const userProcedure = openProcedure.use(({ ctx, next }) => next({ ctx: { ...ctx, ...sessionOf(ctx) } }));
