/** D1 migrations: from the shape that is deployed to today's, with every row kept, and pages that read an index in order. */
import { describe, expect, test } from 'vitest';
import {
  chargesOf,
  insertGrant,
  listReceipts,
  listUserIds,
  projectedUsers,
  upsertRule,
  upsertUser,
} from '../../src/db/accounts.ts';
import { eraseJob, findJob, flushJob, listDeadLetters, listJobs } from '../../src/db/job-history.ts';
import { readRound, saveRound } from '../../src/db/reconcile-round.ts';
import type { JobState } from '../../src/domain/job/state.ts';
import { startOf } from '../../src/domain/paging.ts';
import { migrationFiles, NodeD1 } from './db/node-d1.ts';
import { after, canceled, done, doneResult, failedResult, report, running, T0, verifiedWith } from './job/states.ts';

const [ORIGINAL = '', ...LATER] = migrationFiles;

/** "Contracts: Cloudflare resources" of DESIGN.md. */
const COLUMNS: Record<string, string> = {
  users: 'id plan credits auth_provider email device_hash created_at',
  rules: 'id user_id name preset_id concepts_json protect_json created_at updated_at',
  jobs_log:
    'job_id user_id status preset rule_id concepts_json protect_json params_json cost_estimate error created_at finished_at',
  job_items_log: 'job_id idx status input_key output_key preview_key error',
  billing_events: 'id user_id type amount ref created_at',
};
const TABLES = Object.keys(COLUMNS);
const INDEXES = ['idx_billing_events_user_id', 'idx_job_items_log_job_id', 'idx_jobs_log_user_id', 'idx_rules_user_id'];

/** Rows as the deployed database may hold them, gaps included. */
const ROWS: Record<string, (string | number | null)[][]> = {
  users: [
    ['u1', 'free', 8, 'anonymous', null, 'device-1', 1_000],
    ['u2', 'pro', 200, null, 'a@b.test', null, 2_000],
  ],
  rules: [
    ['r1', 'u1', 'Oak', 'interior', '{"Floor":{"action":"remove"}}', null, 1_000, 1_000],
    ['r2', 'u2', '오크', 'seller', '{}', '["Logo"]', 1_500, 1_700],
  ],
  jobs_log: [
    ['j1', 'u1', 'done', 'interior', 'r1', '{}', '[]', '{}', 3, null, 1_000, 2_000],
    ['j2', 'u1', 'failed', null, null, null, null, null, null, 'boom', 1_100, null],
  ],
  job_items_log: [
    ['j1', 0, 'done', 'in/0', 'out/0', 'pre/0', null],
    ['j1', 1, 'completed', 'in/1', 'out/1', null, null],
    ['j1', 2, 'failed', 'in/2', null, null, 'too dark'],
    ['gone', 0, 'done', null, null, null, null],
  ],
  billing_events: [
    ['b1', 'u1', 'grant', 10, 'sign-up', 1_000],
    ['b2', 'u1', 'charge', -2, 'j1', 2_000],
  ],
};

function original(): NodeD1 {
  const db = new NodeD1().migrate([ORIGINAL]);
  for (const [table, rows] of Object.entries(ROWS)) {
    for (const row of rows) {
      db.rows(`INSERT INTO ${table} VALUES (${row.map(() => '?').join(', ')})`, ...row);
    }
  }
  return db;
}

const columnsOf = (db: NodeD1, table: string) =>
  db.rows<{ name: string }>(`SELECT name FROM pragma_table_info('${table}')`).map(({ name }) => name);
const contentOf = (db: NodeD1, table: string) =>
  db.rows(`SELECT ${COLUMNS[table]?.replaceAll(' ', ', ')} FROM ${table} ORDER BY 1, 2`);
const indexesOf = (db: NodeD1) =>
  db.rows<{ name: string; sql: string }>(
    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
  );

describe('the first migration', () => {
  test('is the shape that is deployed: its tables, columns and indexes', () => {
    const db = original();
    for (const table of TABLES) expect(columnsOf(db, table)).toEqual(COLUMNS[table]?.split(' '));
    expect(indexesOf(db).map(({ name }) => name)).toEqual(expect.arrayContaining(INDEXES));
    expect(indexesOf(db)).toHaveLength(INDEXES.length);
  });

  test('does nothing where those tables exist already', () => {
    const db = original();
    const before = TABLES.map((table) => contentOf(db, table));
    db.migrate([ORIGINAL]);
    expect(TABLES.map((table) => contentOf(db, table))).toEqual(before);
  });
});

describe('the later migrations', () => {
  const db = original();
  const before = new Map(TABLES.map((table) => [table, contentOf(db, table)]));
  db.migrate(LATER);

  test.each(TABLES)('keep every row of %s, and its columns in their order', (table) => {
    expect(contentOf(db, table)).toEqual(before.get(table));
    const columns = COLUMNS[table]?.split(' ') ?? [];
    expect(columnsOf(db, table).slice(0, columns.length)).toEqual(columns);
  });

  test('leave the indexes of the contract, and no table that was only needed on the way', () => {
    expect(indexesOf(db).map(({ name }) => name)).toEqual(expect.arrayContaining(INDEXES));
    const tables = db.rows<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'");
    expect(tables.map(({ name }) => name).toSorted()).toEqual([...TABLES, 'reconcile_round'].toSorted());
  });

  test('count the photos of jobs that were logged before', () => {
    expect(db.rows('SELECT job_id, done, failed, total FROM jobs_log ORDER BY job_id')).toEqual([
      { job_id: 'j1', done: 2, failed: 1, total: 3 },
      { job_id: 'j2', done: 0, failed: 0, total: 0 },
    ]);
  });

  test('give users of before the oldest version, so that their object overwrites it', () => {
    expect(db.rows('SELECT DISTINCT version FROM users')).toEqual([{ version: 0 }]);
  });

  test('index only the photos that went wrong', () => {
    expect(indexesOf(db).find(({ name }) => name === 'idx_job_items_log_job_id')?.sql).toContain('WHERE');
  });

  test('run on an empty database as well', () => {
    expect(contentOf(new NodeD1().migrate(migrationFiles), 'jobs_log')).toEqual([]);
  });
});

/** Ended jobs of `users` users, interleaved in time; every third one is a dead letter. */
async function history(users: number, each: number): Promise<NodeD1> {
  const db = new NodeD1().migrate(migrationFiles);
  for (let n = 0; n < users * each; n++) {
    const userId = `u${n % users}`;
    const error = n % 3 === 0 ? 'dead letter: no answer' : null;
    // Two at a time have the same moment, so that pages have to break ties by id.
    const at = T0 + Math.floor(n / (2 * users));
    const job: JobState = { ...done(2), userId, jobId: `job-${n}`, createdAt: at, endedAt: at, error };
    await flushJob(db, job, new Map(), { credits: 8, version: n + 2 });
  }
  return db;
}
const newest = startOf(undefined);
const NEWEST = newest.ok ? newest.value : expect.unreachable();

describe('pages of history', () => {
  test('walk all jobs of one user once, newest first, whatever the page size', async () => {
    const db = await history(2, 9);
    for (const size of [1, 2, 4, 50]) {
      const found: string[] = [];
      let start = NEWEST;
      for (
        let page = await listJobs(db, 'u1', start, size);
        page.length > 0;
        page = await listJobs(db, 'u1', start, size)
      ) {
        found.push(...page.map(({ jobId }) => jobId));
        const last = page.at(-1) ?? expect.unreachable();
        start = { at: last.createdAt.getTime(), id: last.jobId };
      }
      expect(new Set(found).size).toBe(9);
      expect(found).toHaveLength(9);
      const times = found.map((id) => Math.floor(Number(id.slice(4)) / 4));
      expect(times).toEqual(times.toSorted((a, b) => b - a));
    }
  });

  test('a job written twice is there once, is charged once, and is gone when it is erased', async () => {
    const part = canceled(after(report(running(3), [doneResult(0), failedResult(1)])));
    const job = verifiedWith(part, [0]);
    const db = new NodeD1().migrate(migrationFiles);
    const user = { id: 'u1', plan: 'free', credits: 10, deviceHash: null, createdAt: T0, version: 1 };
    await db.batch([upsertUser(db, user)]);
    for (let time = 0; time < 2; time++)
      await flushJob(db, job, new Map([[1, 'too dark']]), { credits: 9, version: 2 });
    expect(await findJob(db, 'u1', 'j1')).toMatchObject({
      summary: { status: 'canceled', progress: { done: 1, failed: 1, total: 3 } },
      items: [
        { idx: 0, status: 'done', error: null },
        { idx: 1, status: 'failed', error: 'too dark' },
        { idx: 2, status: 'canceled', error: null },
      ],
    });
    expect((await projectedUsers(db, ['u1'])).get('u1')).toMatchObject({ credits: 9, billed: -1 });
    expect(await findJob(db, 'u2', 'j1')).toBeNull();
    await eraseJob(db, 'j1');
    expect(await findJob(db, 'u1', 'j1')).toBeNull();
    expect(await listReceipts(db, 'u1', NEWEST, 10)).toMatchObject([{ type: 'charge', amount: -1, ref: 'j1' }]);
  });

  test("an older version never overwrites a newer one: users, rules and a job's ledger point", async () => {
    const db = new NodeD1().migrate(migrationFiles);
    const user = (version: number) =>
      upsertUser(db, { id: 'u1', plan: 'free', credits: version, deviceHash: null, createdAt: T0, version });
    const rule = (version: number) =>
      upsertRule(db, {
        id: 'r1',
        userId: 'u1',
        name: `v${version}`,
        presetId: 'interior',
        conceptsJson: '{}',
        protectJson: '[]',
        createdAt: T0,
        updatedAt: T0,
        deletedAt: version === 5 ? T0 : null,
        version,
      });
    await db.batch([user(3), user(5), user(4), rule(5), rule(4)]);
    await flushJob(db, done(2), new Map(), { credits: 77, version: 4 });
    expect(db.rows('SELECT credits, version FROM users')).toEqual([{ credits: 5, version: 5 }]);
    expect(db.rows('SELECT name, deleted_at FROM rules')).toEqual([{ name: 'v5', deleted_at: T0 }]);
  });
});

describe('every statement finds its rows by an index, in order', () => {
  test('no table is scanned and nothing is sorted', async () => {
    const db = await history(3, 5);
    const grant = { id: 'g1', userId: 'u1', amount: 10, reason: 'sign-up', createdAt: T0 };
    db.ran.length = 0;
    await db.batch([insertGrant(db, grant)]);
    await flushJob(db, done(2), new Map(), { credits: 8, version: 99 });
    await listJobs(db, 'u1', NEWEST, 20);
    await listReceipts(db, 'u1', NEWEST, 20);
    await listDeadLetters(db, NEWEST, 20);
    await listUserIds(db, '', 20);
    await findJob(db, 'u1', 'j1');
    await projectedUsers(db, ['u1', 'u2']);
    const round = await readRound(db);
    await saveRound(db, { ...round, at: { userId: 'u1', job: null } });
    await chargesOf(db, ['j1', 'job-1']);
    await eraseJob(db, 'j1');
    const steps = db.ran.map((ran) => ({ sql: ran.sql, plan: db.plan(ran) }));
    expect(steps.flatMap(({ plan }) => plan).length).toBeGreaterThan(8);
    for (const { sql, plan } of steps) {
      // json_each is a list of parameters; a subquery names its own steps.
      const costly = plan.filter((step) => /TEMP B-TREE|^SCAN (?!json_each|value|CONSTANT)/.test(step));
      expect({ sql, costly }).toEqual({ sql, costly: [] });
    }
  });

  test('a page of dead letters reads its own small index', async () => {
    const db = await history(1, 6);
    db.ran.length = 0;
    expect(await listDeadLetters(db, NEWEST, 1)).toMatchObject([{ job_id: 'job-3' }]);
    expect(db.ran.flatMap((ran) => db.plan(ran)).join()).toContain('idx_jobs_log_dead_letters');
  });
});
