/** Live events where there are WebSockets: the code for them is loaded with the first job that is followed. */
import type { WatchEvent } from '../../../server/src/contract/watch.ts';
import type { WatchOutcome } from '../live/watch.ts';
import type { Attention } from './attention.ts';
import type { JobDeps } from './deps.ts';
import type { JobStore } from './store.ts';

export function liveWatch(
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
