/** The demo's table of runs, from what a real provider front logs. */
import { expect, test } from 'vitest';
import { RunsLog } from '../demo/runs-table.ts';
import { ProviderFront } from '../provider/front.ts';
import { lineOf } from '../provider/local.ts';
import { ManualClock } from '../provider/manual-clock.ts';

const LIMITS = { ttlMs: 60_000, executionMs: 60_000 };
const rowsOf = (table: string) =>
  table
    .split('\n')
    .slice(2)
    .map((row) => row.trim().split(/\s{2,}/));

test('the table tells of each run when it was sent, how long it waited and worked, and where', async () => {
  const clock = new ManualClock();
  const runs = new RunsLog(clock.now);
  const worker = {
    start: async () => {},
    stop: async () => {},
    work: (photos: unknown) =>
      new Promise((resolve, reject) => {
        if (photos === 7) reject(new Error('poisoned'));
        else clock.after(Number(photos) * 1_000, () => resolve(undefined));
      }),
  };
  const front = new ProviderFront({
    workers: [worker, worker],
    clock,
    coldStartMs: 2_000,
    scaleDelayMs: 1_000,
    about: (photos) => ({ photos }),
    log: (event, fields) => runs.take('gpu', lineOf(event, fields)),
  });
  expect(runs.table()).toBe('');
  runs.take('worker', 'no line of the provider');
  runs.take('gpu', '{"event":"photo.done"}');
  front.submit(4, LIMITS);
  await clock.pass(500);
  front.submit(12, LIMITS);
  await clock.pass(10_000);
  front.submit(7, LIMITS);
  await clock.pass(0);
  expect(rowsOf(runs.table())).toEqual([
    ['1', '4', 'worker-1', '0.0 s', '2.0 s', '4.0 s', 'COMPLETED'],
    ['2', '12', 'worker-2', '0.5 s', '3.0 s', '–', 'IN_PROGRESS'],
    ['3', '7', 'worker-1', '10.5 s', '0.0 s', '0.0 s', 'FAILED'],
  ]);
  await clock.pass(20_000);
  expect(rowsOf(runs.table())[1]).toEqual(['2', '12', 'worker-2', '0.5 s', '3.0 s', '12.0 s', 'COMPLETED']);
  await front.close();
});
