/**
 * Who may touch what: a row for every procedure, made from the router itself. What belongs to somebody else looks exactly
 * like what does not exist.
 */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Client, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { CHOICE, createdJob, doneJob, runningJob, uploadedJob } from '../../../proving/world/workerd/jobs.ts';
import { d1, inspect, userRpc } from '../../../proving/world/workerd/objects.ts';
import { appRouter } from '../../src/rpc/router.ts';

type Ids = { jobId: string; ruleId: string };
/**
 * A call that names something by its id; `open` for procedures that name nothing of a user's, `admin` for operators' ones, `socket`
 * for the one that has a door of its own (rest/watch.test.ts).
 */
type Row = ((client: Client, ids: Ids) => Promise<unknown>) | 'open' | 'admin' | 'socket';

/** The caller's own job, so that a foreign rule is all that is wrong with an execute. */
let mine = '';

const MATRIX: Record<string, Row> = {
  'auth.anon': 'open',
  'auth.renew': 'open',
  'auth.revoke': 'open',
  'user.me': 'open',
  'user.ledger': 'open',
  'user.export': 'open',
  'user.delete': 'open',
  'presets.list': 'open',
  'presets.get': 'open',
  'rules.create': 'open',
  'rules.list': 'open',
  'rules.get': (client, { ruleId }) => client.rules.get.query({ id: ruleId }),
  'rules.update': (client, { ruleId }) => client.rules.update.mutate({ id: ruleId, name: 'Taken' }),
  'rules.delete': (client, { ruleId }) => client.rules.delete.mutate({ id: ruleId }),
  'jobs.estimate': 'open',
  'jobs.list': 'open',
  'jobs.create': (client, { jobId }) => client.jobs.create.mutate({ from: { jobId } }),
  'jobs.renewUploads': (client, { jobId }) => client.jobs.renewUploads.mutate({ jobId, indexes: [0] }),
  'jobs.confirmUpload': (client, { jobId }) => client.jobs.confirmUpload.mutate({ jobId }),
  'jobs.execute': (client, { jobId }) => client.jobs.execute.mutate({ jobId, ...CHOICE }),
  'jobs.get': (client, { jobId }) => client.jobs.get.query({ jobId }),
  'jobs.downloads': (client, { jobId }) =>
    client.jobs.downloads.mutate({ jobId, files: [{ idx: 0 }, { idx: 0, kind: 'original' }] }),
  'jobs.cancel': (client, { jobId }) => client.jobs.cancel.mutate({ jobId }),
  'jobs.delete': (client, { jobId }) => client.jobs.delete.mutate({ jobId }),
  'jobs.watch': 'socket',
  'admin.setPlan': 'admin',
  'admin.grantCredits': 'admin',
  'admin.adopt': 'admin',
  'admin.deleteUser': 'admin',
  'admin.job': 'admin',
  'admin.listDeadLetters': 'admin',
  'admin.requeue': 'admin',
  'admin.reconcile': 'admin',
  'admin.health': 'admin',
};
const MORE: Record<string, Row> = {
  'jobs.execute with a rule': (client, { ruleId }) => client.jobs.execute.mutate({ jobId: mine, ruleId }),
};

let owner: User;
let stranger: User;
let ruleId = '';
const jobs: Record<string, string> = {};

beforeAll(async () => {
  [owner, stranger] = [await signUp('pro'), await signUp()];
  await userRpc(owner.userId).grantCredits(owner.userId, 'test', 100, 'test');
  jobs.done = (await doneJob(owner)).jobId;
  jobs.created = (await createdJob(owner)).jobId;
  jobs.uploaded = (await uploadedJob(owner)).jobId;
  jobs.running = (await runningJob(owner)).jobId;
  const wall = { Wall: { action: 'remove' as const } };
  ruleId = (await owner.client.rules.create.mutate({ name: 'Mine', presetId: 'interior', concepts: wall })).id;
  mine = (await uploadedJob(stranger, 1)).jobId;
});

const paths = Object.keys(appRouter._def.procedures);
/** Well-formed, and names nothing. */
const absent = () => ({ jobId: env.JOB_COORDINATOR.idFromName('nobody:nothing').toString(), ruleId: 'rul_absent' });

test('every procedure of the router has a row, and no row is left over', () => {
  expect(paths.length).toBeGreaterThan(20);
  expect(Object.keys(MATRIX).sort()).toEqual(paths.sort());
});

const named = [...Object.entries(MATRIX), ...Object.entries(MORE)].flatMap(([path, row]) =>
  typeof row === 'function' ? [[path, row] as const] : [],
);

describe.for(['created', 'uploaded', 'running', 'done'])('with a job that is %s', (status) => {
  test.for(named)('%s answers of what is foreign as of what is absent, and changes nothing', async ([, call]) => {
    const jobId = jobs[status] ?? '';
    const before = [await inspect(jobId), await owner.client.rules.get.query({ id: ruleId }), await ownCredits()];
    const foreign = await refusalOf(call(stranger.client, { jobId, ruleId }));
    expect(foreign).toEqual(await refusalOf(call(stranger.client, absent())));
    expect(foreign.httpStatus).toBe(404);
    expect(['JOB_NOT_FOUND', 'RULE_NOT_FOUND']).toContain(foreign.code);
    expect([await inspect(jobId), await owner.client.rules.get.query({ id: ruleId }), await ownCredits()]).toEqual(
      before,
    );
  });
});

const ownCredits = async () => [await owner.client.user.me.query(), await stranger.client.user.me.query()];

test('the same calls of the owner are not refused as absent', async () => {
  const jobId = jobs.created ?? '';
  expect((await owner.client.jobs.get.query({ jobId })).jobId).toBe(jobId);
  expect((await owner.client.rules.get.query({ id: ruleId })).name).toBe('Mine');
});

test('lists show a user nothing of another', async () => {
  const { jobs: listed } = await stranger.client.jobs.list.query();
  expect(listed.map(({ jobId }) => jobId)).toEqual([mine]);
  expect(await stranger.client.rules.list.query()).toEqual([]);
  expect((await stranger.client.user.ledger.query()).receipts.map(({ amount }) => amount)).toEqual([10]);
});

test('history of a job whose object is gone is as closed to a stranger as the job was', async () => {
  const gone = env.JOB_COORDINATOR.idFromName('nobody:gone').toString();
  await env.DB.prepare(
    "INSERT INTO jobs_log (job_id, user_id, status, preset, created_at, finished_at) VALUES (?, ?, 'done', 'interior', 1, 2)",
  )
    .bind(gone, owner.userId)
    .run();
  expect((await owner.client.jobs.get.query({ jobId: gone })).status).toBe('done');
  const foreign = await refusalOf(stranger.client.jobs.get.query({ jobId: gone }));
  expect(foreign).toEqual(await refusalOf(stranger.client.jobs.get.query({ jobId: absent().jobId })));
  expect(await d1('SELECT user_id FROM jobs_log WHERE job_id = ?', gone)).toEqual([{ user_id: owner.userId }]);
});

test("an operator's procedure looks like none to a user", async () => {
  const { admin } = stranger.client;
  const { userId } = stranger;
  for (const call of [
    () => admin.setPlan.mutate({ userId, plan: 'pro' }),
    () => admin.grantCredits.mutate({ userId, amount: 5, reason: 'please', idempotencyKey: 'grant-me-now' }),
    () => admin.adopt.mutate({ userId, plan: 'pro', credits: 9, deviceHash: null, createdAt: 1000, rules: [] }),
    () => admin.job.query({ jobId: mine }),
    () => admin.listDeadLetters.query(),
    () => admin.requeue.mutate({ jobId: mine, idempotencyKey: 'requeue-me-now' }),
    () => admin.reconcile.mutate({ userId }),
    () => admin.health.query(),
  ]) {
    expect(await refusalOf(call())).toMatchObject({ code: 'NOT_FOUND', httpStatus: 404, message: 'no such procedure' });
  }
  expect(await stranger.client.user.me.query()).toMatchObject({ plan: 'free', credits: { granted: 10 } });
});
