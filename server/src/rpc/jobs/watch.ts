/**
 * `jobs.watch` stands in the router for its types. It is served by the job's own object over a WebSocket (rest/watch.ts): a stream
 * of HTTP would keep that object awake, and billed, for as long as anybody watches.
 */
import type { TrackedEnvelope } from '@trpc/server';
import type { WatchEvent } from '../../contract/watch.ts';
import { fail } from '../errors.ts';

export function watchElsewhere(): AsyncIterable<TrackedEnvelope<WatchEvent>> {
  const message = 'jobs.watch is served over a WebSocket, at /trpc/watch/<jobId>?ticket=<ticket>';
  return fail('VALIDATION_ERROR', message, { field: '', issues: [{ field: '', message }] });
}
