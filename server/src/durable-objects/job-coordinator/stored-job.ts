/** A job's state as it is written: bitmaps as text, the last event that it includes, and what the release before reads of it. */
import { type Bitmap, fromHex, toHex } from '../../domain/bitmap.ts';
import { asEarlier, type Earlier, fromEarlier, hasActed } from '../../domain/job/earlier-release.ts';
import type { JobState, Pace, Run } from '../../domain/job/state.ts';
import type { Fold } from './tables.ts';

type StoredRun = Omit<Run, 'photos'> & { photos: string };
/** What only jobs have that were written since there are runs. `told`: what stood in the fields of the release before at that time. */
type StoredRuns = { lastRun: number; runs: StoredRun[]; tries: string[]; again: string[]; told: Earlier };

export type StoredJob = Omit<JobState, 'done' | 'failed' | 'previews' | 'attempt' | 'runs' | 'tries' | 'again'> &
  Omit<Earlier, 'inFlight'> &
  Partial<StoredRuns> & {
    /** The first jobs do not say. */
    inFlight?: number;
    done: string;
    failed: string;
    previews: string;
    seq: number;
    /** The version of the tables; the first jobs do not say. */
    schema?: number;
  };

export const bitmapsOf = ({ done, failed, previews }: JobState) => ({
  done: toHex(done),
  failed: toHex(failed),
  previews: toHex(previews),
});

export function storedOf(job: JobState, seq: number): StoredJob {
  const { attempt: lastRun, runs, tries, again, ...rest } = job;
  const told = asEarlier(job);
  return {
    ...rest,
    ...told,
    ...bitmapsOf(job),
    lastRun,
    runs: runs.map((run) => ({ ...run, photos: toHex(run.photos) })),
    tries: tries.map(toHex),
    again: again.map(toHex),
    told,
    seq,
  };
}

/** @param fold what the events say that came after the state was written; null when there are none */
export function jobOf(stored: StoredJob, fold: Fold | null): JobState {
  const { seq: _, schema: __, told, lastRun, runs, tries, again, ...rest } = stored;
  const { attempt, dispatch, attemptDeadline, providerId, leaseUntil, inFlight = 0, ...state } = rest;
  const bitmap = (name: 'done' | 'failed' | 'previews'): Bitmap => fromHex(fold?.[name] ?? stored[name]);
  const job: JobState = {
    ...state,
    done: bitmap('done'),
    failed: bitmap('failed'),
    previews: bitmap('previews'),
    attempt: lastRun ?? attempt,
    runs: runsOf(runs ?? [], fold),
    tries: (tries ?? []).map(fromHex),
    again: (again ?? []).map(fromHex),
    ...(fold?.pace == null ? {} : { pace: JSON.parse(fold.pace) as Pace }),
  };
  const is: Earlier = { attempt, dispatch, attemptDeadline, providerId, leaseUntil, inFlight };
  if (told !== undefined && !hasActed(told, is)) return job;
  return fromEarlier(job, { ...is, leaseUntil: fold?.lease_until ?? leaseUntil }, told);
}

function runsOf(stored: StoredRun[], fold: Fold | null): Run[] {
  const leases = JSON.parse(fold?.leases ?? '{}') as Record<string, number>;
  return stored.map((run) => ({
    ...run,
    photos: fromHex(run.photos),
    leaseUntil: leases[run.attempt] ?? run.leaseUntil,
  }));
}

/** When the leases of these runs end, by their numbers: what every event carries of them. */
export const leasesOf = (runs: readonly Run[]): Record<string, number> =>
  Object.fromEntries(runs.map(({ attempt, leaseUntil }) => [attempt, leaseUntil]));

/** Fields that every event row carries, so that a change of only these needs no new state row. */
const FOLD: ReadonlySet<string> = new Set(['done', 'failed', 'previews', 'pace']);

/** Whether the state has to be written anew. Decisions keep what they do not change, so identity tells. */
export function stateChanged(before: JobState, after: JobState, folded: boolean): boolean {
  return (Object.keys(after) as (keyof JobState)[]).some((key) => {
    if (before[key] === after[key]) return false;
    if (!folded) return true;
    return key === 'runs' ? !sameButLeases(before.runs, after.runs) : !FOLD.has(key);
  });
}

function sameButLeases(before: Run[], after: Run[]): boolean {
  const same = (a: Run, b: Run | undefined) =>
    (Object.keys(a) as (keyof Run)[]).every((key) => key === 'leaseUntil' || a[key] === b?.[key]);
  return before.length === after.length && after.every((run, at) => same(run, before[at]));
}
