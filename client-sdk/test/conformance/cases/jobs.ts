/** From execute to the end, and after it. */
import type { Case } from '../env.ts';
import { equal, matches, ok, refused, until } from '../expect.ts';
import { created, dispatched, newProUser, newUser, OAK, type User, uploaded } from '../steps.ts';

/** The job once it has ended and is settled. */
const ended = ({ client }: User, jobId: string) =>
  until(
    () => client.jobs.get({ jobId }),
    ({ charged }) => charged !== null,
    'the end of the job',
  );

export const jobCases: Case[] = [
  {
    name: 'a job runs from uploaded over queued and running to done, is charged for what is done, and can be fetched',
    async run(env) {
      const user = await newUser(env);
      const jobId = await uploaded(env, user, 2);
      const { status, ticket } = await user.client.jobs.execute({ jobId, concepts: OAK });
      equal([status, ticket.length > 0], ['queued', true], 'the answer to execute');
      equal((await env.control.dispatched(jobId)).indexes, [0, 1], 'what is dispatched');
      await until(
        () => user.client.jobs.get({ jobId }),
        (job) => job.status === 'running',
        'running',
      );
      equal(await env.control.done(jobId, 0), 'accepted', 'the first result');
      equal(await env.control.fail(jobId, 1, 'too dark'), 'accepted', 'the second result');
      const job = await ended(user, jobId);
      matches(job, { status: 'done', progress: { done: 1, failed: 1, total: 2 }, charged: 1, deadline: null }, 'job');
      ok(job.keptUntil instanceof Date, 'a date until which results are kept');
      const [first, second] = job.items;
      equal([first?.status, second?.status, second?.error], ['done', 'failed', 'too dark'], 'photos');
      for (const [url, type] of [
        [first?.resultUrl, 'image/png'],
        [first?.previewUrl, 'image/jpeg'],
      ] as const) {
        const answer = await env.fetch(url ?? '');
        const { byteLength } = await answer.arrayBuffer();
        equal([answer.status, answer.headers.get('content-type')], [200, type], 'a result');
        ok(byteLength > 0, 'bytes of a result');
      }
      const me = await user.client.user.me();
      equal([me.credits, me.activeJobs], [{ balance: 9, held: 0, spent: 1, granted: 10 }, 0], 'credits, jobs');
    },
  },
  {
    name: 'the charge stands on the ledger, under the job',
    async run(env) {
      const user = await newUser(env);
      const jobId = await dispatched(env, user, 1);
      await env.control.done(jobId, 0);
      await ended(user, jobId);
      const { receipts } = await until(
        () => user.client.user.ledger(),
        (page) => page.receipts.length === 2,
        'the receipt',
      );
      matches(receipts[0], { type: 'charge', amount: -1, ref: jobId }, 'receipt');
      const first = await user.client.user.ledger({ limit: 1 });
      ok(first.nextCursor, 'a second page');
      const second = await user.client.user.ledger({ limit: 1, cursor: first.nextCursor });
      equal([second.receipts.length, second.nextCursor], [1, null], 'the second page');
    },
  },
  {
    name: 'a job none of whose photos is done has failed, and costs nothing',
    async run(env) {
      const user = await newUser(env);
      const jobId = await dispatched(env, user, 2);
      await env.control.fail(jobId, 0, 'out of memory');
      await env.control.fail(jobId, 1, 'out of memory');
      const job = await ended(user, jobId);
      matches(job, { status: 'failed', charged: 0, error: 'no photo could be processed' }, 'job');
      equal((await user.client.user.me()).credits.balance, 10, 'balance');
    },
  },
  {
    name: 'the first result of a photo stands: another one is a duplicate, whatever it says',
    async run(env) {
      const user = await newUser(env);
      const jobId = await dispatched(env, user, 2);
      equal(await env.control.fail(jobId, 0, 'first'), 'accepted', 'the first');
      equal(await env.control.done(jobId, 0), 'duplicate', 'the second');
      equal((await user.client.jobs.get({ jobId })).items[0]?.error, 'first', 'the reason');
      await user.client.jobs.cancel({ jobId });
      equal(await env.control.done(jobId, 1), 'ignored', 'a result of a canceled job');
    },
  },
  {
    name: 'execute needs uploaded photos, runs once, and checks the choice against the preset',
    async run(env) {
      const user = await newUser(env);
      const { jobId: early } = await created(user, 1);
      const refusal = await refused(user.client.jobs.execute({ jobId: early, concepts: OAK }), 'INVALID_TRANSITION');
      equal(refusal.data, { status: 'created', action: 'execute' }, 'data');
      await user.client.jobs.cancel({ jobId: early });
      await refused(user.client.jobs.execute({ jobId: early, concepts: OAK }), 'ALREADY_CANCELED');
      const jobId = await uploaded(env, user, 1);
      const execute = (change: object) => user.client.jobs.execute({ jobId, concepts: OAK, ...change });
      const field = async (change: object) => (await refused(execute(change), 'VALIDATION_ERROR')).data.field;
      equal(await field({ concepts: { Logo: { action: 'remove' } } }), 'concepts.Logo', 'another preset’s concept');
      equal(await field({ protect: ['Floor'] }), 'protect[0]', 'a concept that is changed and protected');
      equal(await field({ outputTemplate: 'option-board' }), 'outputTemplate', 'another preset’s template');
      const idempotencyKey = crypto.randomUUID();
      equal((await execute({ idempotencyKey })).status, 'queued', 'execute');
      ok(['queued', 'running'].includes((await execute({ idempotencyKey })).status), 'the same again');
      await refused(execute({ idempotencyKey, protect: ['Door'] }), 'IDEMPOTENCY_CONFLICT');
      await refused(execute({}), 'INVALID_TRANSITION');
    },
  },
  {
    name: 'a saved rule executes a job of its preset, and of no other',
    async run(env) {
      const user = await newUser(env);
      const { client } = user;
      const mine = await client.rules.create({ name: 'oak', presetId: 'interior', concepts: OAK });
      const other = await client.rules.create({
        name: 'red',
        presetId: 'seller',
        concepts: { Body: { action: 'recolor', value: 'red' } },
      });
      const jobId = await uploaded(env, user, 1);
      const wrong = await refused(client.jobs.execute({ jobId, ruleId: other.id }), 'VALIDATION_ERROR');
      equal(wrong.data.field, 'ruleId', 'field');
      await refused(client.jobs.execute({ jobId, ruleId: 'rul_none' }), 'RULE_NOT_FOUND');
      equal((await client.jobs.execute({ jobId, ruleId: mine.id })).status, 'queued', 'execute');
    },
  },
  {
    name: 'cancel keeps and charges what is done, refunds the rest and frees the slot',
    async run(env) {
      const user = await newUser(env);
      const jobId = await dispatched(env, user, 3);
      await env.control.done(jobId, 1);
      const idempotencyKey = crypto.randomUUID();
      const cancel = (key?: string) => user.client.jobs.cancel({ jobId, idempotencyKey: key });
      equal(await cancel(idempotencyKey), { status: 'canceled', charged: 1, refunded: 2 }, 'the answer');
      equal(await cancel(idempotencyKey), { status: 'canceled', charged: 1, refunded: 2 }, 'the same again');
      await refused(cancel(), 'ALREADY_CANCELED');
      const job = await user.client.jobs.get({ jobId });
      equal(
        job.items.map(({ status }) => status),
        ['canceled', 'done', 'canceled'],
        'photos',
      );
      await created(user, 1);
    },
  },
  {
    name: 'a job that has ended cannot be canceled, and a live one cannot be deleted',
    async run(env) {
      const user = await newUser(env);
      const jobId = await dispatched(env, user, 1);
      const early = await refused(user.client.jobs.delete({ jobId }), 'INVALID_TRANSITION');
      equal(early.data.action, 'delete', 'action');
      await env.control.done(jobId, 0);
      await ended(user, jobId);
      const late = await refused(user.client.jobs.cancel({ jobId }), 'INVALID_TRANSITION');
      equal(late.data, { status: 'done', action: 'cancel' }, 'data');
    },
  },
  {
    name: 'delete removes a job with its results, and leaves its receipt',
    async run(env) {
      const user = await newUser(env);
      const jobId = await dispatched(env, user, 1);
      await env.control.done(jobId, 0);
      const { items } = await ended(user, jobId);
      equal(await user.client.jobs.delete({ jobId }), { jobId, deleted: true }, 'the answer');
      await refused(user.client.jobs.get({ jobId }), 'JOB_NOT_FOUND');
      await until(
        async () => {
          const answer = await env.fetch(items[0]?.resultUrl ?? '');
          await answer.arrayBuffer();
          return answer.status;
        },
        (status) => status === 404,
        'the result to be gone',
      );
      equal((await user.client.jobs.list()).jobs, [], 'the list');
      equal((await user.client.user.me()).credits.spent, 1, 'spent');
    },
  },
  {
    name: 'a job made from an earlier one’s photos is ready to execute, whole or in part',
    async run(env) {
      const user = await newProUser(env);
      const { client } = user;
      const first = await dispatched(env, user, 3);
      await env.control.done(first, 0);
      await env.control.fail(first, 1, 'blurred');
      await env.control.fail(first, 2, 'blurred');
      await ended(user, first);
      const again = await client.jobs.create({ from: { jobId: first, indexes: [2, 1] } });
      equal([again.status, again.uploads], ['uploaded', []], 'the new job');
      await client.jobs.execute({ jobId: again.jobId, concepts: OAK });
      equal((await env.control.dispatched(again.jobId)).indexes, [0, 1], 'what is dispatched');
      const wrong = await refused(client.jobs.create({ from: { jobId: first, indexes: [3] } }), 'VALIDATION_ERROR');
      equal(wrong.data.field, 'from.indexes[0]', 'field');
      const { jobId: empty } = await created(user, 1);
      await refused(client.jobs.create({ from: { jobId: empty } }), 'INVALID_TRANSITION');
    },
  },
  {
    name: 'pages list every job once, newest first, live ones among them',
    async run(env) {
      const user = await newProUser(env);
      const ids: string[] = [];
      for (let n = 0; n < 3; n++) {
        const { jobId } = await created(user, 1);
        ids.unshift(jobId);
        if (n < 2) await user.client.jobs.cancel({ jobId });
      }
      const first = await user.client.jobs.list({ limit: 2 });
      ok(first.nextCursor, 'a second page');
      const second = await user.client.jobs.list({ limit: 2, cursor: first.nextCursor });
      equal(
        [...first.jobs, ...second.jobs].map(({ jobId }) => jobId),
        ids,
        'both pages',
      );
      equal(
        first.jobs.map(({ status }) => status),
        ['created', 'canceled'],
        'states',
      );
      equal(second.nextCursor, null, 'the end');
      const each: string[] = [];
      for await (const { jobId } of user.client.jobs.list({ limit: 1 })) each.push(jobId);
      equal(each, ids, 'one by one');
      const bad = await refused(user.client.jobs.list({ cursor: '!' }), 'VALIDATION_ERROR');
      equal(bad.data.field, 'cursor', 'field');
    },
  },
];
