/** Looking into the objects, D1 and R2 of workerd, past every switch. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { JobState } from '../../../server/src/domain/job/state.ts';
import { owedEffects } from '../../../server/src/domain/job/timing.ts';
import { userPrefixes } from '../../../server/src/domain/keys.ts';
import type { Account, Hold } from '../../../server/src/domain/ledger.ts';
import { JobStore } from '../../../server/src/durable-objects/job-coordinator/store.ts';
import { UserStore } from '../../../server/src/durable-objects/user-limiter/store.ts';
import { type History, type HistoryRows, historyOf, type Ledger, type Look } from '../look.ts';
import { jobStub, rawBatch, rawList, userStub } from './past.ts';

export type UserLook = {
  account: Account;
  holds: Hold[];
  rules: Map<string, string>;
  outbox: number;
  /** Photos that the day of all has yet to hear of that they were not sent: when each was noted. */
  lowerings: number[];
  alarm: number | null;
  /** The user is being deleted, or was. */
  erasing: boolean;
};
export type JobLook =
  | { kind: 'none' | 'abandoned'; alarm: number | null; tables: number }
  | { kind: 'job'; job: JobState; owes: { name: string; due: number }[]; alarm: number | null };

type Noted = (storage: DurableObjectStorage) => void;
const nobody: Noted = () => {};

/** @param noted is told of the storage, inside the object and before its state is read */
export function lookAtUser(userId: string, noted = nobody): Promise<UserLook | null> {
  return runInDurableObject(userStub(userId), async (_, { storage }) => {
    noted(storage);
    const store = new UserStore(storage, Date.now);
    const user = store.user();
    if (user === null) return null;
    return {
      account: user.account,
      holds: [...user.live, ...store.receipts('', 1000)],
      rules: new Map(store.rules().map(({ id, name }) => [id, name])),
      outbox: store.outbox(1000).length,
      lowerings: (user.more.lowerings ?? []).map(({ since }) => since),
      alarm: await storage.getAlarm(),
      erasing: user.more.erasing !== undefined,
    };
  });
}

export function ledgerFrom(userId: string, { account, holds, rules, outbox, lowerings, erasing }: UserLook): Ledger {
  return { userId, account, holds, rules, owed: outbox + lowerings.length, erased: erasing };
}

export function lookAtJob(jobId: string, noted = nobody): Promise<JobLook> {
  return runInDurableObject(jobStub(jobId), async (_, { storage }): Promise<JobLook> => {
    noted(storage);
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

/** What D1 shows of a user, and photos of jobs that it does not show. */
export async function lookAtHistory(userId: string): Promise<History> {
  const tables = {
    users: 'SELECT * FROM users WHERE id = ?1',
    rules: 'SELECT * FROM rules WHERE user_id = ?1 ORDER BY id',
    jobs_log: 'SELECT * FROM jobs_log WHERE user_id = ?1',
    job_items_log: `SELECT i.job_id, i.idx, i.status FROM job_items_log i LEFT JOIN jobs_log j ON j.job_id = i.job_id
      WHERE coalesce(j.user_id, ?1) = ?1 ORDER BY i.job_id, i.idx`,
    billing_events: 'SELECT * FROM billing_events WHERE user_id = ?1',
  };
  const found = await rawBatch<Record<string, unknown>>(
    Object.values(tables).map((sql) => env.DB.prepare(sql).bind(userId)),
  );
  const rows = Object.keys(tables).map((table, nth) => [table, found[nth]?.results ?? []]);
  return historyOf(Object.fromEntries(rows) as HistoryRows);
}

/** Keys in R2 of all that is a user's. */
export async function keysOfUser(userId: string): Promise<Set<string>> {
  const lists = await Promise.all(userPrefixes(userId).map((prefix) => rawList({ prefix })));
  return new Set(lists.flatMap(({ objects }) => objects.map(({ key }) => key)));
}

/** What is left of a user's jobs and photos when everything has outlived its time. */
export async function lookAtRemains(userId: string, jobIds: readonly string[]): Promise<Look> {
  const looks = await Promise.all(jobIds.map(async (jobId) => ({ tables: 0, jobId, ...(await lookAtJob(jobId)) })));
  return { ledgers: [], jobs: [], d1: {}, remains: looks, stored: await keysOfUser(userId) };
}
