/** `auth.*`: anonymous accounts and their session tokens. */
import * as z from 'zod/mini';
import { anonInput, session } from '../../contract/auth.ts';
import { invalid } from '../../domain/result.ts';
import { addressKey } from '../../security/client-address.ts';
import { hmacKey, mac } from '../../security/derive.ts';
import { signSession, verifySession } from '../../security/session-token.ts';
import { checkHuman } from '../../security/turnstile.ts';
import type { Context } from '../context.ts';
import { ApiError, fail, unwrap } from '../errors.ts';
import { publicProcedure, router, userProcedure } from '../init.ts';
import { sessionEpoch, unrevoked, withUser } from '../objects.ts';
import { countAgainst, mutationKey } from '../rate-limit.ts';

/** Characters of the user id, six bits each: 132 bits cannot be guessed. */
const ID_LENGTH = 22;

/** The same sign-up key names the same user, without anything being stored for it. */
function userIdFor(signupKey: string, { settings }: Context): string {
  return `usr_${mac(hmacKey(settings.jwtSecret, 'user-id'), signupKey, 'base64url').slice(0, ID_LENGTH)}`;
}

/** The same user id gives the same UUID. */
function repeatKeyOf(userId: string, { settings }: Context): string {
  const hex = mac(hmacKey(settings.jwtSecret, 'turnstile'), userId, 'hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}

/** Refuses whom Turnstile does not take for human, and everybody while it cannot be asked. */
async function mustBeHuman(token: string | undefined, userId: string, ctx: Context): Promise<void> {
  const visitor = { token, address: ctx.address, repeatKey: () => repeatKeyOf(userId, ctx) };
  const check = await checkHuman(visitor, ctx.settings);
  switch (check) {
    case 'passed':
      return;
    case 'missing':
      throw new ApiError(invalid('turnstileToken', 'is needed to sign up').refusal);
    case 'refused':
      throw new ApiError(invalid('turnstileToken', 'was refused, or used before: solve it again').refusal);
    case 'unreachable':
      fail('SERVICE_UNAVAILABLE', 'sign-ups cannot be verified now, try again', { settings: [] });
  }
}

export const authRouter = router({
  /** Opens an anonymous account with the free plan's credits. */
  anon: publicProcedure
    .input(anonInput)
    .output(session)
    .mutation(async ({ ctx, input }) => {
      await countAgainst(ctx.env.SIGNUP_LIMIT, addressKey(ctx.address));
      const userId = userIdFor(input.idempotencyKey ?? crypto.randomUUID(), ctx);
      await mustBeHuman(input.turnstileToken, userId, ctx);
      unwrap(await withUser(ctx, userId, (user) => user.signUp(userId, input.deviceHash ?? null)));
      return signSession(userId, Date.now(), ctx.settings);
    }),

  /** A new token for one that is still good, or that expired less than 30 days ago. */
  renew: publicProcedure.output(session).mutation(async ({ ctx, path }) => {
    if (ctx.bearer === null) fail('AUTH_REQUIRED', 'a bearer token is needed', null);
    const now = Date.now();
    const check = await verifySession(ctx.bearer, now, ctx.settings, ctx.settings.numbers.TOKEN_RENEW_SECONDS);
    if (!check.ok && check.reason === 'expired') fail('TOKEN_EXPIRED', 'the token expired too long ago', null);
    if (!check.ok) fail('TOKEN_INVALID', 'the token is not valid', null);
    const { userId, issuedAt } = check.claims;
    await countAgainst(ctx.env.MUTATION_LIMIT, mutationKey(userId, path));
    const epoch = await unrevoked(ctx, userId, { issuedAt }, false);
    // A revocation may lie ahead of this machine's clock.
    return signSession(userId, Math.max(now, epoch), ctx.settings);
  }),

  /** Ends every token issued before now and answers with a new one: an anonymous user has no other way back in. */
  revoke: userProcedure
    .input(z.void())
    .output(session)
    .mutation(async ({ ctx }) => {
      const epoch = await withUser(ctx, ctx.userId, (user) => user.revokeSessions());
      await sessionEpoch(ctx, ctx.userId, false);
      return signSession(ctx.userId, epoch, ctx.settings);
    }),
});
