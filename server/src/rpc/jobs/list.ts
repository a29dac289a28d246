/**
 * A page of a user's jobs, newest first. His object says which live and how those ended that ended last, of which D1 may not have heard;
 * the others come from D1. So only the objects of live jobs are asked, each once for all lists of a batch.
 */
import type { JobSummary } from '../../contract/jobs.ts';
import { listJobs } from '../../db/job-history.ts';
import type { ListedJob } from '../../domain/job/listed.ts';
import { isBehind, type Place, pageOf, startOf } from '../../domain/paging.ts';
import type { JobEntry } from '../../durable-objects/user-limiter/state.ts';
import { presignDownload } from '../../storage/presign.ts';
import type { Context } from '../context.ts';
import { unwrap } from '../errors.ts';
import { withJob, withUser } from '../objects.ts';
import { isShowable, listedJob, pictured } from './shown.ts';

const DAY_MS = 86_400_000;

/** @param cost of the hour's queries: one, unless the caller goes on to ask each job on the page */
export async function listUserJobs(ctx: Context, userId: string, cursor: string | undefined, limit: number, cost = 1) {
  const start = unwrap(startOf(cursor));
  // Alone, and first: it counts the query, and beyond the hour's limit nothing else is asked.
  const entries = unwrap(await withUser(ctx, userId, (user) => user.jobs(cost)));
  // Before the first change of a user nothing is stored of him.
  if (entries === null) return { jobs: [], nextCursor: null };
  const [history, recent] = await Promise.all([
    listJobs(ctx.env.DB, userId, start, limit + 1),
    Promise.all(candidates(entries, start, limit, ctx).map((entry) => summaryOf(ctx, userId, entry))),
  ]);
  const known = new Set(history.map(({ jobId }) => jobId));
  const onPage = recent
    .filter((job) => job !== null)
    .filter((job) => !known.has(job.jobId) && isBehind(placeOf(job), start));
  const all = [...history, ...onPage].sort(newestFirst);
  const page = pageOf(all, limit, placeOf);
  return { nextCursor: page.nextCursor, jobs: page.entries.map(picturedBy(ctx, userId)) };
}

function picturedBy({ settings }: Context, userId: string) {
  const now = Date.now();
  const url = (key: string) => presignDownload(key, now, settings);
  return (job: ListedJob) => pictured(job, userId, settings.job.resultRetentionMs, now, url);
}

/**
 * The entries that may stand on the page. A live one's time is its hold's: its job came to be then or, if its create had to be repeated,
 * at most this much later. So those that `limit` others are newer than by more than that need not be asked.
 */
function candidates(entries: readonly JobEntry[], start: Place, limit: number, { settings }: Context): JobEntry[] {
  const oldest = Date.now() - settings.numbers.HISTORY_DAYS * DAY_MS;
  const possible = entries.filter(
    ({ jobId, createdAt, ended }) =>
      ended !== null && (ended?.endedAt ?? Date.now()) > oldest && isBehind({ at: createdAt, id: jobId }, start),
  );
  const newest = possible.map(({ createdAt }) => createdAt).sort((a, b) => b - a);
  const last = (newest[limit] ?? 0) - settings.numbers.HOLD_CHECK_MS;
  return possible.filter(({ createdAt }) => createdAt >= last);
}

export const placeOf = ({ createdAt, jobId }: JobSummary): Place => ({ at: createdAt.getTime(), id: jobId });

function newestFirst(a: JobSummary, b: JobSummary): number {
  return b.createdAt.getTime() - a.createdAt.getTime() || (a.jobId < b.jobId ? 1 : -1);
}

/** Null for a job that was deleted, that never came to be, or that this release cannot show. */
async function summaryOf(ctx: Context, userId: string, { jobId, ended }: JobEntry): Promise<ListedJob | null> {
  if (ended != null) {
    if (!isShowable(ended)) return null;
    const { status, preset, done, failed, total, createdAt, endedAt, cover } = ended;
    const progress = { done, failed, total };
    return { jobId, status, preset, progress, createdAt: new Date(createdAt), finishedAt: new Date(endedAt), cover };
  }
  const asked = ctx.liveJobs.get(jobId) ?? askLive(ctx, userId, jobId);
  ctx.liveJobs.set(jobId, asked);
  return asked;
}

async function askLive(ctx: Context, userId: string, jobId: string): Promise<ListedJob | null> {
  const found = await withJob(ctx, jobId, (job) => job.get({ userId, requestId: ctx.requestId }));
  if (!found.ok || found.value === null || !isShowable(found.value)) return null;
  return listedJob(found.value);
}
