/**
 * What has to hold after every crash, once nothing is owed any more: the promise, in checks. {@link settledEnding} is asked
 * some days after the last call, {@link expectNothingLeft} when everything has outlived its time.
 */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect } from 'vitest';
import { d1, jobObject, sqlIn, userObject } from '../../server/test/support/objects.ts';
import type { World } from './world.ts';

/** How a run ended, in words that do not differ from run to run: a crash must not change them. */
export type Ending = { credits: string; jobs: string[] };

type Receipt = { jobId: string; amount: number; charged: number; outcome: string };
type Stored = { abandonedAt: number } | { status: string; deletedAt: number | null; effects: Record<string, unknown> };

export async function settledEnding(world: World): Promise<Ending> {
  const user = userObject(world.userId);
  const [account] = await sqlIn(user, 'SELECT plan, balance, held, spent, granted, live, more FROM account');
  if ('erasing' in (JSON.parse(String(account?.more ?? '{}')) as object)) return erasedEnding(world.userId);
  const [balance, held, spent, granted] = ['balance', 'held', 'spent', 'granted'].map((name) =>
    Number(account?.[name]),
  );
  expect(Number(balance) + Number(held) + Number(spent), 'balance + held + spent').toBe(granted);
  expect(held, 'credits held').toBe(0);
  expect(account?.live, 'holds of live jobs').toBe('[]');
  expect(await sqlIn(user, 'SELECT kind, ref FROM outbox'), 'what D1 has still to hear of').toEqual([]);
  const credits = Number(granted) - Number(spent);
  expect(await d1('SELECT plan, credits FROM users WHERE id = ?', world.userId), 'the user in D1').toEqual([
    { plan: account?.plan, credits },
  ]);
  const billed = await d1('SELECT sum(amount) AS sum FROM billing_events WHERE user_id = ?', world.userId);
  expect(billed, 'billing events').toEqual([{ sum: credits }]);
  await expectSameRules(world.userId);
  const receipts = await sqlIn(
    user,
    'SELECT job_id AS jobId, amount, charged, outcome FROM receipt ORDER BY created_at, job_id',
  );
  const jobs: string[] = [];
  for (const receipt of receipts) jobs.push(await settledJob(world.userId, receipt as Receipt));
  return { credits: `${balance} left, ${spent} spent`, jobs };
}

/** Of a user who was deleted D1 and R2 know nothing any more. */
async function erasedEnding(userId: string): Promise<Ending> {
  for (const [table, id] of Object.entries({
    users: 'id',
    rules: 'user_id',
    jobs_log: 'user_id',
    billing_events: 'user_id',
  })) {
    expect(await d1(`SELECT * FROM ${table} WHERE ${id} = ?`, userId), `${table} of a deleted user`).toEqual([]);
  }
  const orphans = 'SELECT * FROM job_items_log WHERE job_id NOT IN (SELECT job_id FROM jobs_log)';
  expect(await d1(orphans), 'photos in D1').toEqual([]);
  for (const kind of ['inputs', 'outputs', 'previews', 'masks']) {
    expect(await keysUnder(`${kind}/${userId}/`), 'objects in R2').toEqual([]);
  }
  return { credits: 'deleted', jobs: [] };
}

async function settledJob(userId: string, { jobId, amount, charged, outcome }: Receipt): Promise<string> {
  const charges = await d1("SELECT amount FROM billing_events WHERE id = 'charge:' || ?", jobId);
  expect(charges, 'the charge in D1').toEqual(charged > 0 ? [{ amount: -charged }] : []);
  const job = await storedJob(jobId);
  const [rows, items] = await Promise.all([
    d1('SELECT status, done, total FROM jobs_log WHERE job_id = ?', jobId),
    d1('SELECT status FROM job_items_log WHERE job_id = ?', jobId),
  ]);
  if (job === null && rows.length > 0) {
    // Of a job that was never executed this row is all that is left.
    expect(rows, 'the job in D1').toEqual([{ status: 'canceled', done: 0, total: amount }]);
    expect(items, 'photos in D1').toEqual([]);
    return `canceled, charged ${charged} of ${amount}`;
  }
  if (job === null || 'abandonedAt' in job || job.deletedAt !== null) {
    expect([...rows, ...items], 'rows of a job that is gone').toEqual([]);
    // A tombstone lasts for a day. No life here deletes a job that was charged nothing, so that tells the two apart after it.
    return `${charged === 0 ? 'never came to be' : 'deleted'}, charged ${charged} of ${amount}`;
  }
  const { status } = JSON.parse(outcome) as { status: string };
  expect(job.status, 'the job as the ledger has it').toBe(status);
  expect(Object.keys(job.effects), 'what the job still owes').toEqual([]);
  expect(rows, 'the job in D1').toEqual([{ status, done: charged, total: amount }]);
  expect(items.length, 'photos in D1').toBe(amount);
  expect(items.filter((item) => item.status === 'done').length, 'done photos in D1').toBe(charged);
  expect((await keysUnder(`outputs/${userId}/${jobId}/`)).length, 'results in R2').toBe(charged);
  return `${status}, charged ${charged} of ${amount}`;
}

async function expectSameRules(userId: string): Promise<void> {
  const own = await sqlIn(userObject(userId), 'SELECT id, name FROM rule WHERE deleted_at IS NULL ORDER BY id');
  const shown = await d1('SELECT id, name FROM rules WHERE user_id = ? AND deleted_at IS NULL ORDER BY id', userId);
  expect(shown, 'the rules in D1').toEqual(own);
}

/** Every photo has outlived its time, and so has every job's object. */
export async function expectNothingLeft({ userId, jobIds }: World): Promise<void> {
  const kinds = ['inputs', 'outputs', 'previews', 'masks'];
  const keys = await Promise.all(kinds.map((kind) => keysUnder(`${kind}/${userId}/`)));
  expect(keys.flat(), 'objects in R2').toEqual([]);
  for (const jobId of jobIds) {
    const job = await storedJob(jobId);
    expect(job === null || 'abandonedAt' in job, `the object of ${jobId} is empty`).toBe(true);
    const alarm = await runInDurableObject(jobObject(jobId), (_, { storage }) => storage.getAlarm());
    expect(alarm, 'the alarm of a job that is gone').toBeNull();
  }
}

async function storedJob(jobId: string): Promise<Stored | null> {
  const stub = jobObject(jobId);
  const tables = await sqlIn(stub, "SELECT 1 FROM sqlite_master WHERE name = 'job'");
  if (tables.length === 0) return null;
  const [row] = await sqlIn(stub, 'SELECT state FROM job');
  return row === undefined ? null : (JSON.parse(String(row.state)) as Stored);
}

async function keysUnder(prefix: string): Promise<string[]> {
  return (await env.R2.list({ prefix })).objects.map(({ key }) => key);
}
