/** A world whose release can be changed under way: bare workerd over the same kept storage, D1, R2 and queue. Who imports it has a new one for each test. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect } from 'vitest';
import { Outside } from '../../../proving/world/bundle/gpu.ts';
import { CHOICE, type Job, type Running } from '../../../proving/world/bundle/jobs.ts';
import { data, text, type User, World } from '../../../proving/world/bundle/world.ts';
import { startProduction } from '../../../start/local/production.ts';
import { fromRoot } from '../../../start/paths.ts';

const RELEASES = readdirSync(fromRoot('server', 'test', 'releases'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();
export const LAST = RELEASES.at(-1) ?? '';

/** What waits for minutes in production, in seconds. */
const SHORT = {
  JOB_LEASE_MS: '3000',
  JOB_EFFECT_GRACE_MS: '500',
  HOLD_CHECK_MS: '2000',
  EFFECT_TIMEOUT_MS: '2000',
  PROJECTION_DELAY_MS: '100',
} as const;
const PATIENCE_MS = 45_000;

export let gpu: Outside;
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
export async function start(release?: string): Promise<World> {
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

export const now = (): World => world ?? expect.unreachable('nothing runs');
export const call = async (path: string, input: unknown, { token }: User) =>
  data(await now().mutate(path, input, { token }));
export const ask = async (path: string, input: unknown, { token }: User) =>
  data(await now().query(path, input, { token }));
export const statusOf = async ({ owner, jobId }: Job) => text(await ask('jobs.get', { jobId }, owner), 'status');

export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await holds()); await sleep(100)) {
    if (Date.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
  }
}
export const untilStatus = (job: Job, status: string) =>
  until(`job ${job.jobId} is ${status}`, async () => (await statusOf(job)) === status);

/** A GPU worker that puts these results and reports them. */
export async function work(job: Running, indexes: number[]): Promise<void> {
  await now().jobs.putResults(job, indexes);
  const items = indexes.map((idx) => ({ idx, status: 'done', attempt: job.dispatch.attempt }));
  const reply = await now().jobs.report(job, { items });
  expect(reply.status, reply.body).toBe(200);
}

export async function executed(job: Job): Promise<Job> {
  await call('jobs.execute', { jobId: job.jobId, ...CHOICE }, job.owner);
  return job;
}
/** The dispatch of a job, of whichever attempt the provider took. */
export async function taken(job: Job): Promise<Running> {
  await until('the dispatch', async () => gpu.dispatches.some(({ job_id }) => job_id === job.jobId));
  const dispatch = gpu.dispatchesOf(job.jobId).at(-1) ?? expect.unreachable();
  return { ...job, dispatch, token: dispatch.callback_token };
}

export const upload = (job: Job): Promise<void> => now().jobs.upload(job);

/** Ledger, D1 and R2 of one user, once nothing is owed any more. */
export async function expectSettled({ userId }: User, charged: number): Promise<void> {
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

export async function resultsOf({ jobId, owner }: Job): Promise<number> {
  const bucket = await now().production.mf.getR2Bucket('R2');
  return (await bucket.list({ prefix: `outputs/${owner.userId}/${jobId}/` })).objects.length;
}
