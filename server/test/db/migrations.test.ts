/** The migrations, from the shape of the deployed database on: every row survives, and an index serves each query that pages. */
import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { d1 } from '../../../proving/world/workerd/objects.ts';

async function dropEverything(): Promise<void> {
  const tables = await d1(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'",
  );
  for (const { name } of tables) await env.DB.prepare(`DROP TABLE ${String(name)}`).run();
}

test('rows of the original tables survive every migration, and ended jobs have their counts', async () => {
  await dropEverything();
  const [first, ...later] = env.TEST_MIGRATIONS;
  if (first === undefined) throw new Error('no migrations');
  expect(first.name).toBe('0001_schema.sql');
  expect(later.length).toBeGreaterThan(0);
  await applyD1Migrations(env.DB, [first]);
  await env.DB.batch(
    [
      "INSERT INTO users VALUES ('u1', 'pro', 42, 'anonymous', 'a@b.c', 'hash', 1000)",
      "INSERT INTO users VALUES ('u2', 'free', 0, NULL, NULL, NULL, 1001)",
      "INSERT INTO rules VALUES ('r1', 'u1', 'Oak', 'interior', '{}', NULL, 1002, 1003)",
      "INSERT INTO jobs_log VALUES ('j1', 'u1', 'done', 'interior', 'r1', '{}', '[]', '{}', 3, NULL, 1004, 1005)",
      "INSERT INTO jobs_log VALUES ('j2', 'u1', 'failed', NULL, NULL, NULL, NULL, NULL, NULL, 'boom', 1006, NULL)",
      "INSERT INTO job_items_log VALUES ('j1', 0, 'done', 'in', 'out', 'pre', NULL)",
      "INSERT INTO job_items_log VALUES ('j1', 1, 'completed', 'in', 'out', NULL, NULL)",
      "INSERT INTO job_items_log VALUES ('j1', 2, 'failed', 'in', NULL, NULL, 'bad')",
      "INSERT INTO billing_events VALUES ('b1', 'u1', 'charge', -2, 'j1', 1007)",
    ].map((statement) => env.DB.prepare(statement)),
  );
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  expect(await d1('SELECT * FROM users ORDER BY id')).toMatchObject([
    { id: 'u1', plan: 'pro', credits: 42, email: 'a@b.c', device_hash: 'hash', created_at: 1000, version: 0 },
    { id: 'u2', plan: 'free', credits: 0, created_at: 1001 },
  ]);
  expect(await d1('SELECT * FROM rules')).toMatchObject([
    { id: 'r1', name: 'Oak', deleted_at: null, updated_at: 1003 },
  ]);
  expect(await d1('SELECT job_id, error, done, failed, total FROM jobs_log ORDER BY job_id')).toEqual([
    { job_id: 'j1', error: null, done: 2, failed: 1, total: 3 },
    { job_id: 'j2', error: 'boom', done: 0, failed: 0, total: 0 },
  ]);
  expect(await d1('SELECT idx, status FROM job_items_log ORDER BY idx')).toHaveLength(3);
  expect(await d1('SELECT amount, ref FROM billing_events')).toEqual([{ amount: -2, ref: 'j1' }]);
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  expect(await d1('SELECT count(*) AS n FROM jobs_log')).toEqual([{ n: 2 }]);
});

test('the four indexes are there', async () => {
  const names = (await d1("SELECT name FROM sqlite_master WHERE type = 'index'")).map(({ name }) => name);
  const wanted = [
    'idx_rules_user_id',
    'idx_jobs_log_user_id',
    'idx_job_items_log_job_id',
    'idx_billing_events_user_id',
  ];
  expect(names).toEqual(expect.arrayContaining(wanted));
});

test.for([
  [
    'a page of jobs',
    "SELECT * FROM jobs_log WHERE user_id = 'u' AND (created_at, job_id) < (1, 'x') ORDER BY created_at DESC, job_id DESC LIMIT 3",
  ],
  [
    'a page of receipts',
    "SELECT * FROM billing_events WHERE user_id = 'u' AND (created_at, id) < (1, 'x') ORDER BY created_at DESC, id DESC LIMIT 3",
  ],
  [
    'a page of dead letters',
    "SELECT * FROM jobs_log WHERE error GLOB 'dead letter:*' AND (finished_at, job_id) < (1, 'x') ORDER BY finished_at DESC, job_id DESC LIMIT 3",
  ],
  ['the photos of a job', "SELECT * FROM job_items_log WHERE job_id = 'x' ORDER BY idx"],
] as const)('%s is read by an index, without a sort', async ([, statement]) => {
  const plan = (await d1(`EXPLAIN QUERY PLAN ${statement}`)).map(({ detail }) => String(detail)).join('\n');
  expect(plan).toMatch(/SEARCH/);
  expect(plan).not.toMatch(/SCAN|TEMP B-TREE/);
});
