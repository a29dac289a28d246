/** tRPC set up once: the transformer, the error shape, and the procedures that the routers build on. */
import { initTRPC } from '@trpc/server';
import superjson from 'superjson';
import type { ErrorCode, Refusal } from '../contract/errors.ts';
import { failure, log } from '../log.ts';
import { addressKey } from '../security/client-address.ts';
import { sameText } from '../security/derive.ts';
import { verifySession } from '../security/session-token.ts';
import { readInput, Unreadable } from '../wire/input.ts';
import { writeOutput } from '../wire/output.ts';
import type { Context } from './context.ts';
import { ApiError, fail, rpcRefusalOf } from './errors.ts';
import { unrevoked } from './objects.ts';
import { countAgainst, mutationKey } from './rate-limit.ts';

/** Of requests whose context was never made, for the error shape: their ids, and why, where tRPC does not say it. */
const requests = new WeakMap<object, { requestId: string; refusal: Refusal | null }>();
export function rememberRequest(error: object, requestId: string, refusal: Refusal | null): void {
  requests.set(error, { requestId, refusal });
}

function read(payload: unknown): unknown {
  const input = readInput(payload);
  return input.ok ? input.value : new Unreadable(input);
}

/** What a caller has to know of a procedure beside its shapes; the client is generated from it. */
export type Kind = {
  /** Needs no bearer token. */
  open?: true;
  /** May be sent again as it is when its answer was lost: the second call finds done what the first did. */
  safe?: true;
  /** Takes an `idempotencyKey`, under which it may be sent again. */
  keyed?: true;
};
export const SAFE: Kind = { safe: true };
export const KEYED: Kind = { keyed: true };
export const OPEN: Kind = { open: true, safe: true };

const builder = initTRPC.context<Context>().meta<Kind>();

const t = builder.create({
  transformer: {
    input: { serialize: superjson.serialize, deserialize: read },
    output: { serialize: writeOutput, deserialize: superjson.deserialize },
  },
  isDev: false,
  errorFormatter: ({ shape, error, ctx }) => {
    const request = requests.get(error);
    const { code: errorCode, message, details } = request?.refusal ?? rpcRefusalOf(error);
    const { code, httpStatus, path } = shape.data;
    const requestId = ctx?.requestId ?? request?.requestId ?? '';
    // `details` follows `errorCode`; contract/errors.ts says how.
    return {
      message,
      code: shape.code,
      data: { code, httpStatus, path, errorCode: errorCode as ErrorCode, details, requestId },
    };
  },
});

export const router = t.router;

/** Turns whatever goes wrong further in into an error of the contract, and logs what should not have happened. */
const errorsOfTheContract = t.middleware(async ({ ctx, path, next }) => {
  const result = await next();
  if (result.ok) return result;
  const refusal = rpcRefusalOf(result.error);
  if (refusal.code === 'INTERNAL_ERROR') {
    log('error', 'rpc.failed', {
      requestId: ctx.requestId,
      path,
      ...failure(result.error.cause ?? result.error),
    });
  }
  throw new ApiError(refusal, result.error);
});

export const publicProcedure = t.procedure.use(errorsOfTheContract);

/**
 * A user's procedure that hands `session` to the user's object with whatever it changes: that object refuses what was revoked, in the
 * same call.
 */
export const sessionProcedure = publicProcedure.use(async ({ ctx, path, type, next }) => {
  if (ctx.bearer === null) fail('AUTH_REQUIRED', 'a bearer token is needed', null);
  const check = await verifySession(ctx.bearer, Date.now(), ctx.settings);
  if (!check.ok && check.reason === 'expired') fail('TOKEN_EXPIRED', 'the token has expired', null);
  if (!check.ok) fail('TOKEN_INVALID', 'the token is not valid: sign in again', null);
  const { userId, issuedAt, signedUpAt, deviceHash } = check.claims;
  if (type === 'mutation') await countAgainst(ctx.env.MUTATION_LIMIT, mutationKey(userId, path));
  const session = { userId, issuedAt, signedUpAt, deviceHash, address: addressKey(ctx.address) };
  return next({ ctx: { ...ctx, userId, session } });
});

/** Any other user's procedure. Whether the token was revoked is asked first: at once for mutations, at most a minute late for queries. */
export const userProcedure = sessionProcedure.use(async ({ ctx, type, next }) => {
  await unrevoked(ctx, ctx.userId, ctx.session, type === 'query');
  return next();
});

/** An operator's procedure: without the secret it does not seem to exist. */
export const adminProcedure = publicProcedure.use(async ({ ctx, next }) => {
  const { adminSecret } = ctx.settings;
  if (adminSecret === null || ctx.bearer === null || !sameText(ctx.bearer, adminSecret)) {
    fail('NOT_FOUND', 'no such procedure', null);
  }
  return next();
});
