/** `user.*`: plan, credits, limits and receipts. */
import { ledgerInput, ledgerOutput, meOutput } from '../../contract/user.ts';
import { listReceipts } from '../../db/accounts.ts';
import { pageCursor } from '../../db/job-history.ts';
import { fail } from '../errors.ts';
import { router, userProcedure } from '../init.ts';
import { withUser } from '../objects.ts';
import { startOf } from '../pages.ts';

export const userRouter = router({
  me: userProcedure.output(meOutput).query(async ({ ctx }) => {
    const me = await withUser(ctx, ctx.userId, (user) => user.me());
    return me ?? fail('TOKEN_INVALID', 'the token is not valid', null);
  }),

  /** Receipts, newest first. They are history: a charge can appear a moment after its job has ended. */
  ledger: userProcedure
    .input(ledgerInput)
    .output(ledgerOutput)
    .query(async ({ ctx, input }) => {
      // What is new stands on the first page.
      if (input.cursor === undefined) await withUser(ctx, ctx.userId, (user) => user.tellD1());
      const found = await listReceipts(ctx.env.DB, ctx.userId, startOf(input.cursor), input.limit + 1);
      const receipts = found.slice(0, input.limit);
      const last = receipts.at(-1);
      const more = found.length > receipts.length && last !== undefined;
      return { receipts, nextCursor: more ? pageCursor(last.createdAt.getTime(), last.id) : null };
    }),
});
