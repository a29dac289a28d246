/** What this browser knows of a job that the server does not tell with it: what its photos are called, and what is done with them. */
import type { JobHandle } from '@s3-workers/client-sdk';
import { useMemo } from 'react';
import { kept, useKept } from './kept.ts';
import { keepMarksOf } from './marks.ts';
import { MOST_LOOKS } from './place.ts';

export interface KeptJob {
  jobId: string;
  names: readonly string[];
  /** `album`: of photos of its own. `look`: another look at those of the job `from`. `again`: another try for some that failed in it. */
  as: 'album' | 'look' | 'again';
  from: string | null;
  /** Which of that job's photos, in its own order; null for all. */
  indexes: readonly number[] | null;
  preset: string;
  concepts: KeptConcepts;
  protect: readonly string[] | null;
}
export type KeptConcepts = Readonly<Record<string, { readonly action: string; readonly value?: string }>>;

/** Jobs that are remembered; of more, the oldest are forgotten. */
const MOST = 60;

const isText = (value: unknown): value is string => typeof value === 'string';
const isJob = (value: unknown): value is KeptJob => {
  if (typeof value !== 'object' || value === null) return false;
  const { jobId, names, as, from, indexes, preset, concepts, protect } = value as Record<string, unknown>;
  return (
    [jobId, preset].every(isText) &&
    Array.isArray(names) &&
    names.every(isText) &&
    (as === 'album' ? from === null : (as === 'look' || as === 'again') && isText(from)) &&
    (indexes === null || (Array.isArray(indexes) && indexes.every(Number.isInteger))) &&
    typeof concepts === 'object' &&
    concepts !== null &&
    (protect === null || (Array.isArray(protect) && protect.every(isText)))
  );
};
/** The latest first. */
const jobs = kept<readonly KeptJob[]>('jobs', [], (value) => (Array.isArray(value) ? value.filter(isJob) : null));

function put(next: readonly KeptJob[]): void {
  const left = next.slice(0, MOST);
  jobs.put(left);
  keepMarksOf(left.map(({ jobId }) => jobId));
}

/** Null for one that this browser does not know. */
export const keptJob = (id: string | null): KeptJob | null => jobs.read().find(({ jobId }) => jobId === id) ?? null;

/** Of one that was made from another try: from what that one was itself made from. */
function rooted(job: KeptJob): KeptJob {
  const parent = keptJob(job.from);
  if (parent?.as !== 'again') return job;
  const own = job.indexes ?? parent.names.map((_, idx) => idx);
  return rooted({ ...job, from: parent.from, indexes: own.map((idx) => parent.indexes?.[idx] ?? idx) });
}

export const keepJob = (job: KeptJob): void =>
  put([rooted(job), ...jobs.read().filter(({ jobId }) => jobId !== job.jobId)]);

/** Remembers a job that was just begun as soon as it is made: photos of another are called as they are there. */
/** Remembers a job that was just begun as soon as it is made. Photos of another job are called what they are called there. */
export function remember(handle: JobHandle, job: Omit<KeptJob, 'jobId' | 'names'>): void {
  const names = keptJob(job.from)?.names;
  const keep = (): void => {
    const { jobId, items, error } = handle.state;
    // Photos of another job are known once the server has told of them.
    if (error === null && (jobId === null || items.length === 0)) return;
    stop();
    if (jobId === null) return;
    keepJob({ ...job, jobId, names: items.map(({ idx, name }) => names?.[job.indexes?.[idx] ?? idx] ?? name) });
  };
  const stop = handle.subscribe(keep);
  keep();
}

/** What is deleted is remembered no more. */
export const forgetJob = (gone: string): void => put(jobs.read().filter(({ jobId }) => jobId !== gone));

/** The looks of an album that one is of, or another try for, in the order in which they were made. */
export function looksWith(id: string): string[] {
  const parent = keptJob(id)?.from ?? null;
  if (parent !== null) return looksWith(parent);
  const looks = jobs.read().filter(({ as, from }) => as === 'look' && from === id);
  return [id, ...looks.map(({ jobId }) => jobId).reverse()].slice(0, MOST_LOOKS);
}

/** Other tries for photos of these jobs, the first one first. */
export function useTries(ids: readonly string[]): readonly KeptJob[] {
  const known = useKept(jobs);
  const key = ids.join();
  return useMemo(() => {
    const of = key.split(',');
    return known.filter(({ as, from }) => as === 'again' && from !== null && of.includes(from)).reverse();
  }, [known, key]);
}

/** Null for one that this browser does not know. */
export function useKeptJob(id: string | null): KeptJob | null {
  const known = useKept(jobs);
  return known.find(({ jobId }) => jobId === id) ?? null;
}
