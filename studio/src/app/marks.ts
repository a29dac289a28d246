/** Which photos of a job are picked and which are rejected. */
import { useCallback, useMemo } from 'react';
import { kept, useKept } from './kept.ts';

export type Mark = 'picked' | 'rejected';
/** By the photo's index in its job. */
export type Marks = ReadonlyMap<number, Mark>;
/** By job and index. */
type Kept = Readonly<Record<string, Readonly<Record<string, Mark>>>>;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isMark = (value: unknown): value is Mark => value === 'picked' || value === 'rejected';
const all = kept<Kept>('marks', {}, (value) =>
  isRecord(value) && Object.values(value).every((marks) => isRecord(marks) && Object.values(marks).every(isMark))
    ? (value as Kept)
    : null,
);

const marksIn = (value: Kept, jobId: string): Marks =>
  new Map(Object.entries(value[jobId] ?? {}).map(([idx, mark]) => [Number(idx), mark]));

/** Forgets those of all jobs but these. */
export function keepMarksOf(jobIds: readonly string[]): void {
  all.put(Object.fromEntries(Object.entries(all.read()).filter(([jobId]) => jobIds.includes(jobId))));
}

/** @returns the marks of a job, and what sets one; null takes it away */
export function useMarks(jobId: string): [Marks, (idx: number, mark: Mark | null) => void] {
  const value = useKept(all);
  const marks = useMemo(() => marksIn(value, jobId), [value, jobId]);
  const set = useCallback(
    (idx: number, mark: Mark | null) => {
      const { [jobId]: before = {}, ...others } = all.read();
      const { [idx]: _, ...rest } = before;
      all.put({ ...others, [jobId]: mark === null ? rest : { ...rest, [idx]: mark } });
    },
    [jobId],
  );
  return [marks, set];
}

/** What of an album goes into its set: what was picked, or where nothing was, all that was not rejected. */
export function chosen<P extends { idx: number }>(photos: readonly P[], marks: Marks): P[] {
  const picked = photos.filter(({ idx }) => marks.get(idx) === 'picked');
  return picked.length > 0 ? picked : photos.filter(({ idx }) => marks.get(idx) !== 'rejected');
}
