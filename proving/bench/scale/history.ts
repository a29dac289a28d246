/** A user with a long history in D1: what its pages cost and how long they take. */
import { type Account, range } from '../api.ts';
import { takeCounts } from '../cost/run-job.ts';
import { closedLoop } from '../speed/closed-loop.ts';
import type { Bench } from '../start.ts';
import type { Series } from './series.ts';

export async function byHistory(bench: Bench, sizes: number[], calls: number): Promise<Series[]> {
  const names = ['first page of jobs', 'page from the middle', 'receipts', 'jobs.create, 1 photo'] as const;
  const series = names.flatMap((name) => [
    { name: `${name}, p50 ms`, at: sizes, values: [] as number[] },
    { name: `${name}, D1 rows read`, at: sizes, values: [] as number[] },
  ]);
  for (const rows of sizes) {
    console.log(`${rows} jobs in history`);
    const account = await withHistory(bench, rows);
    const { api } = bench;
    const middle = `${(START + Math.floor(rows / 2) * 1000).toString(36)}.job`;
    const query = (path: string, input: unknown) => api.queryCall(path, input, account.token);
    const pages = [query('jobs.list', {}), query('jobs.list', { cursor: middle }), query('user.ledger', {})];
    for (const [at, call] of pages.entries()) {
      await takeCounts(bench);
      const { p50 } = await closedLoop(
        range(0, calls).map(() => call),
        1,
      );
      series[2 * at]?.values.push(p50);
      series[2 * at + 1]?.values.push((await takeCounts(bench)).d1RowsRead / calls);
    }
    await takeCounts(bench);
    const photo = { preset: 'interior', photos: [{ contentType: 'image/jpeg', bytes: 4 }] };
    const create = api.mutationCall('jobs.create', photo, account.token);
    series[6]?.values.push((await closedLoop([create, create, create], 1)).p50);
    series[7]?.values.push((await takeCounts(bench)).d1RowsRead / 3);
  }
  return series;
}

/** When the first job of a made-up history was created: long before any real one. */
const START = 1_600_000_000_000;
/** D1 takes so many rows in one statement without trouble. */
const CHUNK = 10_000;

async function withHistory({ api, production }: Bench, rows: number): Promise<Account> {
  const account = await api.signUpPro();
  const db = await production.mf.getD1Database('DB');
  const numbers = `WITH RECURSIVE n (i) AS (SELECT ?2 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?3)`;
  for (let from = 0; from < rows; from += CHUNK) {
    const to = Math.min(rows, from + CHUNK);
    await db.batch([
      db
        .prepare(
          `${numbers} INSERT INTO jobs_log (job_id, user_id, status, preset, created_at, finished_at, done, failed, total)
           SELECT 'job-' || ?1 || i, ?1, 'done', 'interior', ${START} + i * 1000, ${START} + i * 1000, 10, 0, 10 FROM n`,
        )
        .bind(account.userId, from, to),
      db
        .prepare(
          `${numbers} INSERT INTO billing_events (id, user_id, type, amount, ref, created_at)
           SELECT 'charge-' || ?1 || i, ?1, 'charge', -10, NULL, ${START} + i * 1000 FROM n`,
        )
        .bind(account.userId, from, to),
    ]);
  }
  return account;
}
