/** `admin.*`: for operators who hold ADMIN_SECRET. */
import {
  accountOutput,
  adminHealthOutput,
  adminJobInput,
  adminJobOutput,
  adoptInput,
  deleteUserInput,
  grantCreditsInput,
  listDeadLettersInput,
  listDeadLettersOutput,
  reconcileInput,
  reconcileOutput,
  requeueInput,
  requeueOutput,
  setPlanInput,
} from '../../contract/admin.ts';
import { deletedUser, type Me } from '../../contract/user.ts';
import { listDeadLetters } from '../../db/job-history.ts';
import { pageOf, startOf } from '../../domain/paging.ts';
import { reconcile } from '../../reconcile.ts';
import { fail, unwrap } from '../errors.ts';
import { adminProcedure, KEYED, router, SAFE } from '../init.ts';
import { inputOf } from '../input.ts';
import { createJob } from '../jobs/create.ts';
import { withJob, withUser } from '../objects.ts';

const accountOf = ({ userId, plan, credits }: Me) => ({ userId, plan, credits });

export const adminRouter = router({
  setPlan: adminProcedure
    .meta(SAFE)
    .input(inputOf(setPlanInput))
    .output(accountOutput)
    .mutation(async ({ ctx, input }) => {
      return accountOf(unwrap(await withUser(ctx, input.userId, (user) => user.setPlan(input.userId, input.plan))));
    }),

  grantCredits: adminProcedure
    .meta(KEYED)
    .input(inputOf(grantCreditsInput))
    .output(accountOutput)
    .mutation(async ({ ctx, input }) => {
      const { userId, idempotencyKey, amount, reason } = input;
      return accountOf(
        unwrap(await withUser(ctx, userId, (user) => user.grantCredits(userId, idempotencyKey, amount, reason))),
      );
    }),

  /** Opens the account of a user of an earlier service with what he had there, once: one that is open stays as it is. */
  adopt: adminProcedure
    .meta(SAFE)
    .input(inputOf(adoptInput))
    .output(accountOutput)
    .mutation(async ({ ctx, input }) =>
      accountOf(unwrap(await withUser(ctx, input.userId, (user) => user.adopt(input)))),
    ),

  /** The same as `user.delete`, for whoever asks by other means. Asked again it tells how far that is. */
  deleteUser: adminProcedure
    .meta(SAFE)
    .input(inputOf(deleteUserInput))
    .output(deletedUser)
    .mutation(async ({ ctx, input: { userId } }) => {
      const { goneBy, done } = unwrap(await withUser(ctx, userId, (user) => user.erase(null)));
      return { userId, goneBy: new Date(goneBy), done };
    }),

  job: adminProcedure
    .meta(SAFE)
    .input(inputOf(adminJobInput))
    .output(adminJobOutput)
    .query(async ({ ctx, input }) => {
      const job = await withJob(ctx, input.jobId, (stub) => stub.inspect());
      return job ?? fail('JOB_NOT_FOUND', 'no such job', null);
    }),

  listDeadLetters: adminProcedure
    .meta(SAFE)
    .input(inputOf(listDeadLettersInput))
    .output(listDeadLettersOutput)
    .query(async ({ ctx, input }) => {
      const found = await listDeadLetters(ctx.env.DB, unwrap(startOf(input.cursor)), input.limit + 1);
      const page = pageOf(found, input.limit, ({ finished_at, job_id }) => ({ at: finished_at, id: job_id }));
      return {
        deadLetters: page.entries.map(({ job_id, user_id, error, finished_at }) => ({
          jobId: job_id,
          userId: user_id,
          error,
          finishedAt: new Date(finished_at),
        })),
        nextCursor: page.nextCursor,
      };
    }),

  /** The same photos and the same choice as a new job of the same user. */
  requeue: adminProcedure
    .meta(KEYED)
    .input(inputOf(requeueInput))
    .output(requeueOutput)
    .mutation(async ({ ctx, input }) => {
      const recipe = await withJob(ctx, input.jobId, (job) => job.recipe());
      if (recipe === null || recipe.choice === null) return fail('JOB_NOT_FOUND', 'no such executed job', null);
      const { userId, choice, masks, ruleId, preset } = recipe;
      const { idempotencyKey } = input;
      const { jobId } = await createJob(ctx, userId, null, { from: { jobId: input.jobId }, idempotencyKey });
      const command = {
        choice: { ...choice, outputTemplate: choice.outputTemplate ?? undefined },
        masks,
        rule: ruleId === null ? null : { id: ruleId, preset },
        callbackBase: ctx.settings.publicBaseUrl ?? ctx.origin(),
        idempotencyKey,
      };
      const call = { userId, requestId: ctx.requestId };
      const { status } = unwrap(await withJob(ctx, jobId, (job) => job.execute(call, command)));
      return { jobId, status };
    }),

  /** Compares users' objects with D1 and writes again what differs. */
  reconcile: adminProcedure
    .meta(SAFE)
    .input(inputOf(reconcileInput))
    .output(reconcileOutput)
    .mutation(({ ctx, input }) => reconcile(ctx.env, input)),

  health: adminProcedure
    .meta(SAFE)
    .output(adminHealthOutput)
    .query(async ({ ctx }) => {
      const [d1, r2] = await Promise.allSettled([
        ctx.env.DB.prepare('SELECT 1').first(),
        ctx.env.R2.list({ limit: 1, prefix: 'health/' }),
      ]);
      const { gpu, publicBaseUrl } = ctx.settings;
      const unset = [gpu.url === null ? 'GPU_URL' : '', publicBaseUrl === null ? 'PUBLIC_BASE_URL' : ''].filter(
        Boolean,
      );
      return {
        d1: d1.status === 'fulfilled',
        r2: r2.status === 'fulfilled',
        gpuProvider: gpu.provider,
        settings: unset,
      };
    }),
});
