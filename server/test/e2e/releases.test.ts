/**
 * A release can be taken back: what this one has stored goes on under the bundle of the release before it, and what that one made of it
 * goes on under this one again, with jobs at every stage under way. In bare workerd, over the same kept storage, D1, R2 and queue.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Outside } from '../../../proving/world/bundle/gpu.ts';
import { CHOICE, type Job, type Running } from '../../../proving/world/bundle/jobs.ts';
import { data, text, type User, World } from '../../../proving/world/bundle/world.ts';
import { answering } from '../../../proving/world/gpu.ts';
import { startProduction } from '../../../start/local/production.ts';
import { fromRoot } from '../../../start/paths.ts';

const RELEASES = readdirSync(fromRoot('server', 'test', 'releases'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();
const LAST = RELEASES.at(-1) ?? '';

/** What waits for minutes in production, in seconds. */
const SHORT = {
  JOB_LEASE_MS: '3000',
  JOB_EFFECT_GRACE_MS: '500',
  HOLD_CHECK_MS: '2000',
  EFFECT_TIMEOUT_MS: '2000',
  PROJECTION_DELAY_MS: '100',
} as const;
const PATIENCE_MS = 45_000;

let gpu: Outside;
let persistTo: string;
let world: World | undefined;
let port: number | undefined;
beforeEach(async () => {
  gpu = await Outside.start();
  persistTo = mkdtempSync(path.join(tmpdir(), 's3-releases-'));
});
afterEach(async () => {
  await world?.production.stop();
  world?.http.close();
  gpu.close();
  rmSync(persistTo, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

/** Ends what runs, and starts that release, or today's code, on the same storage. */
async function start(release?: string): Promise<World> {
  world?.http.close();
  await world?.production.stop();
  const vars = { ...SHORT, GPU_URL: gpu.url, TURNSTILE_URL: gpu.turnstileUrl };
  const production = await startProduction({
    vars,
    persistTo,
    ...(port === undefined ? {} : { port }),
    ...(release === undefined ? {} : { release }),
  });
  port = production.port;
  world = new World(production, gpu);
  return world;
}

const now = (): World => world ?? expect.unreachable('nothing runs');
const call = async (path: string, input: unknown, { token }: User) => data(await now().mutate(path, input, { token }));
const ask = async (path: string, input: unknown, { token }: User) => data(await now().query(path, input, { token }));
const statusOf = async ({ owner, jobId }: Job) => text(await ask('jobs.get', { jobId }, owner), 'status');

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await holds()); await sleep(100)) {
    if (Date.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
  }
}
const untilStatus = (job: Job, status: string) =>
  until(`job ${job.jobId} is ${status}`, async () => (await statusOf(job)) === status);

/** A GPU worker that puts these results and reports them. */
async function work(job: Running, indexes: number[]): Promise<void> {
  await now().jobs.putResults(job, indexes);
  const items = indexes.map((idx) => ({ idx, status: 'done', attempt: job.dispatch.attempt }));
  const reply = await now().jobs.report(job, { items });
  expect(reply.status, reply.body).toBe(200);
}

async function executed(job: Job): Promise<Job> {
  await call('jobs.execute', { jobId: job.jobId, ...CHOICE }, job.owner);
  return job;
}
/** The dispatch of a job, of whichever attempt the provider took. */
async function taken(job: Job): Promise<Running> {
  await until('the dispatch', async () => gpu.dispatches.some(({ job_id }) => job_id === job.jobId));
  const dispatch = gpu.dispatchesOf(job.jobId).at(-1) ?? expect.unreachable();
  return { ...job, dispatch, token: dispatch.callback_token };
}

const upload = (job: Job): Promise<void> => now().jobs.upload(job);

/** Ledger, D1 and R2 of one user, once nothing is owed any more. */
async function expectSettled({ userId }: User, charged: number): Promise<void> {
  const { production } = now();
  const storage = await production.objectStorage('USER_LIMITER', { name: userId });
  const account = async () => (await storage.exec('SELECT * FROM account'))[0];
  await until('nothing is held and D1 knows', async () => {
    const row = await account();
    return Number(row?.held) === 0 && (await storage.exec('SELECT 1 FROM outbox')).length === 0;
  });
  const row = await account();
  const [balance, spent, granted] = [Number(row?.balance), Number(row?.spent), Number(row?.granted)];
  expect(balance + spent).toBe(granted);
  expect(spent).toBe(charged);
  const db = await production.mf.getD1Database('DB');
  await until('D1 shows the credits', async () => {
    const shown = await db.prepare('SELECT credits FROM users WHERE id = ?').bind(userId).first<{ credits: number }>();
    return shown?.credits === granted - spent;
  });
  const billed = await db
    .prepare('SELECT sum(amount) AS sum FROM billing_events WHERE user_id = ?')
    .bind(userId)
    .first<{ sum: number }>();
  expect(billed?.sum).toBe(granted - spent);
  const token = now().setting('ADMIN_SECRET');
  const report = data(await now().mutate('admin.reconcile', { userId }, { token })) as { differences: unknown[] };
  expect(report.differences).toEqual([]);
}

async function resultsOf({ jobId, owner }: Job): Promise<number> {
  const bucket = await now().production.mf.getR2Bucket('R2');
  return (await bucket.list({ prefix: `outputs/${owner.userId}/${jobId}/` })).objects.length;
}

test(`what today's code stored goes on under release ${LAST}, and under today's code again, with jobs at every stage`, async () => {
  await start();
  const [ann, ben, cem] = [await now().signUpPro(), await now().signUpPro(), await now().signUpPro()];
  const rule = { name: 'Oak', presetId: 'interior', ...CHOICE };
  const ruleId = text(await call('rules.create', rule, ann), 'id');
  const created = await now().jobs.created(ann);
  const uploaded = await now().jobs.uploaded(ann);
  const running = await now().jobs.running(ann);
  await work(running, [0]);
  const done = await now().jobs.done(ben);
  const canceled = await now().jobs.running(ben);
  await work(canceled, [1]);
  await call('jobs.cancel', { jobId: canceled.jobId }, ben);
  // As if the object had stopped before its answer came: what it owes, it owes to whoever wakes it.
  const held = await now().production.objectStorage('JOB_COORDINATOR', { id: canceled.jobId });
  await held.exec(`UPDATE job SET state = json_set(state, '$.effects.settle', json('{"tries":1,"due":0}'))`);
  const other = await now().jobs.running(cem);
  gpu.script.dispatch = answering(429);
  const queued = await executed(await now().jobs.uploaded(cem));

  await start(LAST);
  gpu.accept();
  const me = await ask('user.me', undefined, ann);
  expect(me).toMatchObject({ plan: 'pro', activeJobs: 3, ruleSlots: { used: 1 } });
  expect(await ask('rules.list', undefined, ann)).toMatchObject([{ id: ruleId, name: 'Oak' }]);
  for (const [job, status] of [
    [created, 'created'],
    [uploaded, 'uploaded'],
    [running, 'running'],
    [done, 'done'],
    [canceled, 'canceled'],
  ] as const) {
    expect(await statusOf(job)).toBe(status);
  }
  await call('rules.update', { id: ruleId, name: 'Ash' }, ann);
  await upload(created);
  await call('jobs.cancel', { jobId: uploaded.jobId }, ann);
  await work(running, [1]);
  expect(await statusOf(running)).toBe('done');
  const begun = await taken(await executed(created));
  await work(begun, [0]);
  const queuedThere = await taken(queued);
  const madeThere = await now().jobs.uploaded(ben);

  await start();
  expect(await ask('rules.list', undefined, ann)).toMatchObject([{ id: ruleId, name: 'Ash' }]);
  for (const [job, status] of [
    [uploaded, 'canceled'],
    [running, 'done'],
    [begun, 'running'],
    [madeThere, 'uploaded'],
    [other, 'running'],
  ] as const) {
    expect(await statusOf(job)).toBe(status);
  }
  await work(begun, [1]);
  await work(queuedThere, [0, 1]);
  await call('jobs.cancel', { jobId: other.jobId }, cem);
  const finished = await taken(await executed(madeThere));
  await work(finished, [0, 1]);
  for (const job of [begun, queued, madeThere]) await untilStatus(job, 'done');
  // Two each of `running`, `begun`; `done`, one of `canceled`, `madeThere`; `queued`.
  await expectSettled(ann, 4);
  await expectSettled(ben, 5);
  await expectSettled(cem, 2);
  for (const [job, results] of [
    [running, 2],
    [begun, 2],
    [done, 2],
    [canceled, 1],
    [madeThere, 2],
    [queued, 2],
  ] as const) {
    expect(await resultsOf(job), job.jobId).toBe(results);
  }
  const errors = now().logs.filter((line) => line.includes('"level":"error"'));
  expect(errors).toEqual([]);
}, 180_000);

test(`masks over a rollback to release ${LAST}: what it executed was promised them and has them at every attempt, and nothing else does`, async () => {
  await start();
  const over = new Set<string>();
  gpu.script.status = (id) => Response.json({ id, status: over.has(id) ? 'FAILED' : 'IN_PROGRESS' });
  const [ann, ben] = [await now().signUpPro(), await now().signUpPro()];
  const execute = (job: Job) =>
    call('jobs.execute', { jobId: job.jobId, ...CHOICE, idempotencyKey: `${job.jobId.slice(0, 16)}-once` }, job.owner);
  const masksOf = async (job: Job, attempt: number) => {
    const { items } = (await gpu.dispatchOf(job.jobId, attempt)).message;
    return items.map(({ mask_urls, instances_url }) => [
      Object.keys(mask_urls).length > 0,
      instances_url !== undefined,
    ]);
  };
  /** The provider lost that attempt. */
  const lose = (job: Job, attempt: number) => over.add(`run-${job.jobId.slice(0, 8)}-${attempt}`);
  const [all, none] = [
    [
      [true, true],
      [true, true],
    ],
    [
      [false, false],
      [false, false],
    ],
  ];
  const today = await now().jobs.uploaded(ann);
  await execute(today);
  expect(await masksOf(today, 1)).toEqual(none);

  await start(LAST);
  const before = await now().jobs.uploaded(ben);
  await execute(before);
  expect(await masksOf(before, 1)).toEqual(all);
  // It knows of no choice: so be it, but it is the same execution.
  await execute(today);
  lose(today, 1);
  expect(await masksOf(today, 2)).toEqual(all);

  await start();
  await execute(today);
  await execute(before);
  lose(today, 2);
  lose(before, 1);
  // In halves, by now.
  expect(await masksOf(today, 3)).toEqual(none.slice(1));
  expect(await masksOf(before, 2)).toEqual(all.slice(1));
  for (const [job, attempt] of [
    [today, 2],
    [before, 1],
  ] as const) {
    const dispatch = (await gpu.dispatchOf(job.jobId, attempt)).message;
    await work({ ...job, dispatch, token: dispatch.callback_token }, [0, 1]);
  }
  for (const job of [today, before]) await untilStatus(job, 'done');
  await expectSettled(ann, 2);
  await expectSettled(ben, 2);
}, 180_000);

test(`a job whose photos are in several runs goes on under release ${LAST} with all that is open, and under today's code again`, async () => {
  await start();
  const ann = await now().signUpPro();
  const first = await now().jobs.running(ann, 30);
  const dispatched = async (what: string, holds: (photos: number, attempt: number) => boolean): Promise<Running> => {
    const found = () => gpu.dispatchesOf(first.jobId).find(({ items, attempt }) => holds(items.length, attempt));
    await until(what, async () => found() !== undefined);
    return { ...first, dispatch: found() ?? expect.unreachable() };
  };
  const photosOf = ({ dispatch }: Running) => dispatch.items.map(({ idx }) => idx);
  expect(photosOf(first)).toEqual([0, 1, 2, 3]);
  await work(first, [0]);
  const second = await dispatched('the second run', (_, attempt) => attempt === 2);
  await work(second, photosOf(second).slice(0, 2));
  await dispatched('the third run', (_, attempt) => attempt === 3);

  await start(LAST);
  // The runs that were out are over there when it asks.
  gpu.script.status = () => Response.json({ status: 'COMPLETED' });
  expect(await ask('jobs.get', { jobId: first.jobId }, ann)).toMatchObject({
    status: 'running',
    progress: { done: 3 },
  });
  const all = await dispatched('all that is open', (photos) => photos === 27);
  await work(all, photosOf(all).slice(0, 5));
  await work(second, photosOf(second).slice(2));

  await start();
  expect(await ask('jobs.get', { jobId: first.jobId }, ann)).toMatchObject({
    status: 'running',
    progress: { total: 30 },
  });
  for (let run = 0; run < 60 && (await statusOf(first)) === 'running'; run++) {
    const known = gpu.dispatchesOf(first.jobId).length;
    const view = (await ask('jobs.get', { jobId: first.jobId }, ann)) as { items: { idx: number; status: string }[] };
    const open = new Set(view.items.filter(({ status }) => status !== 'done').map(({ idx }) => idx));
    const last = { ...first, dispatch: gpu.dispatchesOf(first.jobId).at(-1) ?? expect.unreachable() };
    const mine = photosOf(last).filter((idx) => open.has(idx));
    if (mine.length > 0) await work(last, mine);
    else await until('the next run', async () => gpu.dispatchesOf(first.jobId).length > known);
  }
  await untilStatus(first, 'done');
  await expectSettled(ann, 30);
  expect(await resultsOf(first)).toBe(30);
  expect(now().logs.filter((line) => line.includes('"level":"error"'))).toEqual([]);
}, 180_000);
