/** Rows that are written, counted at SQLite's own door: what the platform bills. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import { userObject } from './objects.ts';

/** Counts from here on, in every object: all live in this isolate. An alarm costs a row as well. @param user any, who has an object */
export async function countRows({ userId }: { userId: string }): Promise<{ objects: () => number; d1: () => number }> {
  const cursors: { rowsWritten: number }[] = [];
  let alarms = 0;
  await runInDurableObject(userObject(userId), (_, { storage }) => {
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
