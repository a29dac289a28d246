/**
 * `jobs.watch` for whoever wants a job's events as the API tells them: over one connection after the other, each behind the last event of
 * the one before, until the job has ended.
 */
import type { Job } from '../generated/types.ts';
import type { Inside } from '../inside.ts';
import type { Heard } from '../job/watching.ts';
import { fullJitter, RUN_RETRIES } from '../retry.ts';

/** Connections in a row that can't be had, or break off within `BRIEF` milliseconds, after which it is given up. */
const TRIES = { attempts: 12, baseMs: 250, capMs: 10_000 };
const BRIEF = 2_000;

export type WatchInput = { jobId: string; lastEventId?: string | null | undefined };

/** Resolves with the job's end. */
export async function watchJob(
  { call, clock, watch }: Inside,
  { jobId, lastEventId = null }: WatchInput,
  heard: Heard,
  signal: AbortSignal,
): Promise<void> {
  const line = watch({ jobId, lastEventId }, heard, signal);
  for (let failures = 0; line !== null && failures < TRIES.attempts; ) {
    const { ticket } = (await call('jobs.get', { jobId }, { signal, maxRetries: RUN_RETRIES })) as Job;
    const began = clock.now();
    const { opened, ended } = await line(ticket);
    if (ended) return;
    failures = opened && clock.now() - began >= BRIEF ? 1 : failures + 1;
    await clock.sleep(fullJitter(failures, TRIES, clock.random()), signal);
  }
  throw new Error('no WebSocket to the job could be had');
}
