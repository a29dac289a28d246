/** `jobs.*`: from photos to a finished set. The job's object decides; this is the door. */
import {
  cancelInput,
  cancelOutput,
  confirmUploadOutput,
  createInput,
  createOutput,
  deleteOutput,
  downloadsInput,
  downloadsOutput,
  estimateInput,
  estimateOutput,
  executeInput,
  executeOutput,
  getOutput,
  jobIdInput,
  listInput,
  listOutput,
  renewUploadsInput,
  renewUploadsOutput,
} from '../../contract/jobs.ts';
import { watchInput } from '../../contract/watch.ts';
import { issueTicket } from '../../security/ticket.ts';
import { unwrap } from '../errors.ts';
import { KEYED, OPEN, publicProcedure, router, SAFE, sessionProcedure, userProcedure } from '../init.ts';
import { inputOf } from '../input.ts';
import { createJob } from '../jobs/create.ts';
import { signDownloads } from '../jobs/downloads.ts';
import { listUserJobs } from '../jobs/list.ts';
import { signUploads } from '../jobs/uploads.ts';
import { viewJob } from '../jobs/view.ts';
import { watchElsewhere } from '../jobs/watch.ts';
import { withJob, withUser } from '../objects.ts';

export const jobsRouter = router({
  /** What a job of that many photos would cost, and whether it would be taken now. */
  estimate: userProcedure
    .meta(SAFE)
    .input(inputOf(estimateInput))
    .output(estimateOutput)
    .query(async ({ ctx, input }) => {
      const { balance, refused } = unwrap(await withUser(ctx, ctx.userId, (user) => user.admit(input.photos)));
      const answer = { credits: input.photos, balance, allowed: refused === null };
      const reason = estimateOutput.shape.reason.safeParse(refused?.refusal.code).data;
      return reason === undefined ? answer : { ...answer, reason };
    }),

  /**
   * Holds a credit a photo, and answers where to upload them. The same key returns the same job. Throws CREDITS_EXHAUSTED,
   * CONCURRENCY_LIMIT, ITEM_LIMIT.
   */
  create: sessionProcedure
    .meta(KEYED)
    .input(inputOf(createInput))
    .output(createOutput)
    .mutation(({ ctx, input }) => createJob(ctx, ctx.userId, ctx.session, input)),

  /** Fresh upload URLs, while the job is `created`, and more time to use them. */
  renewUploads: userProcedure
    .meta(SAFE)
    .input(inputOf(renewUploadsInput))
    .output(renewUploadsOutput)
    .mutation(async ({ ctx, input }) => {
      const { jobId, indexes } = input;
      const renewed = unwrap(await withJob(ctx, jobId, (job) => job.renewUploads(callOf(ctx), indexes)));
      const uploads = signUploads(ctx, { userId: ctx.userId, jobId }, renewed.uploads);
      return { uploads, deadline: new Date(renewed.deadline) };
    }),

  /** Says that all photos are uploaded. UPLOAD_INCOMPLETE names those that are not. */
  confirmUpload: userProcedure
    .meta(SAFE)
    .input(inputOf(jobIdInput))
    .output(confirmUploadOutput)
    .mutation(async ({ ctx, input }) => {
      const { status } = unwrap(await withJob(ctx, input.jobId, (job) => job.confirmUpload(callOf(ctx))));
      return { status };
    }),

  /** Starts the work. */
  execute: userProcedure
    .meta(KEYED)
    .input(inputOf(executeInput))
    .output(executeOutput)
    .mutation(async ({ ctx, input }) => {
      const { jobId, outputTemplate, format, masks = false } = input;
      const rule =
        'ruleId' in input ? unwrap(await withUser(ctx, ctx.userId, (user) => user.getRule(input.ruleId))) : null;
      const { concepts, protect } = 'ruleId' in input ? (rule ?? { concepts: {}, protect: [] }) : input;
      const command = {
        choice: { concepts, protect, outputTemplate, format },
        masks,
        rule: rule === null ? null : { id: rule.id, preset: rule.presetId },
        callbackBase: ctx.settings.publicBaseUrl ?? ctx.origin(),
        idempotencyKey: input.idempotencyKey ?? crypto.randomUUID(),
      };
      const { status } = unwrap(await withJob(ctx, jobId, (job) => job.execute(callOf(ctx), command)));
      const bearer = { userId: ctx.userId, sessionFrom: ctx.session.issuedAt };
      return { status, ticket: issueTicket(jobId, bearer, Date.now(), ctx.settings) };
    }),

  /** A job with its photos. JOB_NOT_FOUND for a foreign job as well. */
  get: userProcedure
    .meta(SAFE)
    .input(inputOf(jobIdInput))
    .output(getOutput)
    .query(({ ctx, input }) => viewJob(ctx, ctx.userId, ctx.session, input.jobId)),

  /** URLs of results, previews and originals, to save under names of your own. JOB_NOT_FOUND once nothing of the job is kept. */
  downloads: userProcedure
    .meta(SAFE)
    .input(inputOf(downloadsInput))
    .output(downloadsOutput)
    .mutation(({ ctx, input }) => signDownloads(ctx, ctx.userId, input)),

  /** The user's jobs, newest first. */
  list: userProcedure
    .meta(SAFE)
    .input(inputOf(listInput))
    .output(listOutput)
    .query(({ ctx, input }) => listUserJobs(ctx, ctx.userId, input.cursor, input.limit)),

  /** Photos that are done are kept and charged, the rest is refunded; in credits. */
  cancel: userProcedure
    .meta(KEYED)
    .input(inputOf(cancelInput))
    .output(cancelOutput)
    .mutation(async ({ ctx, input }) => {
      const key = input.idempotencyKey ?? crypto.randomUUID();
      return unwrap(await withJob(ctx, input.jobId, (job) => job.cancel(callOf(ctx), key)));
    }),

  /** What happens to a job, as it happens: resumed behind `lastEventId`, over at its end. Served over a WebSocket. */
  watch: publicProcedure.meta(OPEN).input(inputOf(watchInput)).subscription(watchElsewhere),

  /** Removes an ended job with its photos. What was charged for it stays on the receipts. */
  delete: userProcedure
    .meta(SAFE)
    .input(inputOf(jobIdInput))
    .output(deleteOutput)
    .mutation(async ({ ctx, input }) => {
      unwrap(await withJob(ctx, input.jobId, (job) => job.remove(callOf(ctx))));
      return { jobId: input.jobId, deleted: true as const };
    }),
});

/** Objects get the two ids only: the context itself cannot cross RPC. */
const callOf = ({ userId, requestId }: { userId: string; requestId: string }) => ({ userId, requestId });
