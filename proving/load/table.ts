/** The figures of a load run, in at most 80 columns. */
import { columns, RULE } from '../../start/table.ts';
import type { SeenJob } from '../world/look.ts';
import type { Counts } from './tally.ts';
import type { Verified } from './verify/all.ts';

export type Figures = { counts: Counts; verified: Verified; photosPerJob: number; loadMs: number; totalMs: number };

const number = (value: number): string => value.toLocaleString('en-US');
const minutes = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;

const row = (name: string, value: number | string, note = ''): string[] => [
  name,
  typeof value === 'number' ? number(value) : value,
  note,
];

export function figuresTable({ counts, verified, photosPerJob, loadMs, totalMs }: Figures): string {
  const { look, ledger, attempts } = verified;
  const facts = look.jobs;
  const jobs = (status: string) => number(facts.filter((job) => job.status === status).length);
  const photos = (of: (job: SeenJob) => number) => facts.reduce((sum, job) => sum + of(job), 0);
  const charged = photos((job) => job.charged ?? 0);
  const held = facts.length * photosPerJob;
  const done = photos((job) => job.done.length);
  const failed = photos((job) => job.failed.length);
  const rows = [
    row('jobs', facts.length, `${jobs('done')} done, ${jobs('failed')} failed, ${jobs('canceled')} canceled`),
    row('photos', held, `${number(done)} done, ${number(failed)} failed, ${number(held - done - failed)} canceled`),
    ...rowsOfRuns(counts, attempts),
    row('refunds', held - charged, `credits of ${number(held)} held; ${number(charged)} charged`),
    row('cancels', counts.cancels, `waits for a slot ${counts.waitsForSlot}`),
    row(
      'kills',
      counts.kills,
      `client calls repeated ${number(counts.clientRetries)}, callbacks ${number(counts.callbackRetries)}`,
    ),
    row('lost calls', counts.devServerLosses, "lost by wrangler's dev proxy, and sent again"),
    RULE,
    row('ledger difference', ledger.difference, 'credits'),
    row('D1 differences', verified.d1Differences, 'fields'),
    row('lost', verified.lost, 'photos'),
    row('double-charged', ledger.doubleCharged, 'jobs'),
    row('stuck', verified.stuck, 'jobs, slots or holds'),
    row('left over', verified.leftOver, 'objects that clean-up should have deleted'),
    RULE,
    row('time', minutes(loadMs), `${minutes(totalMs)} with start and verification`),
    row('jobs/s', (facts.length / (loadMs / 1000)).toFixed(1), `${(done / (loadMs / 1000)).toFixed(1)} photos/s`),
  ];
  return columns(rows, [-17, 7, -46], { margin: '  ', gap: '   ', most: 80 });
}

/** What became of what was sent. @param attempts jobs by the number of their runs */
function rowsOfRuns(counts: Counts, attempts: readonly number[]): string[][] {
  const runs = attempts.reduce((sum, jobs, each) => sum + each * (jobs ?? 0), 0);
  return [
    row(
      'dispatches',
      counts.dispatches,
      `${counts.dispatchesRefused} refused, ${counts.dispatchesFailed} failed, ${counts.dispatchesLate} answered late`,
    ),
    row(
      'runs gone wrong',
      counts.runsFailed + counts.runsForgotten + counts.runsComplete + counts.runsTwice,
      `${counts.runsFailed} failed, ${counts.runsForgotten} forgotten, ${counts.runsComplete} early, ${counts.runsTwice} twice`,
    ),
    row('queued', counts.runsQueued, 'runs held in the queue for longer than a lease'),
    row(
      'callbacks sent',
      counts.callbacks,
      `${number(counts.resultsAccepted)} results taken, ${number(counts.resultsDuplicate)} twice, ${counts.resultsIgnored} late`,
    ),
    row('duplicates', counts.duplicates, `${counts.contradictions} contradict the first`),
    row('drops', counts.drops, 'callbacks never sent'),
    row('unnamed', counts.unnamed, 'callbacks that do not say for which run'),
    row('late', counts.lateCallbacks, 'callbacks after the lease of their run'),
    row('runs', runs, `${attempts.length - 1} of one job at most`),
  ];
}
