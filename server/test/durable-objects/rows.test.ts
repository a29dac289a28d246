/** Rows that a 30-photo job of a known user writes, counted at SQLite's own door: what the platform bills. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test, vi } from 'vitest';
import { admin, signUp, type User } from '../support/client.ts';
import { CHOICE, dispatchOf, doneItem, photos, putInputs, putResults, range, report } from '../support/jobs.ts';
import { userObject } from '../support/objects.ts';
import { deliver, lastSent } from '../support/queue.ts';
import { Watcher } from '../support/watch.ts';

const PHOTOS = 30;

let user: User;
beforeEach(async () => {
  user = await signUp();
  await admin().admin.setPlan.mutate({ userId: user.userId, plan: 'pro' });
});

/** Counts from here on, in every object: all live in this isolate. An alarm costs a row as well. */
async function countRows(): Promise<{ objects: () => number; d1: () => number }> {
  const cursors: { rowsWritten: number }[] = [];
  let alarms = 0;
  await runInDurableObject(userObject(user.userId), (_, { storage }) => {
    const sql = Object.getPrototypeOf(storage.sql) as SqlStorage;
    const { exec } = sql;
    vi.spyOn(sql, 'exec').mockImplementation(function (this: SqlStorage, ...args: Parameters<SqlStorage['exec']>) {
      const cursor = Reflect.apply(exec, this, args) as ReturnType<SqlStorage['exec']>;
      cursors.push(cursor);
      return cursor;
    });
    const own = Object.getPrototypeOf(storage) as DurableObjectStorage;
    const { setAlarm } = own;
    vi.spyOn(own, 'setAlarm').mockImplementation(function (this: DurableObjectStorage, ...args) {
      alarms++;
      return Reflect.apply(setAlarm, this, args) as Promise<void>;
    });
  });
  const batch = env.DB.batch.bind(env.DB);
  let d1 = 0;
  vi.spyOn(env.DB, 'batch').mockImplementation(async <T>(statements: D1PreparedStatement[]) => {
    const results = await batch<T>(statements);
    for (const { meta } of results) d1 += meta.rows_written;
    return results;
  });
  const objects = () => cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, alarms);
  return { objects, d1: () => d1 };
}

async function wholeJob(perCallback: number, watched: boolean): Promise<void> {
  const { client, userId } = user;
  const { jobId } = await client.jobs.create.mutate({ preset: 'interior', photos: photos(PHOTOS) });
  const job = { userId, jobId, photos: PHOTOS };
  await putInputs(job, range(PHOTOS));
  await client.jobs.confirmUpload.mutate({ jobId });
  await client.jobs.execute.mutate({ jobId, ...CHOICE });
  if (watched) await Watcher.of(user, jobId);
  await deliver(lastSent(jobId));
  await putResults(job, range(PHOTOS));
  const running = { ...job, dispatch: dispatchOf(jobId) };
  for (let at = 0; at < PHOTOS; at += perCallback) {
    const items = range(PHOTOS).slice(at, at + perCallback);
    await report(running, { items: items.map((idx) => doneItem(job, idx)) });
  }
  expect((await client.jobs.get.query({ jobId })).status).toBe('done');
}

test.for([
  ['a callback per photo', 1, 54, false],
  ['callbacks of ten', 10, 28, false],
  ['callbacks of ten, and a watcher', 10, 28, true],
] as const)('a job of 30 photos with %s stays within its rows', async ([, perCallback, limit, watched]) => {
  const rows = await countRows();
  await wholeJob(perCallback, watched);
  expect(rows.objects()).toBeGreaterThan(PHOTOS / perCallback);
  expect(rows.objects()).toBeLessThanOrEqual(limit);
  expect(rows.d1()).toBeGreaterThan(PHOTOS);
  expect(rows.d1()).toBeLessThanOrEqual(36);
  console.log(`${perCallback} a callback: ${rows.objects()} object rows, ${rows.d1()} rows in D1`);
});
