/** A page of a user's jobs, newest first: live and just ended ones from the user's object, the others from D1, which may be late. */
import type { JobSummary } from '../../contract/jobs.ts';
import { listJobs, type PageStart, pageCursor } from '../../db/job-history.ts';
import type { JobEntry } from '../../durable-objects/user-limiter/store.ts';
import type { Context } from '../context.ts';
import { withJob, withUser } from '../objects.ts';
import { startOf } from '../pages.ts';

export async function listUserJobs(ctx: Context, userId: string, cursor: string | undefined, limit: number) {
  const start = startOf(cursor);
  const [entries, history] = await Promise.all([
    withUser(ctx, userId, (user) => user.jobs()),
    listJobs(ctx.env.DB, userId, start, limit + 1),
  ]);
  const known = new Set(history.map(({ jobId }) => jobId));
  const end = history[limit];
  // An entry's time is its hold's: the job came to be then or, if its create had to be repeated, at most this much later.
  const later = ctx.settings.numbers.HOLD_CHECK_MS;
  // What is older than a full page of history cannot be on this page: its object need not be asked.
  const mayBeOnPage = ({ createdAt, jobId }: JobEntry): boolean =>
    isBefore(createdAt, jobId, start) &&
    !(end && isBefore(createdAt + later, jobId, { at: end.createdAt.getTime(), id: end.jobId }));
  const recent = await Promise.all(
    entries
      .filter((entry) => !known.has(entry.jobId) && mayBeOnPage(entry))
      .map((entry) => summaryOf(ctx, userId, entry)),
  );
  const onPage = recent
    .filter((job) => job !== null)
    .filter(({ createdAt, jobId }) => isBefore(createdAt.getTime(), jobId, start));
  const all = [...history, ...onPage].sort(newestFirst);
  const jobs = all.slice(0, limit);
  const last = jobs.at(-1);
  const more = all.length > jobs.length && last !== undefined;
  return { jobs, nextCursor: more ? pageCursor(last.createdAt.getTime(), last.jobId) : null };
}

const isBefore = (at: number, id: string, start: PageStart): boolean =>
  at < start.at || (at === start.at && id < start.id);

function newestFirst(a: JobSummary, b: JobSummary): number {
  return b.createdAt.getTime() - a.createdAt.getTime() || (a.jobId < b.jobId ? 1 : -1);
}

/** Null for a job that was deleted, or that never came to be. */
async function summaryOf(ctx: Context, userId: string, entry: JobEntry): Promise<JobSummary | null> {
  const found = await withJob(ctx, entry.jobId, (job) => job.get({ userId, requestId: ctx.requestId }));
  if (!found.ok || found.value === null) return null;
  const { jobId, status, preset, progress, createdAt, endedAt } = found.value;
  return {
    jobId,
    status,
    preset,
    progress,
    createdAt: new Date(createdAt),
    finishedAt: endedAt === null ? null : new Date(endedAt),
  };
}
