/** One job as a component sees it: its state, again with each change. */
import { useMemo, useSyncExternalStore } from 'react';
import type { S3Client } from '../client.ts';
import type { JobHandle, JobState } from '../job/types.ts';
import { UNKNOWN } from '../job/unknown.ts';
import { useS3ClientIfAny } from './context.ts';

/** A job's state, and its handle to cancel, pause, resume and retry it with; null before there is one. */
export interface UsedJob extends JobState {
  handle: JobHandle | null;
}

/** A job to look at, whoever owns it. */
interface Source {
  subscribe(listener: () => void): () => void;
  handle(): JobHandle | null;
  state(): JobState;
}

const NOTHING: Source = { subscribe: () => () => {}, handle: () => null, state: () => UNKNOWN };

/**
 * Follows a job. With an id it is attached to while the component is mounted, and left on unmount, which cancels nothing; with a
 * handle (of `jobs.start`, `jobs.fork`, …) it is only looked at. Null for none yet.
 *
 * @param client in place of that of the `S3Provider`; only an id needs one
 *
 * @example
 * const { status, done, total, items, error } = useJob(jobId);
 */
export function useJob(job: JobHandle | string | null | undefined, client?: S3Client): UsedJob {
  const needed = useS3ClientIfAny(client);
  const source = useMemo(() => sourceOf(job, needed), [job, needed]);
  const state = useSyncExternalStore(source.subscribe, source.state, source.state);
  const handle = useSyncExternalStore(source.subscribe, source.handle, source.handle);
  return useMemo(() => ({ ...state, handle }), [state, handle]);
}

function sourceOf(job: JobHandle | string | null | undefined, client: S3Client | null): Source {
  if (job === null || job === undefined) return NOTHING;
  if (typeof job !== 'string') return { subscribe: job.subscribe, handle: () => job, state: () => job.state };
  if (client === null) throw new Error('useJob of an id needs an S3Provider above, or a client');
  return attached(client, job);
}

/** Attached to while somebody subscribes. What was known last is shown until the server has answered again. */
function attached(client: S3Client, jobId: string): Source {
  let handle: JobHandle | null = null;
  let last: JobState = { ...UNKNOWN, jobId };
  let subscribers = 0;
  let leaving: ReturnType<typeof setTimeout> | undefined;
  const leave = (): void => {
    if (handle === null) return;
    if (handle.state.status !== null) last = handle.state;
    handle.detach();
    handle = null;
  };
  return {
    subscribe(listener) {
      clearTimeout(leaving);
      handle ??= client.jobs.attach(jobId);
      subscribers += 1;
      const end = handle.subscribe(listener);
      return () => {
        end();
        subscribers -= 1;
        // StrictMode, and a component that moves, subscribe again in the same turn.
        if (subscribers === 0) leaving = setTimeout(leave, 0);
      };
    },
    handle: () => handle,
    state: () =>
      handle === null || (handle.state.status === null && handle.state.error === null) ? last : handle.state,
  };
}
