/** `user.*`: plan, credits, limits and receipts. */

import * as z from 'zod/mini';
import { exportInput, exportOutput } from '../../contract/export.ts';
import { deletedUser, ledgerInput, ledgerOutput, meOutput } from '../../contract/user.ts';
import { listReceipts } from '../../db/accounts.ts';
import { pageOf, startOf } from '../../domain/paging.ts';
import { fail, unwrap } from '../errors.ts';
import { router, SAFE, sessionProcedure, userProcedure } from '../init.ts';
import { inputOf } from '../input.ts';
import { sessionEpoch, withUser } from '../objects.ts';
import { exportUser } from '../user/export.ts';

export const userRouter = router({
  /** The user's plan, credits and limits. */
  me: userProcedure
    .meta(SAFE)
    .output(meOutput)
    .query(async ({ ctx }) => {
      const me = await withUser(ctx, ctx.userId, (user) => user.meOf(ctx.userId));
      return me ?? fail('TOKEN_INVALID', 'the token is not valid: sign in again', null);
    }),

  /** All that is kept of the user, a page at a time: the account and its rules first, then jobs, then receipts. */
  export: userProcedure
    .meta(SAFE)
    .input(inputOf(exportInput))
    .output(exportOutput)
    .query(({ ctx, input }) => exportUser(ctx, ctx.userId, input.cursor)),

  /**
   * Deletes the user with all jobs, photos, rules and receipts, and ends every session; of an account that was never opened nothing is
   * stored, and its token stays good. Live jobs are stopped and what was spent is not returned. Asked again it answers the same.
   */
  delete: sessionProcedure
    .meta(SAFE)
    .input(inputOf(z.void()))
    .output(deletedUser)
    .mutation(async ({ ctx }) => {
      const { goneBy, done } = unwrap(await withUser(ctx, ctx.userId, (user) => user.erase(ctx.session)));
      // This isolate may have thought well of the session.
      await sessionEpoch(ctx, ctx.userId, false);
      return { userId: ctx.userId, goneBy: new Date(goneBy), done };
    }),

  /** Receipts, newest first. They are history: a charge can appear a moment after its job has ended. */
  ledger: userProcedure
    .meta(SAFE)
    .input(inputOf(ledgerInput))
    .output(ledgerOutput)
    .query(async ({ ctx, input }) => {
      const start = unwrap(startOf(input.cursor));
      // What is new stands on the first page.
      const any = unwrap(await withUser(ctx, ctx.userId, (user) => user.query(input.cursor === undefined)));
      if (!any) return { receipts: [], nextCursor: null };
      const found = await listReceipts(ctx.env.DB, ctx.userId, start, input.limit + 1);
      const page = pageOf(found, input.limit, ({ createdAt, id }) => ({ at: +createdAt, id }));
      return { receipts: page.entries, nextCursor: page.nextCursor };
    }),
});
