/** Live events where there are WebSockets: the code for them is loaded with the first job that is followed. */
import type { WatchEvent } from '../../../server/src/contract/watch.ts';
import { abortable, linkedController } from '../abort.ts';
import type { Job } from '../api/jobs.ts';
import type { WatchOutcome } from '../live/watch.ts';
import { decode, encode } from '../wire/codec.ts';
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
      watch: liveWatch(deps, jobId, store, attention, signal),
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

function liveWatch(
  { baseUrl, clock, WebSocket }: JobDeps,
  jobId: string,
  store: JobStore,
  attention: Attention,
  signal: AbortSignal,
): ((ticket: string) => Promise<WatchOutcome>) | null {
  if (WebSocket === undefined) return null;
  let lastEventId: string | null = null;
  return async (ticket) => {
    store.update({ connection: 'connecting' });
    let live: typeof import('../live/watch.ts');
    try {
      live = await import('../live/watch.ts');
    } catch {
      // The page was deployed anew and the old file is gone: asking has to do.
      return { opened: false, ended: false };
    }
    return live.watch({
      ...{ abortable, linkedController, encode, decode },
      url: `${baseUrl.replace(/^http/, 'ws')}/trpc/watch/${jobId}?ticket=${encodeURIComponent(ticket)}`,
      jobId,
      lastEventId,
      WebSocket,
      clock,
      attention,
      signal,
      onOpen: () => store.update({ connection: 'live' }),
      onEvent(id, event) {
        lastEventId = id;
        const told = event as WatchEvent;
        if (told.type === 'item') store.items([told]);
        else if (told.type === 'progress') store.status(told.status);
      },
    });
  };
}
