/** Mistakes with what is whose. */
import { server, type Weakness } from './weakness.ts';

const JOB = server('durable-objects/job-coordinator/owner-calls');
const SHELL = server('durable-objects/job-coordinator/shell');
const ACCESS = server('durable-objects/user-limiter/access');
const RULES = server('rpc/routers/rules');
const OF_THEIR_OWNER =
  "\n\nconst ownerOf = async (env: { DB: D1Database }, ruleId: string): Promise<string> =>\n  (await env.DB.prepare('SELECT user_id FROM rules WHERE id = ?').bind(ruleId).first<string>('user_id')) ?? 'usr_nobody';\n";

/** A call may say in whose name it is made. */
const IN_ANOTHERS_NAME = [
  {
    file: server('rpc/init'),
    find: 'export const sessionProcedure = publicProcedure.use(async ({ ctx, path, type, next }) => {',
    replace: 'export const sessionProcedure = publicProcedure.use(async ({ ctx, path, type, next, getRawInput }) => {',
  },
  {
    file: server('rpc/init'),
    find: 'const { userId, issuedAt, signedUpAt, deviceHash } = check.claims;',
    replace:
      'const { issuedAt, signedUpAt, deviceHash } = check.claims;\n  const raw = (await getRawInput()) as { userId?: string } | undefined;\n  const userId = raw?.userId ?? check.claims.userId;',
  },
  {
    file: server('rpc/routers/user'),
    find: '.input(inputOf(z.void()))\n    .output(deletedUser)',
    replace: '.input(z.unknown())\n    .output(deletedUser)',
  },
];

export const OWNERSHIP: Weakness[] = [
  {
    name: 'a job is of everybody who knows its id',
    changes: [
      {
        file: SHELL,
        find: 'return job !== null && job.userId === userId && job.deletedAt',
        replace: 'return job !== null && userId !== null && job.deletedAt',
      },
      { file: JOB, find: 'if (job.userId !== call.userId) return notFound();', replace: '' },
    ],
    catches: [
      "ownership: jobs.get of what is another user's, in every state",
      "ownership: jobs.create of what is another user's, in every state",
      "ownership: jobs.renewUploads of what is another user's, in every state",
      "ownership: jobs.confirmUpload of what is another user's, in every state",
      "ownership: jobs.execute of what is another user's, in every state",
      "ownership: jobs.downloads of what is another user's, in every state",
      "ownership: jobs.cancel of what is another user's, in every state",
      "ownership: jobs.delete of what is another user's, in every state",
    ],
    got: /answers .*\n\s+and absent/,
  },
  {
    name: 'a rule is looked for with whoever D1 says it is of',
    changes: [
      {
        file: RULES,
        find: "withUser } from '../objects.ts';",
        replace: `withUser } from '../objects.ts';${OF_THEIR_OWNER}`,
      },
      {
        file: RULES,
        find: '.query(async ({ ctx, input }) => unwrap(await withUser(ctx, ctx.userId, (user) => user.getRule',
        replace:
          '.query(async ({ ctx, input }) => unwrap(await withUser(ctx, await ownerOf(ctx.env, input.id), (user) => user.getRule',
      },
      {
        file: server('rpc/routers/jobs'),
        find: "import { withJob, withUser } from '../objects.ts';",
        replace: `import { withJob, withUser } from '../objects.ts';${OF_THEIR_OWNER}`,
      },
      {
        file: server('rpc/routers/jobs'),
        find: 'unwrap(await withUser(ctx, ctx.userId, (user) => user.getRule(input.ruleId)))',
        replace:
          'unwrap(await withUser(ctx, await ownerOf(ctx.env, input.ruleId), (user) => user.getRule(input.ruleId)))',
      },
    ],
    catches: [
      "ownership: rules.get of what is another user's, in every state",
      "ownership: jobs.execute of one's own job with another user's rule",
    ],
  },
  {
    name: 'a rule is changed and deleted with whoever D1 says it is of',
    changes: [
      {
        file: RULES,
        find: "withUser } from '../objects.ts';",
        replace: `withUser } from '../objects.ts';${OF_THEIR_OWNER}`,
      },
      {
        file: RULES,
        find: 'withUser(ctx, ctx.userId, (user) => user.updateRule(',
        replace: 'withUser(ctx, await ownerOf(ctx.env, id), (user) => user.updateRule(',
      },
      {
        file: RULES,
        find: 'withUser(ctx, ctx.userId, (user) => user.deleteRule(',
        replace: 'withUser(ctx, await ownerOf(ctx.env, input.id), (user) => user.deleteRule(',
      },
    ],
    catches: [
      "ownership: rules.update of what is another user's, in every state",
      "ownership: rules.delete of what is another user's, in every state",
    ],
  },
  {
    name: 'a call may say in whose name it is made',
    changes: IN_ANOTHERS_NAME,
    catches: [
      "ownership: auth.revoke with the victim's ids added",
      "ownership: user.me with the victim's ids added",
      "ownership: user.ledger with the victim's ids added",
      "ownership: rules.create with the victim's ids added",
      "ownership: rules.list with the victim's ids added",
      "ownership: jobs.estimate with the victim's ids added",
      "ownership: jobs.list with the victim's ids added",
      "ownership: user.export with the victim's ids added",
    ],
  },
  {
    name: 'a user may be deleted in his name',
    changes: IN_ANOTHERS_NAME,
    catches: ["ownership: user.delete with the victim's ids added"],
  },
  {
    name: 'who is being deleted is still there',
    changes: [
      {
        file: ACCESS,
        find: 'return user?.more.erasing === undefined ? (user?.sessionEpoch ?? 0) : NEVER;',
        replace: 'return user?.sessionEpoch ?? 0;',
      },
      { file: ACCESS, find: 'return user?.more.erasing === undefined ? user : null;', replace: 'return user;' },
      {
        file: server('durable-objects/user-limiter/opening'),
        find: 'return repeated && known.more.erasing === undefined ?',
        replace: 'return repeated ?',
      },
    ],
    catches: [
      "ownership: a deleted user's token at procedures of every kind",
      'ownership: credits anew by deleting oneself and signing up under the same key',
    ],
  },
  {
    name: 'a job of a deleted user is found by everybody',
    changes: [
      {
        file: SHELL,
        find: 'return job !== null && job.userId === userId && job.deletedAt === null ? job : null;',
        replace: 'return job !== null && userId !== null ? job : null;',
      },
    ],
    catches: ['ownership: results and ticket of a deleted user'],
  },
  {
    name: 'a sign-up may say whose account it opens',
    changes: [
      {
        file: server('contract/auth'),
        find: '    deviceHash: z.optional(',
        replace: '    userId: z.optional(z.string()),\n    deviceHash: z.optional(',
      },
      {
        file: server('rpc/routers/auth'),
        find: 'const userId = userIdFor(key',
        replace: 'const userId = input.userId ?? userIdFor(key',
      },
    ],
    catches: [
      "ownership: auth.anon with the victim's ids added",
      'sign-up: a sign-up that asks for a plan, credits or a user id',
    ],
  },
  {
    name: 'an answer says what was asked',
    changes: [
      {
        file: server('rpc/init'),
        find: 'const errorsOfTheContract = t.middleware(async ({ ctx, path, next }) => {',
        replace: 'const errorsOfTheContract = t.middleware(async ({ ctx, path, next, getRawInput }) => {',
      },
      {
        file: server('rpc/init'),
        find: '  if (result.ok) return result;',
        replace:
          '  if (result.ok) return { ...result, data: { ...(result.data as object), asked: await getRawInput() } } as typeof result;',
      },
    ],
    catches: [
      "ownership: auth.renew with the victim's ids added",
      "ownership: presets.list with the victim's ids added",
      "ownership: presets.get with the victim's ids added",
    ],
  },
  {
    name: 'an operator is whoever asks',
    changes: [
      {
        file: server('rpc/init'),
        find: 'if (adminSecret === null || ctx.bearer === null || !sameText(ctx.bearer, adminSecret)) {',
        replace: 'if (adminSecret !== null && sameText(adminSecret, String(null))) {',
      },
    ],
    catches: ['ownership: admin.*', 'secrets: admin w*'],
    got: /it answered/,
  },
  {
    name: 'lists are of everybody',
    changes: [
      {
        file: server('db/job-history'),
        find: 'FROM jobs_log WHERE user_id = ?1\n         AND preset IN',
        replace: 'FROM jobs_log WHERE ?1 IS NOT NULL\n         AND preset IN',
      },
      {
        file: server('db/accounts'),
        find: 'FROM billing_events WHERE user_id = ?1 AND',
        replace: 'FROM billing_events WHERE ?1 IS NOT NULL AND',
      },
    ],
    catches: ["ownership: lists with cursors that point among another user's jobs"],
  },
  {
    name: 'a job that is done is found by nobody, not even its owner',
    changes: [
      {
        file: JOB,
        find: '  get(call: Call): Result<JobSnapshot | null> {',
        replace:
          "  get(call: Call): Result<JobSnapshot | null> {\n    if (this.#ports.shell.job()?.status === 'done') return notFound();",
      },
    ],
    catches: ['ownership: the same calls of the owner are not refused as absent'],
    got: /the owner is told .*JOB_NOT_FOUND/s,
  },
  {
    name: 'a key of one user is a key of all',
    changes: [
      {
        file: server('rpc/objects'),
        find: 'env.JOB_COORDINATOR.idFromName(`${userId}:${key}`)',
        replace: 'env.JOB_COORDINATOR.idFromName(`${userId.slice(0, 4)}:${key}`)',
      },
      { file: JOB, find: 'before.userId !== command.userId || ', replace: '' },
      { file: server('domain/job/create'), find: 'existing.userId === command.userId &&', replace: '' },
    ],
    catches: ["ownership: another user's idempotency key"],
  },
  {
    name: 'an object is opened for any id',
    changes: [
      {
        file: server('rpc/objects'),
        find: 'id = env.JOB_COORDINATOR.idFromString(jobId);',
        replace:
          'id = /^[0-9a-f]{64}$/.test(jobId) ? env.JOB_COORDINATOR.idFromString(jobId) : env.JOB_COORDINATOR.idFromName(jobId);',
      },
      {
        file: server('durable-objects/job-coordinator/index'),
        find: '  get(call: Call): Result<JobSnapshot | null> {',
        replace: '  get(call: Call): Result<JobSnapshot | null> {\n    this.abandon();',
      },
    ],
    catches: ['ownership: ids that the server did not mint'],
  },
];
