/** `auth.*`: anonymous accounts and their session tokens. */
import * as z from 'zod';
import { anonInput, session } from '../../contract/auth.ts';
import { hmacKey, mac, toBase64Url } from '../../security/derive.ts';
import { signSession, verifySession } from '../../security/session-token.ts';
import type { Context } from '../context.ts';
import { fail, unwrap } from '../errors.ts';
import { publicProcedure, router, userProcedure } from '../init.ts';
import { sessionEpoch, withUser } from '../objects.ts';

/** Bytes of the user id: 128 bits cannot be guessed. */
const ID_BYTES = 16;

/** The same sign-up key names the same user, without anything being stored for it. */
async function userIdFor(signupKey: string, { settings }: Context): Promise<string> {
  const tag = await mac(await hmacKey(settings.jwtSecret, 'user-id'), signupKey);
  return `usr_${toBase64Url(tag.slice(0, ID_BYTES))}`;
}

export const authRouter = router({
  /** Opens an anonymous account with the free plan's credits. */
  anon: publicProcedure
    .input(anonInput)
    .output(session)
    .mutation(async ({ ctx, input }) => {
      const userId = await userIdFor(input.idempotencyKey ?? crypto.randomUUID(), ctx);
      unwrap(await withUser(ctx, userId, (user) => user.signUp(userId, input.deviceHash ?? null)));
      return signSession(userId, Date.now(), ctx.settings);
    }),

  /** A new token for one that is still good, or that expired less than 30 days ago. */
  renew: publicProcedure.output(session).mutation(async ({ ctx }) => {
    if (ctx.bearer === null) fail('AUTH_REQUIRED', 'a bearer token is needed', null);
    const now = Date.now();
    const check = await verifySession(ctx.bearer, now, ctx.settings, ctx.settings.numbers.TOKEN_RENEW_SECONDS);
    if (!check.ok && check.reason === 'expired') fail('TOKEN_EXPIRED', 'the token expired too long ago', null);
    if (!check.ok) fail('TOKEN_INVALID', 'the token is not valid', null);
    const { userId, issuedAt } = check.claims;
    const epoch = await sessionEpoch(ctx, userId, false);
    if (epoch === null || issuedAt < epoch) fail('TOKEN_INVALID', 'the token is not valid', null);
    return signSession(userId, now, ctx.settings);
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
