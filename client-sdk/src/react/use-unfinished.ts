/** What a reload, a closed tab or a lost page left in the middle of an upload. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { S3Client } from '../client.ts';
import type { UnfinishedJob } from '../job/types.ts';
import { useS3Client } from './context.ts';

export interface UsedUnfinished {
  /** `useRun().adopt(job.resume())` goes on with one, `job.cancel()` ends it; either takes it out of the list. */
  jobs: readonly UnfinishedJob[];
  /** Until the first answer. */
  loading: boolean;
  /** Why they could not be asked for. */
  error: Error | null;
  /** Asks again. */
  refresh(): void;
}

type Found = Pick<UsedUnfinished, 'jobs' | 'loading' | 'error'>;

/**
 * `jobs.unfinished` as a hook: asked for when the component is mounted.
 *
 * @example
 * const { jobs } = useUnfinished();
 * jobs.map((job) => <button key={job.jobId} onClick={() => run.adopt(job.resume())}>Go on with {job.names.length} photos</button>)
 */
export function useUnfinished(given?: S3Client): UsedUnfinished {
  const client = useS3Client(given);
  const [{ jobs, loading, error }, setFound] = useState<Found>({ jobs: [], loading: true, error: null });
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each round asks again
  useEffect(() => {
    let mounted = true;
    const found = (next: Omit<Found, 'loading'>) => mounted && setFound({ ...next, loading: false });
    client.jobs.unfinished().then(
      (all) => found({ jobs: all, error: null }),
      (why) => found({ jobs: [], error: why }),
    );
    return () => {
      mounted = false;
    };
  }, [client, round]);
  const refresh = useCallback(() => setRound((before) => before + 1), []);
  return useMemo(() => {
    const leave = (jobId: string) =>
      setFound((known) => ({ ...known, jobs: known.jobs.filter((job) => job.jobId !== jobId) }));
    const listed = jobs.map(
      (job): UnfinishedJob => ({
        ...job,
        resume(files) {
          leave(job.jobId);
          return job.resume(files);
        },
        async cancel() {
          const answer = await job.cancel();
          leave(job.jobId);
          return answer;
        },
      }),
    );
    return { jobs: listed, loading, error, refresh };
  }, [jobs, loading, error, refresh]);
}
