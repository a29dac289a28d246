/** Live events where there are WebSockets. */
import type { WatchEvent } from '../generated/types.ts';
import { type WatchOutcome, watch } from '../live/watch.ts';
import type { Attention } from './attention.ts';
import type { JobDeps } from './deps.ts';

/** What is heard of a job on a live connection. */
export interface Heard {
  connecting(): void;
  opened(): void;
  event(id: string, event: WatchEvent): void;
}

/** @param lastEventId the last event that is known; null for none */
export function liveWatch(
  { baseUrl, clock, WebSocket }: Pick<JobDeps, 'baseUrl' | 'clock' | 'WebSocket'>,
  { jobId, lastEventId }: { jobId: string; lastEventId: string | null },
  heard: Heard,
  attention: Attention,
  signal: AbortSignal,
): ((ticket: string) => Promise<WatchOutcome>) | null {
  if (!WebSocket) return null;
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
