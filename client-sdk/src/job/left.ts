/** Jobs of this browser that nobody brings the photos of any more: their page was left, reloaded or closed in the middle. */
import type { CallOptions } from '../api/call.ts';
import { isS3Error } from '../errors.ts';
import type { CreateInput, Job } from '../generated/types.ts';
import type { JobDeps } from './deps.ts';
import type { SavedJob } from './saved.ts';
import { hasEnded } from './store.ts';

/** It is its user's turn: to bring photos, or to begin the work. */
type WaitingJob = Job & { status: 'created' | 'uploaded' };
export const waits = (job: Job): job is WaitingJob => job.status === 'created' || job.status === 'uploaded';
export type LeftJob = { job: WaitingJob; saved: SavedJob };

/** The latest first. Asks the server about those that are kept, and not at all where there is none. */
export async function leftJobs(deps: JobDeps, options?: CallOptions): Promise<LeftJob[]> {
  const { call, saved, presence } = deps;
  const kept = (await saved.all()).map(async (jobId) => ({
    jobId,
    found: (await presence.isAt(jobId)) ? null : await saved.find(jobId),
  }));
  const looked = (await Promise.all(kept)).map(async ({ jobId: keptAs, found }) => {
    if (!found) return [];
    try {
      const jobId = await madeAs(deps, keptAs, found, options);
      const job = await call('jobs.get', { jobId }, options);
      if (hasEnded(job)) await saved.forget(jobId);
      return waits(job) ? [{ job, saved: found }] : [];
    } catch (error) {
      // Another user's of this browser, or deleted, or never made.
      if (isS3Error(error, 'JOB_NOT_FOUND') || isS3Error(error, 'IDEMPOTENCY_CONFLICT')) return [];
      throw error;
    }
  });
  return (await Promise.all(looked)).flat();
}

/** Milliseconds after which a create whose answer was lost has made its job, or never will. */
const CREATE_MS = 600_000;

/** The id of a job that may be kept under its key alone. Throws JOB_NOT_FOUND where none came of it; nothing is made by asking. */
async function madeAs(
  { call, saved, clock }: JobDeps,
  keptAs: string,
  { create, at = 0, ...rest }: SavedJob,
  options?: CallOptions,
): Promise<string> {
  if (!create) return keptAs;
  // Of a job that there is not, none is made: only a key that has made one already is in conflict with that.
  const none: CreateInput = { from: { jobId: keptAs }, idempotencyKey: keptAs };
  try {
    await call('jobs.create', none, options).catch((error) => {
      if (!isS3Error(error, 'IDEMPOTENCY_CONFLICT')) throw error;
    });
    const { jobId } = await call('jobs.create', create, options);
    await saved.keep(jobId, rest, keptAs);
    return jobId;
  } catch (error) {
    if (clock.now() - at > CREATE_MS && isS3Error(error) && !error.retryable) await saved.forget(keptAs);
    throw error;
  }
}

/** One that was left and is made of just these photos, whatever their order. Going on with it takes no second slot and no second upload. */
export async function twinOf(
  deps: JobDeps,
  preset: SavedJob['preset'],
  prints: readonly string[],
  options: CallOptions,
): Promise<LeftJob | undefined> {
  const text = (some: readonly string[]) => [...some].sort().join();
  const mine = text(prints);
  const left = await leftJobs(deps, options).catch(() => []);
  return left.find(({ saved }) => mine !== '' && saved.preset === preset && text(saved.prints) === mine);
}
