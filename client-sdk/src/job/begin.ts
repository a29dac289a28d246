/** Beginning the work on a job's photos. */
import type { Procedures } from '../generated/procedures.ts';
import { RUN_RETRIES } from '../retry.ts';
import type { Call } from '../transport.ts';
import type { SavedJob } from './saved.ts';

export function begin(call: Call, jobId: string, { change, key }: SavedJob, signal: AbortSignal) {
  const input = { ...change, jobId, idempotencyKey: key } as Procedures['jobs.execute']['input'];
  return call('jobs.execute', input, { signal, maxRetries: RUN_RETRIES });
}
