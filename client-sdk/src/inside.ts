/** What `./trpc` and `./react` need of a client besides its methods. */
import type { AnyCall } from './api/calls.ts';
import type { Clock } from './clock.ts';
import type { Heard } from './job/watching.ts';
import type { WatchOutcome } from './live/watch.ts';

/** Found by key, so that entries of two copies of this package in one app still find it. */
export const INSIDE: unique symbol = Symbol.for('s3-workers.inside') as never;

/** A job to watch, behind the last event that is known; null for none. */
export type Watched = { jobId: string; lastEventId: string | null };

export interface Inside {
  readonly call: AnyCall;
  readonly clock: Clock;
  /** One live connection after the other, each with a ticket of its own; null where there are no WebSockets. */
  watch(job: Watched, heard: Heard, signal: AbortSignal): ((ticket: string) => Promise<WatchOutcome>) | null;
}

/** @throws TypeError for a client that `createClient` did not make */
export function insideOf(client: object): Inside {
  const { [INSIDE]: inside } = client as { [INSIDE]?: Inside };
  if (inside === undefined) throw new TypeError('the client is none of createClient');
  return inside;
}
