/** History has an end: what is older than its days goes in bounded steps, receipts stay, and nothing goes that an object still holds. */
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { createdJob, doneJob } from '../../../proving/world/workerd/jobs.ts';
import { d1, jobObject, keysOf, sqlIn, userObject, userRpc } from '../../../proving/world/workerd/objects.ts';
import { forgetHistory } from '../../src/db/job-history.ts';
import { reconcile } from '../../src/reconcile.ts';

let user: User;
beforeEach(async () => {
  user = await signUp('pro');
});
const NOW = 1_000 * DAY;
const BEFORE = NOW - 400 * DAY;

/** Jobs with photos of their own, one a day before the end of history, the newest first. */
async function insert(userId: string, jobs: number, photos: number, params: object = {}): Promise<void> {
  await env.DB.prepare(
    `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?2)
     INSERT INTO jobs_log (job_id, user_id, status, preset, params_json, created_at, finished_at, done, total)
     SELECT ?1 || ':' || n, ?1, 'done', 'interior', ?5, ?3 - n * 86400000, ?3 - n * 86400000 + 1000, ?4, ?4 FROM n`,
  )
    .bind(userId, jobs, BEFORE, photos, JSON.stringify(params))
    .run();
  await env.DB.prepare(
    `WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < ?2 - 1)
     INSERT INTO job_items_log (job_id, idx, status) SELECT job_id, n, 'done' FROM jobs_log, n WHERE user_id = ?1`,
  )
    .bind(userId, photos)
    .run();
}
const count = async (table: string) => Number((await d1(`SELECT count(*) AS n FROM ${table}`))[0]?.n);
const left = async (userId: string) =>
  (await d1('SELECT job_id FROM jobs_log WHERE user_id = ? ORDER BY created_at', userId)).map(({ job_id }) => job_id);

test('thousands of old rows go in steps of so many jobs, the oldest first, each with its photos', async () => {
  await insert('usr_old', 300, 20);
  await insert('usr_other', 5, 2);
  const [jobs, items] = [await count('jobs_log'), await count('job_items_log')];
  expect(items).toBeGreaterThanOrEqual(6_010);
  expect(await forgetHistory(env.DB, ['usr_old'], BEFORE, 40)).toBe(40);
  expect([await count('jobs_log'), await count('job_items_log')]).toEqual([jobs - 40, items - 800]);
  expect((await left('usr_old'))[0]).toBe('usr_old:260');
  while ((await forgetHistory(env.DB, ['usr_old', 'usr_nobody'], BEFORE, 100)) > 0);
  expect(await left('usr_old')).toEqual([]);
  expect([await count('jobs_log'), await count('job_items_log')]).toEqual([jobs - 300, items - 6_000]);
  expect(await left('usr_other')).toHaveLength(5);
});

test('a step reads what it deletes, and not the history of everybody', async () => {
  await insert('usr_many', 2_000, 1);
  await insert('usr_few', 3, 1);
  const plan = await d1(
    "EXPLAIN QUERY PLAN SELECT job_id FROM jobs_log WHERE user_id = 'usr_few' AND created_at < 5 ORDER BY created_at",
  );
  expect(JSON.stringify(plan)).toContain('idx_jobs_log_user_id');
  const statements: D1PreparedStatement[] = [];
  const db = {
    prepare: (sql: string) => env.DB.prepare(sql),
    batch: async <T>(all: D1PreparedStatement[]) => {
      const results = await env.DB.batch<T>(all);
      statements.push(...all);
      for (const { meta } of results) expect(meta.rows_read).toBeLessThan(50);
      return results;
    },
  } as unknown as D1Database;
  expect(await forgetHistory(db, ['usr_few'], BEFORE, 20)).toBe(3);
  expect(statements).toHaveLength(2);
});

test('what is younger, or ended later than it began, stays; so do rows that say nothing of their end until they are old', async () => {
  const row =
    'INSERT INTO jobs_log (job_id, user_id, status, created_at, finished_at, params_json) VALUES (?, ?, ?, ?, ?, ?)';
  const add = (id: string, created: number, finished: number | null, params: string | null = null) =>
    env.DB.prepare(row).bind(id, 'usr_edge', 'done', created, finished, params).run();
  await add('young', BEFORE, BEFORE);
  await add('ended later', BEFORE - DAY, BEFORE);
  await add('no end', BEFORE - 1, null);
  await add('no json', BEFORE - 2, BEFORE - 1, '{broken');
  expect(await forgetHistory(env.DB, ['usr_edge'], BEFORE, 20)).toBe(2);
  expect((await left('usr_edge')).toSorted()).toEqual(['ended later', 'young']);
});

test('a job whose photos a younger one was made from stays as long as that one does', async () => {
  await insert('usr_fork', 3, 1);
  const row =
    'INSERT INTO jobs_log (job_id, user_id, status, created_at, finished_at, params_json) VALUES (?, ?, ?, ?, ?, ?)';
  const from = JSON.stringify({ outputTemplate: null, from: 'usr_fork:2' });
  await env.DB.prepare(row)
    .bind('fork', 'usr_fork', 'done', BEFORE + 1, BEFORE + 1, from)
    .run();
  expect(await forgetHistory(env.DB, ['usr_fork'], BEFORE, 20)).toBe(2);
  expect(await left('usr_fork')).toEqual(['usr_fork:2', 'fork']);
  expect(await forgetHistory(env.DB, ['usr_fork'], BEFORE + 10, 20)).toBe(2);
});

test('receipts of jobs that charged nothing go with their time, and those of what was charged stay', async () => {
  const done = await doneJob(user, 1);
  const never = await createdJob(user, 1);
  await user.client.jobs.cancel.mutate({ jobId: never.jobId });
  /** One that never came to be: its token has long expired. */
  const younger = async () => {
    const jobId = env.JOB_COORDINATOR.idFromName(`${user.userId}:young`).toString();
    await userRpc(user.userId).reserve(null, { jobId, preset: 'interior', amount: 1 });
    const outcome = { status: 'canceled', done: 0, failed: 0 } as const;
    await userRpc(user.userId).settle({ jobId, charged: 0, outcome, sent: 0, ended: null });
    return { jobId };
  };
  const receipts = async () =>
    (await sqlIn(userObject(user.userId), 'SELECT job_id FROM receipt')).map(({ job_id }) => job_id).toSorted();
  pass(40 * DAY);
  for (const { jobId } of [done, never]) await wake(jobObject(jobId));
  await reconcile(env, { userId: user.userId });
  pass(760 * DAY - 1);
  const young = await younger();
  expect((await reconcile(env, { userId: user.userId })).differences).toEqual([]);
  expect(await receipts()).toEqual([done, never, young].map(({ jobId }) => jobId).toSorted());
  pass(DAY);
  expect((await reconcile(env, { userId: user.userId })).differences).toEqual([]);
  expect(await receipts()).toEqual([done, young].map(({ jobId }) => jobId).toSorted());
  expect((await reconcile(env, { userId: user.userId })).differences).toEqual([]);
});

test('reconciliation forgets what is older than HISTORY_DAYS, and receipts still add up', async () => {
  const old = await doneJob(user, 2);
  const never = await createdJob(user, 1);
  await user.client.jobs.cancel.mutate({ jobId: never.jobId });
  pass(40 * DAY);
  for (const { jobId } of [old, never]) await wake(jobObject(jobId));
  expect(await keysOf(old.jobId)).toEqual([]);
  pass(359 * DAY);
  await reconcile(env, { userId: user.userId });
  expect(await left(user.userId)).toHaveLength(2);
  pass(DAY + 1);
  await reconcile(env, { userId: user.userId });
  expect(await left(user.userId)).toEqual([]);
  expect(await d1('SELECT 1 FROM job_items_log WHERE job_id IN (?, ?)', old.jobId, never.jobId)).toEqual([]);
  expect(await d1('SELECT sum(amount) AS sum FROM billing_events WHERE user_id = ?', user.userId)).toEqual([
    { sum: 208 },
  ]);
  expect((await reconcile(env, { userId: user.userId })).differences).toEqual([]);
});
