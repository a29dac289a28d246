/** What this browser knows of a job that the server does not tell with it: what its photos are called, and what is done with them. */
import { kept, useKept } from './kept.ts';
import { keepMarksOf } from './marks.ts';
import { MOST_LOOKS } from './place.ts';

export interface KeptJob {
  jobId: string;
  names: readonly string[];
  /** The job whose photos it has, for another look; null for one of its own photos. */
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
  const { jobId, names, from, indexes, preset, concepts, protect } = value as Record<string, unknown>;
  return (
    [jobId, preset].every(isText) &&
    Array.isArray(names) &&
    names.every(isText) &&
    (from === null || isText(from)) &&
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

export const keepJob = (job: KeptJob): void => put([job, ...jobs.read().filter(({ jobId }) => jobId !== job.jobId)]);
/** Null for one that this browser does not know. */
export const keptJob = (id: string): KeptJob | null => jobs.read().find(({ jobId }) => jobId === id) ?? null;
/** What is deleted is remembered no more. */
export const forgetJob = (gone: string): void => put(jobs.read().filter(({ jobId }) => jobId !== gone));

/** The looks of an album that one is of, in the order in which they were made. */
export function looksWith(id: string): string[] {
  const all = jobs.read();
  const first = all.find(({ jobId }) => jobId === id)?.from ?? id;
  return [
    first,
    ...all
      .filter(({ from }) => from === first)
      .map(({ jobId }) => jobId)
      .reverse(),
  ].slice(0, MOST_LOOKS);
}

/** By id; null for one that this browser does not know. */
export function useKeptJobs(ids: readonly string[]): (KeptJob | null)[] {
  const known = useKept(jobs);
  return ids.map((id) => known.find(({ jobId }) => jobId === id) ?? null);
}
