/** Jobs of this browser that nobody brings the photos of any more: their page was left, reloaded or closed in the middle. */
import type { CallOptions } from '../api/call.ts';
import { isS3Error } from '../errors.ts';
import type { Job } from '../generated/types.ts';
import type { JobDeps } from './deps.ts';
import type { SavedJob } from './saved.ts';
import { hasEnded } from './store.ts';

/** It is its user's turn: to bring photos, or to begin the work. */
type WaitingJob = Job & { status: 'created' | 'uploaded' };
export const waits = (job: Job): job is WaitingJob => job.status === 'created' || job.status === 'uploaded';
export type LeftJob = { job: WaitingJob; saved: SavedJob };

/** The latest first. Asks the server about those that are kept, and not at all where there is none. */
export async function leftJobs({ call, saved, presence }: JobDeps, options?: CallOptions): Promise<LeftJob[]> {
  const kept = (await saved.all()).map(async (jobId) => ({
    jobId,
    found: (await presence.isAt(jobId)) ? null : await saved.find(jobId),
  }));
  const looked = (await Promise.all(kept)).map(async ({ jobId, found }) => {
    if (!found) return [];
    try {
      const job = await call('jobs.get', { jobId }, options);
      if (hasEnded(job)) await saved.forget(jobId);
      return waits(job) ? [{ job, saved: found }] : [];
    } catch (error) {
      // Another user's of this browser, or deleted.
      if (isS3Error(error, 'JOB_NOT_FOUND')) return [];
      throw error;
    }
  });
  return (await Promise.all(looked)).flat();
}

/** One that was left and is made of just these photos, whatever their order. Going on with it takes no second slot and no second upload. */
export async function twinOf(
  deps: JobDeps,
  preset: SavedJob['preset'],
  prints: Promise<readonly string[]>,
  options: CallOptions,
): Promise<LeftJob | undefined> {
  if ((await deps.saved.all()).length === 0) return undefined;
  const text = (some: readonly string[]) => [...some].sort().join();
  const mine = text(await prints);
  const left = await leftJobs(deps, options).catch(() => []);
  return left.find(({ saved }) => mine !== '' && saved.preset === preset && text(saved.prints) === mine);
}
