/** Live events where there are WebSockets. */
import type { Job, WatchEvent } from '../generated/types.ts';
import { type WatchOutcome, watch } from '../live/watch.ts';
import type { Attention } from './attention.ts';
import type { JobDeps } from './deps.ts';
import { type EndedJob, follow } from './follow.ts';
import type { JobStore } from './store.ts';

/** `follow`, with `store` told of all that is heard. @param onFirst called with each answer; the first is what it is for */
export function followJob(
  deps: JobDeps,
  jobId: string,
  store: JobStore,
  ticket: string | null,
  attention: Attention,
  signal: AbortSignal,
  onFirst: (job: Job) => void = () => {},
): Promise<EndedJob> {
  const { call, clock } = deps;
  return follow(
    {
      get: () => call('jobs.get', { jobId }, { signal, maxRetries: 0 }),
      watch: liveWatch(deps, { jobId, lastEventId: null }, toldTo(store), attention, signal),
      clock,
      attention,
      onJob(job) {
        store.job(job);
        onFirst(job);
      },
      onConnection: (connection) => store.update({ connection }),
      signal,
    },
    ticket,
  );
}

/** What is heard of a job on a live connection. */
export interface Heard {
  connecting(): void;
  opened(): void;
  event(id: string, event: WatchEvent): void;
}

/** What a job's own state makes of it. */
export const toldTo = (store: JobStore): Heard => ({
  connecting: () => store.update({ connection: 'connecting' }),
  opened: () => store.update({ connection: 'live' }),
  event(_, event) {
    if (event.type === 'item') store.items([event]);
    else if (event.type === 'progress') store.status(event.status);
  },
});

/** @param lastEventId the last event that is known; null for none */
export function liveWatch(
  { baseUrl, clock, WebSocket }: Pick<JobDeps, 'baseUrl' | 'clock' | 'WebSocket'>,
  { jobId, lastEventId }: { jobId: string; lastEventId: string | null },
  heard: Heard,
  attention: Attention,
  signal: AbortSignal,
): ((ticket: string) => Promise<WatchOutcome>) | null {
  if (WebSocket === undefined) return null;
  let last = lastEventId;
  return (ticket) => {
    heard.connecting();
    return watch({
      url: `${baseUrl.replace(/^http/, 'ws')}/trpc/watch/${jobId}?ticket=${encodeURIComponent(ticket)}`,
      jobId,
      lastEventId: last,
      WebSocket,
      clock,
      attention,
      signal,
      onOpen: () => heard.opened(),
      onEvent(id, event) {
        last = id;
        heard.event(id, event as WatchEvent);
      },
    });
  };
}
