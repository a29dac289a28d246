/** The fake server's procedures: the contract's schemas in front of `FakeState`'s state. */
import { initTRPC } from '@trpc/server';
import superjson from 'superjson';
import * as contract from '../../server/src/contract/index.ts';
import { ageOfKey } from '../../server/src/domain/sign-up.ts';
import type { FakeState } from './fake-state.ts';
import { RefusalError, refuse } from './refuse.ts';

const DAY_MS = 86_400_000;

const t = initTRPC.context<{ api: FakeState; token: string | null }>().create({
  transformer: superjson,
  errorFormatter: ({ shape, error }) => {
    const refusal = error.cause instanceof RefusalError ? error.cause.refusal : null;
    const errorCode = refusal?.code ?? (error.code === 'BAD_REQUEST' ? 'VALIDATION_ERROR' : 'INTERNAL_ERROR');
    return { ...shape, data: { ...shape.data, errorCode, details: refusal?.details ?? null, requestId: 'req-1' } };
  },
});

const open = t.procedure.use(async ({ ctx, path, getRawInput, next }) => {
  const input = await getRawInput();
  ctx.api.log.push(path);
  ctx.api.inputs.push({ path, input });
  ctx.api.onCall(path, input);
  return next();
});

const user = open.use(({ ctx, next }) => {
  const { api } = ctx;
  const token = ctx.token ?? refuse('AUTH_REQUIRED');
  if (api.expired.has(token)) refuse('TOKEN_EXPIRED');
  return next({ ctx: { userId: api.tokens.get(token) ?? refuse('TOKEN_INVALID') } });
});

const jobs = t.router({
  estimate: user
    .input(contract.estimateInput)
    .query(({ input }) => ({ credits: input.photos, balance: 10, allowed: input.photos <= 10 })),
  list: user.input(contract.listInput).query(({ ctx: { api }, input }) => {
    const from = Number(input?.cursor ?? 0);
    const all = [...api.jobs.values()].map((job) => ({ ...api.view(job), finishedAt: null }));
    const limit = input?.limit ?? 20;
    return { jobs: all.slice(from, from + limit), nextCursor: from + limit < all.length ? String(from + limit) : null };
  }),
  create: user.input(contract.createInput).mutation(({ ctx: { api }, input }) => {
    const jobId = `job-${input.idempotencyKey}`;
    if ('from' in input) {
      const made = api.jobs.get(jobId);
      if (made && !api.jobs.has(input.from.jobId)) refuse('IDEMPOTENCY_CONFLICT', { field: 'idempotencyKey' });
      const { preset, photos: all } = api.job(input.from.jobId);
      const photos = input.from.indexes?.map((idx) => all[idx]!) ?? all;
      api.jobs.set(jobId, { jobId, preset, photos, status: 'uploaded', polls: 0 });
      return { jobId, status: 'uploaded' as const, uploads: [], deadline: new Date(api.now() + 3600_000) };
    }
    const { preset, photos } = input;
    const fresh = { jobId, preset, photos, status: 'created' as const, polls: 0 };
    if (!api.jobs.has(jobId)) api.jobs.set(jobId, fresh);
    const uploads = photos.map((_, idx) => api.sign(jobId, idx));
    return { jobId, status: api.job(jobId).status, uploads, deadline: new Date(api.now() + 3600_000) };
  }),
  renewUploads: user.input(contract.renewUploadsInput).mutation(({ ctx: { api }, input }) => ({
    uploads: input.indexes.map((idx) => api.sign(input.jobId, idx)),
    deadline: new Date(api.now() + 3600_000),
  })),
  confirmUpload: user.input(contract.jobIdInput).mutation(({ ctx: { api }, input: { jobId } }) => {
    const job = api.job(jobId);
    if (job.status !== 'created') return { status: job.status };
    const missing = job.photos.map((_, idx) => idx).filter((idx) => !api.stored.has(`${jobId}/${idx}`));
    if (missing.length > 0) refuse('UPLOAD_INCOMPLETE', { missing, wrong: [] });
    job.status = 'uploaded';
    return { status: job.status };
  }),
  execute: user.input(contract.executeInput).mutation(({ ctx: { api }, input }) => {
    const job = api.job(input.jobId);
    job.status = 'running';
    return { status: job.status, ticket: 'ticket' };
  }),
  get: user.input(contract.jobIdInput).query(({ ctx: { api }, input }) => {
    const job = api.job(input.jobId);
    job.polls += 1;
    return api.view(job);
  }),
  cancel: user.input(contract.cancelInput).mutation(({ ctx: { api }, input }) => {
    const job = api.job(input.jobId);
    job.status = 'canceled';
    api.onCanceled();
    return { status: job.status, charged: 0, refunded: job.photos.length };
  }),
});

export const fakeRouter = t.router({
  jobs,
  auth: t.router({
    anon: open.input(contract.anonInput).mutation(({ ctx: { api }, input }) => {
      const key = input.idempotencyKey ?? crypto.randomUUID();
      if (ageOfKey(key, api.now(), DAY_MS) === 'late') refuse('IDEMPOTENCY_CONFLICT', { field: 'idempotencyKey' });
      const userId = api.users.get(key) ?? `user-${api.users.size + 1}`;
      api.users.set(key, userId);
      return api.issue(userId);
    }),
    revoke: open.input(contract.revokeInput).mutation(({ ctx: { api, token }, input }) => {
      const key = input?.idempotencyKey ?? '';
      const userId = api.tokens.get(token ?? '') ?? api.revocations.get(key) ?? refuse('TOKEN_INVALID');
      if (key !== '') api.revocations.set(key, userId);
      for (const [each, owner] of api.tokens) if (owner === userId) api.tokens.delete(each);
      return api.issue(userId);
    }),
    renew: open.mutation(({ ctx: { api, token } }) =>
      api.issue(api.tokens.get(token ?? '') ?? refuse('TOKEN_INVALID')),
    ),
  }),
  user: t.router({ me: user.query(({ ctx }) => ({ userId: ctx.userId })) }),
  presets: t.router({ list: open.query((): contract.Preset[] => []) }),
  rules: t.router({ create: user.input(contract.ruleCreateInput).mutation(({ input }) => ({ id: 'r', ...input })) }),
});
