/** `jobs.*` of the test server: the contract's schemas in front, domain/ behind. */
import {
  type CreateInput,
  cancelInput,
  createInput,
  estimateInput,
  estimateOutput,
  executeInput,
  jobIdInput,
  listInput,
  renewUploadsInput,
} from '../../../server/src/contract/jobs.ts';
import { watchInput } from '../../../server/src/contract/watch.ts';
import { count } from '../../../server/src/domain/bitmap.ts';
import { create, type Loan, lendAt, loanOf } from '../../../server/src/domain/job/create.ts';
import { cancel } from '../../../server/src/domain/job/ending.ts';
import { execute } from '../../../server/src/domain/job/execute.ts';
import { remove } from '../../../server/src/domain/job/removal.ts';
import { confirmUpload, renewUploads } from '../../../server/src/domain/job/uploads.ts';
import { inputKey } from '../../../server/src/domain/keys.ts';
import { fail, unwrap } from '../../../server/src/rpc/errors.ts';
import type { TestAccount } from './account.ts';
import { openProcedure, router, userProcedure } from './init.ts';
import { TestJob } from './job.ts';
import { issueTicket, summaryOf, viewOf } from './job-view.ts';
import { pageOf } from './pages.ts';
import type { World } from './world.ts';

type UserContext = { world: World; userId: string; account: TestAccount };

/** The job, if it is the caller's and was not deleted. Absent and foreign look the same. */
function owned({ world, userId }: UserContext, jobId: string): TestJob {
  const job = world.jobs.get(jobId);
  return job !== undefined && job.state.userId === userId && job.state.deletedAt === null
    ? job
    : fail('JOB_NOT_FOUND', 'no such job', null);
}

/** The same key names the same job. */
function jobIdOf({ world, userId }: UserContext, key: string | undefined): string {
  if (key === undefined) return world.unique('', 64);
  const name = `${userId}:${key}`;
  const id = world.jobIds.get(name) ?? world.unique('', 64);
  world.jobIds.set(name, id);
  return id;
}

function createJob(ctx: UserContext, input: CreateInput) {
  const { world, account, userId } = ctx;
  const now = world.clock.now();
  const jobId = jobIdOf(ctx, input.idempotencyKey);
  const plan: Omit<Loan, 'source'> & { source: Loan['source'] | null } =
    'from' in input
      ? unwrap(loanOf(owned(ctx, input.from.jobId).state, input.from.indexes))
      : { preset: input.preset, photos: input.photos, source: null };
  unwrap(account.reserve({ jobId, preset: plan.preset, amount: plan.photos.length }, now));
  const known = world.jobs.get(jobId);
  if (known?.state.deletedAt != null) {
    fail('IDEMPOTENCY_CONFLICT', 'idempotencyKey: was used for a job that is gone', { field: 'idempotencyKey' });
  }
  const command = { jobId, userId, ...plan };
  if (known !== undefined) unwrap(known.apply((job, at, settings) => create(job, command, at, settings)));
  else {
    if (plan.source !== null) lendTo(ctx, plan.source.jobId, jobId, plan.photos.length);
    world.jobs.set(jobId, new TestJob(world, unwrap(asResult(create(null, command, now, world.settings)))));
  }
  const { state } = world.jobs.get(jobId) as TestJob;
  const open = state.status === 'created' ? state.photos.map((_, idx) => idx) : [];
  const deadline = state.endedAt === null ? new Date(state.deadline) : null;
  return { jobId, status: state.status, uploads: uploadsOf(world, state, open), deadline };
}

/** A refusal gives the credits back at once, as the server's objects do between them. */
function lendTo({ world, account }: UserContext, sourceId: string, jobId: string, amount: number): void {
  const source = world.jobs.get(sourceId) as TestJob;
  const lent = source.apply((job, at, settings) => lendAt(job, jobId, at, settings));
  if (lent.ok) return;
  const now = world.clock.now();
  const outcome = { status: 'canceled' as const, done: 0, failed: amount };
  account.settle({ jobId, charged: 0, outcome }, now, now);
  unwrap(lent);
}

const asResult = (decision: ReturnType<typeof create>) =>
  decision.ok ? { ok: true as const, value: decision.job } : decision;

function uploadsOf(world: World, state: TestJob['state'], indexes: readonly number[]) {
  return indexes.flatMap((idx) => {
    const photo = state.photos[idx];
    return photo === undefined ? [] : [world.storage.signUpload(idx, inputKey(state, idx), photo)];
  });
}

export const jobsRouter = router({
  estimate: userProcedure.input(estimateInput).query(({ ctx, input }) => {
    unwrap(ctx.account.query(ctx.world.clock.now()));
    const admission = ctx.account.admit(input.photos, ctx.world.clock.now());
    const answer = { credits: input.photos, balance: admission.balance, allowed: admission.ok };
    const reason = admission.ok ? undefined : estimateOutput.shape.reason.safeParse(admission.refusal.code).data;
    return reason === undefined ? answer : { ...answer, reason };
  }),

  create: userProcedure.input(createInput).mutation(({ ctx, input }) => createJob(ctx, input)),

  renewUploads: userProcedure.input(renewUploadsInput).mutation(({ ctx, input }) => {
    const job = owned(ctx, input.jobId);
    const allowed = unwrap(job.apply((state, now, settings) => renewUploads(state, input.indexes, now, settings)));
    return { uploads: uploadsOf(ctx.world, job.state, allowed) };
  }),

  confirmUpload: userProcedure.input(jobIdInput).mutation(({ ctx, input }) => {
    const job = owned(ctx, input.jobId);
    unwrap(job.apply((state, now, settings) => confirmUpload(state, job.uploaded, now, settings)));
    return { status: job.state.status };
  }),

  execute: userProcedure.input(executeInput).mutation(({ ctx, input }) => {
    const { world, account, userId } = ctx;
    const rule = 'ruleId' in input ? unwrap(account.rule(input.ruleId)) : null;
    const { concepts, protect } = 'ruleId' in input ? (rule ?? { concepts: {}, protect: [] }) : input;
    const job = owned(ctx, input.jobId);
    const command = {
      choice: { concepts, protect, outputTemplate: input.outputTemplate, format: input.format },
      rule: rule === null ? null : { id: rule.id, preset: rule.presetId },
      callbackBase: world.baseUrl,
      idempotencyKey: input.idempotencyKey ?? world.unique('key-'),
    };
    const trial = execute(job.state, command, world.clock.now(), world.settings);
    if (trial.ok && trial.job !== job.state) {
      unwrap(account.claim(job.state.jobId, job.state.photos.length, world.clock.now()));
    }
    unwrap(job.apply((state, now, settings) => execute(state, command, now, settings)));
    return { status: job.state.status, ticket: issueTicket(world, input.jobId, userId) };
  }),

  get: userProcedure.input(jobIdInput).query(({ ctx, input }) => viewOf(ctx.world, owned(ctx, input.jobId))),

  list: userProcedure.input(listInput).query(({ ctx: { world, account, userId }, input }) => {
    unwrap(account.query(world.clock.now()));
    const mine = [...world.jobs.values()].filter(({ state }) => state.userId === userId && state.deletedAt === null);
    const newest = mine.toSorted(
      ({ state: a }, { state: b }) => b.createdAt - a.createdAt || (a.jobId < b.jobId ? 1 : -1),
    );
    const { entries, nextCursor } = pageOf(newest, input, ({ state }) => ({ at: state.createdAt, id: state.jobId }));
    return { jobs: entries.map(summaryOf), nextCursor };
  }),

  cancel: userProcedure.input(cancelInput).mutation(({ ctx, input }) => {
    const job = owned(ctx, input.jobId);
    const key = input.idempotencyKey ?? ctx.world.unique('key-');
    unwrap(job.apply((state, now, settings) => cancel(state, key, now, settings)));
    const { state } = job;
    const charged = state.charged ?? count(state.done);
    return { status: state.status, charged, refunded: state.photos.length - charged };
  }),

  watch: openProcedure.input(watchInput).query(() => {
    const message = 'jobs.watch is served over a WebSocket, at /trpc/watch/<jobId>?ticket=<ticket>';
    return fail('VALIDATION_ERROR', message, { field: '', issues: [{ field: '', message }] });
  }),

  delete: userProcedure.input(jobIdInput).mutation(({ ctx, input: { jobId } }) => {
    const known = ctx.world.jobs.get(jobId)?.state;
    // Of a job that was deleted by the same user it is done already.
    if (known === undefined || known.userId !== ctx.userId || known.deletedAt === null) {
      unwrap(owned(ctx, jobId).apply((state, now) => remove(state, now)));
    }
    return { jobId, deleted: true as const };
  }),
});
