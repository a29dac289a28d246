/** A job that a component starts: everything from the files to the results. */
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { S3Client } from '../client.ts';
import { isS3Error } from '../errors.ts';
import type { PresetId } from '../generated/types.ts';
import type { JobHandle, RunInput } from '../job/types.ts';
import type { PhotoFiles } from '../upload/photo-file.ts';
import { useS3Client } from './context.ts';
import { type Held, NOTHING, type Place, placeOf } from './place.ts';
import { type UsedJob, useJob } from './use-job.ts';

export interface UseRunOptions {
  /** In place of that of the `S3Provider`. */
  client?: S3Client | undefined;
  /** Components of one name share one run, and its files; two albums that are worked on at once need two. */
  name?: string | undefined;
  /** A run to begin with, such as one of `jobs.start`, `jobs.fork` or `jobs.unfinished`. */
  job?: JobHandle | null | undefined;
}

/** A run as a component drives it. `handle` is null before the first `start`, and after `reset`. */
export interface UsedRun extends UsedJob {
  /** From `start` until the end: a button that starts is `disabled` meanwhile. */
  running: boolean;
  /**
   * Begins a run. While one is under way that one is returned, so that two clicks are one job; if it waits for files, these are brought to it.
   * After `cancel` it may be called at once: the new run waits for the slot.
   */
  start<P extends PresetId>(input: RunInput<P>): JobHandle;
  /** Shows and drives a run that was begun elsewhere: `job.resume()` of `useUnfinished`, `handle.retryFailed()`, `client.jobs.fork(…)`. */
  adopt(job: JobHandle): void;
  /** Holds the upload, and lets it go on. */
  pause(): void;
  resume(files?: PhotoFiles): void;
  /** Ends the job: what is done is kept and charged, the rest is refunded. An error shows in `error`. */
  cancel(): Promise<void>;
  /** Back to the state before `start`. A job that runs is left to go on. */
  reset(): void;
}

/**
 * `jobs.start` as a hook. The run lives with the client: it goes on when the component is unmounted or hidden, and a component that comes back
 * finds it, and how it ended, until `reset` or the next `start`. What a reload left, `useUnfinished` finds.
 *
 * @example
 * const run = useRun();
 * <button onClick={() => run.start({ preset: 'interior', files, concepts })} disabled={run.running}>Apply</button>
 */
export function useRun(given?: S3Client | UseRunOptions): UsedRun {
  const { client, place, held, job } = usePlace(given);
  const calls = useMemo(() => callsOf(client, place), [client, place]);
  return useMemo(() => shown(job, held, calls), [job, held, calls]);
}

/** @internal What `useRun` and `useUpload` have in common. */
export function usePlace(given: S3Client | UseRunOptions = {}) {
  const { client: own, name = '', job: begun } = 'jobs' in given ? { client: given } : (given as UseRunOptions);
  const client = useS3Client(own);
  const place = placeOf(client, name);
  const held = useSyncExternalStore(place.subscribe, place.read, () => NOTHING);
  useEffect(() => {
    if (begun && place.read().handle !== begun) place.put({ ...NOTHING, handle: begun });
  }, [place, begun]);
  return { client, place, held, job: useJob(held.handle) };
}

/** @internal */
export const shown = <Calls extends object>(job: UsedJob, { handle, failure }: Held, calls: Calls) => ({
  ...job,
  error: job.error ?? failure,
  running: handle !== null && isRunning(handle),
  ...calls,
});

const isRunning = ({ state }: JobHandle): boolean => state.result === null && state.error === null;

/** @internal */
export function callsOf(client: S3Client, place: Place) {
  /** The run that is being canceled: it is not what the next click means. */
  let leaving: JobHandle | null = null;
  const now = () => place.read().handle;
  return {
    start<P extends PresetId>(input: RunInput<P>, sent: readonly string[] | null = null): JobHandle {
      const current = now();
      if (current !== null && current !== leaving && isRunning(current)) {
        const waits = current.state.waiting?.for === 'files';
        const isWithout = waits && sent && place.read().sent?.some((id) => !sent.includes(id));
        if (waits && !isWithout) current.resume(input.files);
        if (!isWithout) return current;
        leaving = current;
        // If it can't be called off, the new run says what is in its way.
        current.cancel().catch(() => {});
      }
      const handle = client.jobs.start(input) as JobHandle;
      place.put({ handle, failure: null, sent });
      return handle;
    },
    adopt: (handle: JobHandle) => place.put({ handle, failure: null, sent: null }),
    pause: () => now()?.pause(),
    resume: (files?: PhotoFiles) => now()?.resume(files),
    reset: () => place.put({ handle: null, failure: null, sent: null }),
    async cancel() {
      const current = now();
      leaving = current;
      try {
        await current?.cancel();
      } catch (error) {
        leaving = null;
        if (!isS3Error(error)) throw error;
        if (now() === current) place.put({ failure: error });
      }
    },
  };
}
