/** `jobs.*` of the test server: the contract's schemas in front, the server's own jobs behind. */
import {
  type CreateInput,
  cancelInput,
  createInput,
  downloadsInput,
  estimateInput,
  estimateOutput,
  executeInput,
  jobIdInput,
  listInput,
  renewUploadsInput,
} from '../../../server/src/contract/jobs.ts';
import { watchInput } from '../../../server/src/contract/watch.ts';
import { inputKey } from '../../../server/src/domain/keys.ts';
import { ok } from '../../../server/src/domain/result.ts';
import { notFound } from '../../../server/src/durable-objects/job-coordinator/owner-calls.ts';
import type { JobExport, UploadSlot } from '../../../server/src/durable-objects/job-coordinator/view.ts';
import { fail, unwrap } from '../../../server/src/rpc/errors.ts';
import { type CreatePorts, CreateSaga } from '../../../server/src/rpc/jobs/create-saga.ts';
import { fileKey, listedJob, pictured, shownJob } from '../../../server/src/rpc/jobs/shown.ts';
import { openProcedure, router, type UserContext, userProcedure } from './init.ts';
import { TestJob } from './job.ts';
import { issueTicket, jobsOf } from './job-view.ts';
import { pageOf } from './pages.ts';
import type { World } from './world.ts';

const jobOf = ({ world }: UserContext, jobId: string): TestJob =>
  world.jobs.get(jobId) ?? fail('JOB_NOT_FOUND', 'no such job', null);

/** The same key names the same job. */
function jobIdOf({ world, userId }: UserContext, key: string | undefined): string {
  if (key === undefined) return world.unique('', 64);
  const name = `${userId}:${key}`;
  const id = world.jobIds.get(name) ?? world.unique('', 64);
  world.jobIds.set(name, id);
  return id;
}

async function createJob(ctx: UserContext, input: CreateInput) {
  const jobId = jobIdOf(ctx, input.idempotencyKey);
  const { status, deadline, uploads } = unwrap(await new CreateSaga(portsOf(ctx)).run(jobId, input));
  return {
    jobId,
    status,
    uploads: signed(ctx, jobId, uploads),
    deadline: deadline === null ? null : new Date(deadline),
  };
}

function portsOf(ctx: UserContext): CreatePorts {
  const { world, account, session, userId } = ctx;
  const ownerOf = (jobId: string) => world.jobs.get(jobId)?.owner;
  return {
    // The session was looked at a moment ago.
    admit: () => {},
    reserve: (command) => account.holds.reserve(session, command),
    recheck: (jobId) => {
      if (world.jobs.get(jobId)?.inside.abandon().lives !== true) account.release(jobId);
    },
    loan: (jobId, indexes) => ownerOf(jobId)?.loan(ctx, indexes) ?? notFound(),
    lend: (jobId, dependent) => ownerOf(jobId)?.lend(ctx, dependent) ?? notFound(),
    create: (jobId, plan) => {
      const job = world.jobs.get(jobId) ?? new TestJob(world, jobId, userId);
      world.jobs.set(jobId, job);
      return job.owner.create({ userId, ...plan });
    },
    again: (jobId, input) => ownerOf(jobId)?.again(ctx, input) ?? ok(null),
    past: (jobId) => world.jobs.get(jobId)?.told(ctx)?.snapshot ?? null,
  };
}

const signed = ({ world, userId }: UserContext, jobId: string, slots: readonly UploadSlot[]) =>
  slots.map(({ idx, photo }) => world.storage.signUpload(idx, inputKey({ userId, jobId }, idx), photo));

export const jobsRouter = router({
  estimate: userProcedure.input(estimateInput).query(({ ctx, input }) => {
    const { balance, refused } = unwrap(ctx.account.view.admit(input.photos));
    const answer = { credits: input.photos, balance, allowed: refused === null };
    const reason = estimateOutput.shape.reason.safeParse(refused?.refusal.code).data;
    return reason === undefined ? answer : { ...answer, reason };
  }),

  create: userProcedure.input(createInput).mutation(({ ctx, input }) => createJob(ctx, input)),

  renewUploads: userProcedure.input(renewUploadsInput).mutation(({ ctx, input: { jobId, indexes } }) => {
    const { uploads, deadline } = unwrap(jobOf(ctx, jobId).owner.renewUploads(ctx, indexes));
    return { uploads: signed(ctx, jobId, uploads), deadline: new Date(deadline) };
  }),

  confirmUpload: userProcedure.input(jobIdInput).mutation(async ({ ctx, input }) => {
    const { status } = unwrap(await jobOf(ctx, input.jobId).owner.confirmUpload(ctx));
    return { status };
  }),

  execute: userProcedure.input(executeInput).mutation(async ({ ctx, input }) => {
    const { world, account, session } = ctx;
    const rule = 'ruleId' in input ? unwrap(account.rules.get(input.ruleId)) : null;
    const { concepts, protect } = 'ruleId' in input ? (rule ?? { concepts: {}, protect: [] }) : input;
    const command = {
      choice: { concepts, protect, outputTemplate: input.outputTemplate, format: input.format },
      masks: input.masks ?? false,
      rule: rule === null ? null : { id: rule.id, preset: rule.presetId },
      callbackBase: world.baseUrl,
      idempotencyKey: input.idempotencyKey ?? world.unique('key-'),
    };
    const { status } = unwrap(await jobOf(ctx, input.jobId).owner.execute(ctx, command));
    return { status, ticket: issueTicket(world, input.jobId, session) };
  }),

  get: userProcedure.input(jobIdInput).query(({ ctx, input: { jobId } }) => {
    const { world, session } = ctx;
    const { snapshot } = world.jobs.get(jobId)?.told(ctx) ?? fail('JOB_NOT_FOUND', 'no such job', null);
    return shownJob(snapshot, issueTicket(world, jobId, session), world.clock.now(), urlsOf(world));
  }),

  downloads: userProcedure.input(downloadsInput).mutation(({ ctx, input: { jobId, files } }) => {
    const { world } = ctx;
    const job = world.jobs.get(jobId)?.told(ctx) ?? fail('JOB_NOT_FOUND', 'no such job', null);
    const now = world.clock.now();
    const urls = files.map(({ idx, kind = 'result', name }) => {
      const key = fileKey(job, idx, kind, now);
      return key === null ? null : world.storage.signDownload(key, name);
    });
    return { urls, expiresAt: world.storage.downloadsUntil() };
  }),

  list: userProcedure.input(listInput).query(({ ctx, input }) => {
    unwrap(ctx.account.query());
    const placeOf = ({ snapshot }: { snapshot: { createdAt: number; jobId: string } }) => ({
      at: snapshot.createdAt,
      id: snapshot.jobId,
    });
    const { entries, nextCursor } = pageOf(jobsOf(ctx.world, ctx), input, placeOf);
    const { world, userId } = ctx;
    const kept = world.settings.resultRetentionMs;
    const shown = ({ snapshot }: JobExport) =>
      pictured(listedJob(snapshot), userId, kept, world.clock.now(), urlsOf(world));
    return { jobs: entries.map(shown), nextCursor };
  }),

  cancel: userProcedure.input(cancelInput).mutation(async ({ ctx, input }) => {
    const key = input.idempotencyKey ?? ctx.world.unique('key-');
    return unwrap(await jobOf(ctx, input.jobId).owner.cancel(ctx, key));
  }),

  watch: openProcedure.input(watchInput).query(() => {
    const message = 'jobs.watch is served over a WebSocket, at /trpc/watch/<jobId>?ticket=<ticket>';
    return fail('VALIDATION_ERROR', message, { field: '', issues: [{ field: '', message }] });
  }),

  delete: userProcedure.input(jobIdInput).mutation(async ({ ctx, input: { jobId } }) => {
    unwrap(await jobOf(ctx, jobId).owner.remove(ctx));
    return { jobId, deleted: true as const };
  }),
});

const urlsOf =
  ({ storage }: World) =>
  (key: string) =>
    storage.signDownload(key);
