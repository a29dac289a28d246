/** Waits until no job owes anything that money or history depends on; every effect is repeated without end, so this is bounded. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AdminJob } from '../../../server/src/contract/admin.ts';
import type { Admin } from '../admin.ts';

const OWED = new Set(['verify', 'settle', 'freeSlot', 'unsent', 'send', 'flush', 'cancelRuns']);
const ENDED = new Set(['done', 'failed', 'canceled']);
const PAUSE_MS = 2_000;

export type Quiet = {
  /** All but those whose object is gone already. */
  jobs: AdminJob[];
  /** Ids of jobs that have not ended, or still owe something, when the time is over. */
  stuck: string[];
};

export async function untilQuiet(admin: Pick<Admin, 'jobs'>, jobIds: string[], limitMs: number): Promise<Quiet> {
  const settled = new Map<string, AdminJob>();
  // History has these, as every look at them shows.
  const gone = new Set<string>();
  const until = Date.now() + limitMs;
  for (;;) {
    const open = jobIds.filter((jobId) => !settled.has(jobId) && !gone.has(jobId));
    const found = await admin.jobs(open);
    for (const job of found) if (isQuiet(job)) settled.set(job.jobId, job);
    const there = new Set(found.map(({ jobId }) => jobId));
    for (const jobId of open) if (!there.has(jobId)) gone.add(jobId);
    const stuck = jobIds.filter((jobId) => !settled.has(jobId) && !gone.has(jobId));
    if (stuck.length === 0 || Date.now() > until) {
      return { jobs: [...settled.values(), ...(await admin.jobs(stuck))], stuck };
    }
    await sleep(PAUSE_MS);
  }
}

const isQuiet = ({ status, pendingEffects }: AdminJob): boolean =>
  ENDED.has(status) && !pendingEffects.some(({ name }) => OWED.has(name));
