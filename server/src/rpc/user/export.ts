/** A user's own data, a page at a time. Photos come as presigned URLs, so a page is bounded by the photos of its jobs. */
import type { ExportedJob, ExportPage } from '../../contract/export.ts';
import type { JobSummary } from '../../contract/jobs.ts';
import { listReceipts } from '../../db/accounts.ts';
import { findJob } from '../../db/job-history.ts';
import { encodeCursor, pageOf, startOf } from '../../domain/paging.ts';
import { invalid } from '../../domain/result.ts';
import { presignDownload } from '../../storage/presign.ts';
import type { Context } from '../context.ts';
import { ApiError, unwrap } from '../errors.ts';
import { listUserJobs, placeOf } from '../jobs/list.ts';
import { exportedOf, readable } from '../jobs/shown.ts';
import { historyItems } from '../jobs/view.ts';
import { withJob, withUser } from '../objects.ts';

/** Photos on a page at most, unless its first job alone has more. */
const PHOTOS = 200;
const JOBS = 20;
const RECEIPTS = 100;

const EMPTY: ExportPage = { user: null, rules: [], jobs: [], receipts: [], nextCursor: null };

/** The cursor says which part it belongs to: `jobs`, `jobs:<cursor>`, `receipts` or `receipts:<cursor>`. */
export async function exportUser(ctx: Context, userId: string, cursor: string | undefined): Promise<ExportPage> {
  const { part, rest } = partOf(cursor);
  if (part === 'receipts') return receiptsPage(ctx, userId, rest);
  const page = await jobsPage(ctx, userId, rest);
  if (cursor !== undefined) return page;
  const account = await withUser(ctx, userId, (user) => user.exported());
  return { ...page, ...account };
}

function partOf(cursor: string | undefined): { part: 'jobs' | 'receipts'; rest: string | undefined } {
  const match = /^(jobs|receipts)(?::(.+))?$/.exec(cursor ?? 'jobs');
  if (match === null) throw new ApiError(invalid('cursor', 'is not a cursor that this list gave out').refusal);
  return { part: match[1] === 'receipts' ? 'receipts' : 'jobs', rest: match[2] };
}

async function jobsPage(ctx: Context, userId: string, cursor: string | undefined): Promise<ExportPage> {
  const { jobs, nextCursor } = await listUserJobs(ctx, userId, cursor, JOBS, JOBS);
  let photos = 0;
  const taken = jobs.filter(({ progress }, at) => {
    photos += progress.total;
    return at === 0 || photos <= PHOTOS;
  });
  const last = taken.at(-1);
  const more = taken.length < jobs.length && last !== undefined;
  const next = more ? encodeCursor(placeOf(last)) : nextCursor;
  const exported = await Promise.all(taken.map((job) => exportJob(ctx, userId, job)));
  return {
    ...EMPTY,
    jobs: exported.filter((job) => job !== null),
    nextCursor: next === null ? 'receipts' : `jobs:${next}`,
  };
}

/** From its object as long as that may be there, and then from history. Null for one that was deleted meanwhile. */
async function exportJob(ctx: Context, userId: string, summary: JobSummary): Promise<ExportedJob | null> {
  const gone =
    summary.finishedAt !== null && summary.finishedAt.getTime() + ctx.settings.job.resultRetentionMs < Date.now();
  const live = gone ? null : await liveJob(ctx, userId, summary);
  if (live !== null) return live;
  const history = await findJob(ctx.env.DB, userId, summary.jobId);
  if (history === null) return null;
  const { asked, items, error } = history;
  return { ...history.summary, ...readable(asked), error, charged: summary.progress.done, photos: historyItems(items) };
}

async function liveJob(ctx: Context, userId: string, summary: JobSummary): Promise<ExportedJob | null> {
  const { jobId } = summary;
  const found = await withJob(ctx, jobId, (job) => job.exported({ userId, requestId: ctx.requestId }));
  if (!found.ok || found.value === null) return null;
  const now = Date.now();
  return exportedOf(found.value, summary.createdAt, now, (key) => presignDownload(key, now, ctx.settings));
}

async function receiptsPage(ctx: Context, userId: string, cursor: string | undefined): Promise<ExportPage> {
  // What is new stands on the first page.
  const start = unwrap(startOf(cursor));
  const any = unwrap(await withUser(ctx, userId, (user) => user.query(cursor === undefined)));
  if (!any) return EMPTY;
  const found = await listReceipts(ctx.env.DB, userId, start, RECEIPTS + 1);
  const { entries: receipts, nextCursor } = pageOf(found, RECEIPTS, ({ createdAt, id }) => ({ at: +createdAt, id }));
  return { ...EMPTY, receipts, nextCursor: nextCursor === null ? null : `receipts:${nextCursor}` };
}
