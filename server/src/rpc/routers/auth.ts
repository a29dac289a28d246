/** `auth.*`: anonymous accounts and their session tokens. */
import { anonInput, revokeInput, session } from '../../contract/auth.ts';
import { invalid } from '../../domain/result.ts';
import { ageOfKey, nameOfKey, timeOfKey, usedLongAgo } from '../../domain/sign-up.ts';
import { addressKey } from '../../security/client-address.ts';
import { signSession, verifySession } from '../../security/session-token.ts';
import { checkHuman } from '../../security/turnstile.ts';
import { repeatKeyOf, userIdFor } from '../../security/user-id.ts';
import type { Context } from '../context.ts';
import { ApiError, fail, unwrap } from '../errors.ts';
import { KEYED, publicProcedure, router, SAFE, sessionProcedure } from '../init.ts';
import { inputOf } from '../input.ts';
import { sessionEpoch, unrevoked, withUser } from '../objects.ts';
import { countAgainst, countSignUp, mutationKey } from '../rate-limit.ts';

/** Refuses whom Turnstile does not take for human, and everybody while it cannot be asked. */
async function mustBeHuman(isAsked: boolean, token: string | undefined, userId: string, ctx: Context): Promise<void> {
  const visitor = { isAsked, token, address: ctx.address, repeatKey: () => repeatKeyOf(userId, ctx.settings) };
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
  /** A token for an anonymous account, which its first change opens. A key that does not tell its age opens it at once. */
  anon: publicProcedure
    .meta({ open: true, keyed: true })
    .input(inputOf(anonInput))
    .output(session)
    .mutation(async ({ ctx, input }) => {
      const { settings } = ctx;
      const address = addressKey(ctx.address);
      const rate = await countSignUp(ctx.env.SIGNUP_LIMIT, address, settings);
      const now = Date.now();
      const asked = input.idempotencyKey ?? null;
      const age = asked === null ? 'fresh' : ageOfKey(asked, now, settings.numbers.SIGNUP_REPEAT_MS);
      const key = asked === null ? null : nameOfKey(asked, age);
      if (age === 'late') throw new ApiError(usedLongAgo().refusal);
      const userId = userIdFor(key ?? crypto.randomUUID(), settings);
      await mustBeHuman(rate === 'beyond', input.turnstileToken, userId, ctx);
      const signedUpAt = Math.min(now, (age === 'fresh' && key !== null ? timeOfKey(key) : null) ?? now);
      const claims = { signedUpAt, deviceHash: input.deviceHash ?? null };
      if (age === 'timeless')
        unwrap(await withUser(ctx, userId, (user) => user.signUp({ userId, address, ...claims })));
      return signSession(userId, claims, now, settings);
    }),

  /** A new token for one that is still good, or that expired less than 30 days ago. */
  renew: publicProcedure
    .meta(SAFE)
    .output(session)
    .mutation(async ({ ctx, path }) => {
      if (ctx.bearer === null) fail('AUTH_REQUIRED', 'a bearer token is needed', null);
      const now = Date.now();
      const check = await verifySession(ctx.bearer, now, ctx.settings, ctx.settings.numbers.TOKEN_RENEW_SECONDS);
      if (!check.ok && check.reason === 'expired') fail('TOKEN_EXPIRED', 'the token expired too long ago', null);
      if (!check.ok) fail('TOKEN_INVALID', 'the token is not valid: sign in again', null);
      const { userId } = check.claims;
      await countAgainst(ctx.env.MUTATION_LIMIT, mutationKey(userId, path));
      const epoch = await unrevoked(ctx, userId, check.claims, false);
      // A revocation may lie ahead of this machine's clock.
      return signSession(userId, check.claims, Math.max(now, epoch), ctx.settings);
    }),

  /**
   * Ends every token issued before now and answers with a new one: an anonymous user has no other way back in. So the same key again, with
   * a token that was good then, is answered with one as well.
   */
  revoke: sessionProcedure
    .meta(KEYED)
    .input(inputOf(revokeInput))
    .output(session)
    .mutation(async ({ ctx, input }) => {
      const key = input?.idempotencyKey ?? null;
      const epoch = unwrap(await withUser(ctx, ctx.userId, (user) => user.revokeSessions(ctx.session, key)));
      await sessionEpoch(ctx, ctx.userId, false);
      return signSession(ctx.userId, ctx.session, epoch, ctx.settings);
    }),
});
