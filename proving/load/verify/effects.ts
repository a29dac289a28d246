/** Waits until no job owes anything that money or history depends on; every effect is repeated without end, so this is bounded. */
import type { AdminJob } from '../../../server/src/contract/admin.ts';
import { lookUntil } from '../../world/clock.ts';
import { ENDED } from '../../world/look.ts';
import type { Admin } from '../admin.ts';

const OWED = new Set(['verify', 'settle', 'freeSlot', 'unsent', 'send', 'offer', 'flush', 'cancelRuns']);
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
  const left = () => jobIds.filter((jobId) => !settled.has(jobId) && !gone.has(jobId));
  const look = async () => {
    const open = left();
    const found = await admin.jobs(open);
    for (const job of found) if (isQuiet(job)) settled.set(job.jobId, job);
    const there = new Set(found.map(({ jobId }) => jobId));
    for (const jobId of open) if (!there.has(jobId)) gone.add(jobId);
    return left();
  };
  const stuck = await lookUntil(look, ({ length }) => length === 0, { patience: limitMs, pause: PAUSE_MS });
  return { jobs: [...settled.values(), ...(await admin.jobs(stuck))], stuck };
}

const isQuiet = ({ status, pendingEffects }: AdminJob): boolean =>
  ENDED.has(status) && !pendingEffects.some(({ name }) => OWED.has(name));
