/** Looking into the objects and D1, past every switch. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { owedEffects } from '../../server/src/domain/job/timing.ts';
import { JobStore } from '../../server/src/durable-objects/job-coordinator/store.ts';
import { UserStore } from '../../server/src/durable-objects/user-limiter/store.ts';
import { jobStub, rawBatch, userStub } from './outside.ts';
import type { HistoryRow, JobLook, Projection, UserLook } from './world.ts';
import { seeInto } from './writes.ts';

export function lookAtUser(userId: string): Promise<UserLook | null> {
  return runInDurableObject(userStub(userId), async (_, { storage }) => {
    seeInto(userId, storage);
    const store = new UserStore(storage);
    const user = store.user();
    if (user === null) return null;
    return {
      account: user.account,
      holds: [...user.live, ...store.receipts('', 1000)],
      rules: new Map(store.rules().map(({ id, name }) => [id, name])),
      outbox: store.outbox(1000).length,
      lowerings: (user.more.lowerings ?? []).map(({ since }) => since),
      alarm: await storage.getAlarm(),
    };
  });
}

export function lookAtJob(jobId: string): Promise<JobLook> {
  return runInDurableObject(jobStub(jobId), async (_, { storage }): Promise<JobLook> => {
    seeInto(jobId, storage);
    const loaded = new JobStore(storage).load();
    const alarm = await storage.getAlarm();
    if (loaded.kind !== 'job') return { kind: loaded.kind, alarm, tables: tablesIn(storage.sql) };
    return { kind: 'job', job: loaded.job, owes: owedEffects(loaded.job), alarm };
  });
}

/** Photos of each job that the day of all counts, and for which day. */
export function lookAtCeilings(jobIds: string[]): Promise<Map<string, { day: number; photos: number }>> {
  return runInDurableObject(userStub('ceilings'), (_, { storage: { sql } }) => {
    if (sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'claim'").toArray().length === 0) return new Map();
    const rows = sql.exec<{ key: string; day: number; amount: number }>(
      'SELECT key, day, amount FROM claim WHERE key IN (SELECT value FROM json_each(?)) ORDER BY day',
      JSON.stringify(jobIds),
    );
    return new Map(rows.toArray().map(({ key, day, amount }) => [key, { day, photos: amount }]));
  });
}

function tablesIn(sql: SqlStorage): number {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name IN ('job', 'event')").toArray().length;
}

type ItemRow = { job_id: string; idx: number; status: 'done' | 'failed' | 'canceled' };

export async function lookAtHistory(userId: string): Promise<Projection> {
  const of = (query: string) => env.DB.prepare(query).bind(userId);
  const [users, events, rules, jobs, items] = await rawBatch<Record<string, unknown>>([
    of('SELECT plan, credits FROM users WHERE id = ?1'),
    of('SELECT id, amount FROM billing_events WHERE user_id = ?1'),
    of('SELECT id, name FROM rules WHERE user_id = ?1 AND deleted_at IS NULL'),
    of('SELECT job_id, status, done, failed, total FROM jobs_log WHERE user_id = ?1'),
    of(`SELECT i.job_id, i.idx, i.status FROM job_items_log i JOIN jobs_log j ON j.job_id = i.job_id
        WHERE j.user_id = ?1 ORDER BY i.job_id, i.idx`),
  ]);
  const rows = <T>(result: D1Result<unknown> | undefined) => (result?.results ?? []) as T[];
  const byJob = new Map<string, ItemRow['status'][]>();
  for (const { job_id, status } of rows<ItemRow>(items)) byJob.set(job_id, [...(byJob.get(job_id) ?? []), status]);
  return {
    user: rows<{ plan: string; credits: number }>(users)[0] ?? null,
    events: new Map(rows<{ id: string; amount: number }>(events).map(({ id, amount }) => [id, amount])),
    rules: new Map(rows<{ id: string; name: string }>(rules).map(({ id, name }) => [id, name])),
    jobs: new Map(rows<HistoryRow & { job_id: string }>(jobs).map(({ job_id, ...row }) => [job_id, row])),
    items: byJob,
  };
}
