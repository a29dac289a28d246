/** A job that a component starts: everything from the files to the results. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { S3Client } from '../client.ts';
import { type AnyS3Error, isS3Error } from '../errors.ts';
import type { PresetId } from '../generated/types.ts';
import type { JobHandle, RunInput } from '../job/types.ts';
import type { PhotoFile } from '../upload/photo-file.ts';
import { useS3Client } from './context.ts';
import { type UsedJob, useJob } from './use-job.ts';

/** A run as a component drives it. `handle` is null before the first `start`, and after `reset`. */
export interface UsedRun extends UsedJob {
  /** From `start` until the end. */
  running: boolean;
  /** 0 to 1 over the whole run: the first half is the upload, by bytes, the second the photos. */
  progress: number;
  /** Begins a run; one that is under way is left to go on without this component. */
  start<P extends PresetId>(input: RunInput<P>): JobHandle;
  /** Holds the upload, and lets it go on. */
  pause(): void;
  resume(files?: ArrayLike<PhotoFile>): void;
  /** Ends the job: what is done is kept and charged, the rest is refunded. An error shows in `error`. */
  cancel(): Promise<void>;
  /** Back to the state before `start`. A job that runs is left to go on. */
  reset(): void;
}

/**
 * `jobs.start` as a hook. On unmount the run is left: what the server has goes on, and `useJob(jobId)` finds it again. For an upload
 * that outlives the component, call `client.jobs.start` and look at its handle with `useJob`.
 *
 * @example
 * const run = useRun();
 * <button onClick={() => run.start({ preset: 'interior', files, concepts })} disabled={run.running}>Apply</button>
 */
export function useRun(given?: S3Client): UsedRun {
  const client = useS3Client(given);
  const [handle, setHandle] = useState<JobHandle | null>(null);
  const [failure, setFailure] = useState<AnyS3Error | null>(null);
  const current = useRef<JobHandle | null>(null);
  const job = useJob(handle);

  const change = useCallback((next: JobHandle | null) => {
    current.current?.detach();
    current.current = next;
    setFailure(null);
    setHandle(next);
  }, []);
  useEffect(() => () => current.current?.detach(), []);
  const start = useCallback(
    <P extends PresetId>(input: RunInput<P>): JobHandle => {
      const next = client.jobs.start(input) as JobHandle;
      change(next);
      return next;
    },
    [client, change],
  );
  const calls = useMemo(
    () => ({
      start,
      pause: () => current.current?.pause(),
      resume: (files?: ArrayLike<PhotoFile>) => current.current?.resume(files),
      reset: () => change(null),
      async cancel() {
        try {
          await current.current?.cancel();
        } catch (error) {
          if (!isS3Error(error)) throw error;
          setFailure(error);
        }
      },
    }),
    [start, change],
  );
  return useMemo(() => {
    const { result, uploadedBytes, totalBytes, done, failed, total } = job;
    const error = job.error ?? failure;
    const sent = totalBytes === 0 ? 0 : uploadedBytes / totalBytes;
    const progress = result !== null ? 1 : sent / 2 + (total === 0 ? 0 : (done + failed) / total / 2);
    return { ...job, error, running: handle !== null && result === null && job.error === null, progress, ...calls };
  }, [job, failure, handle, calls]);
}
