/** A job as its owner sees it: from its object, and from history once the object is gone. */
import { type ItemStatus, JOB_STATUSES, type JobItem, type JobStatus, type JobView } from '../../contract/jobs.ts';
import { PRESET_IDS } from '../../contract/presets.ts';
import { findJob } from '../../db/job-history.ts';
import { fromHex, has } from '../../domain/bitmap.ts';
import { type JobRef, outputKey, previewKey } from '../../domain/keys.ts';
import type { JobSnapshot } from '../../durable-objects/job-coordinator/view.ts';
import type { Session } from '../../durable-objects/user-limiter/state.ts';
import { issueTicket } from '../../security/ticket.ts';
import { presignDownload } from '../../storage/presign.ts';
import type { Context } from '../context.ts';
import { fail, unwrap } from '../errors.ts';
import { withJob, withUser } from '../objects.ts';

/** Whether this release knows the words that the job is told in. */
export const isShowable = ({ status, preset }: { status: string; preset: string }): boolean =>
  JOB_STATUSES.some((known) => known === status) && PRESET_IDS.some((known) => known === preset);

export async function viewJob(ctx: Context, userId: string, session: Session, jobId: string): Promise<JobView> {
  const found = await withJob(ctx, jobId, (job) => job.get({ userId, requestId: ctx.requestId }));
  const ticket = issueTicket(jobId, { userId, sessionFrom: session.issuedAt }, Date.now(), ctx.settings);
  const snapshot = unwrap(found);
  if (snapshot === null) return viewHistory(ctx, userId, jobId, ticket);
  // A later release may have written what this one does not know.
  if (!isShowable(snapshot)) return fail('JOB_NOT_FOUND', 'no such job', null);
  return {
    jobId,
    status: snapshot.status,
    preset: snapshot.preset,
    progress: snapshot.progress,
    ...(snapshot.format === null ? {} : { format: snapshot.format }),
    items: itemsOf(ctx, snapshot),
    createdAt: new Date(snapshot.createdAt),
    deadline: snapshot.deadline === null ? null : new Date(snapshot.deadline),
    keptUntil: snapshot.keptUntil === null ? null : new Date(snapshot.keptUntil),
    error: snapshot.error,
    charged: snapshot.charged,
    ticket,
  };
}

export function itemsOf(ctx: Pick<Context, 'settings'>, snapshot: JobSnapshot): JobItem[] {
  const now = Date.now();
  const job: JobRef = snapshot;
  const [done, failed, previews] = [snapshot.done, snapshot.failed, snapshot.previews].map(fromHex) as [
    bigint,
    bigint,
    bigint,
  ];
  const errors = new Map(snapshot.errors.map(({ idx, error }) => [idx, error]));
  const kept = snapshot.keptUntil === null || now < snapshot.keptUntil;
  const url = (key: string) => presignDownload(key, now, ctx.settings);
  const item = (idx: number): JobItem => {
    if (has(failed, idx)) return { idx, status: 'failed', error: errors.get(idx) ?? 'failed' };
    if (!has(done, idx)) return { idx, status: openStatus(snapshot.status) };
    if (!kept) return { idx, status: 'done' };
    const resultUrl = url(outputKey(job, idx));
    if (!has(previews, idx)) return { idx, status: 'done', resultUrl };
    return { idx, status: 'done', resultUrl, previewUrl: url(previewKey(job, idx)) };
  };
  return Array.from({ length: snapshot.progress.total }, (_, idx) => item(idx));
}

/** What is open when a job ends was not failed by anybody: it was called off. */
const openStatus = (status: JobStatus): ItemStatus => (status === 'canceled' ? 'canceled' : 'pending');

/** Photos as history tells of them. */
export function historyItems(rows: readonly { idx: number; status: ItemStatus; error: string | null }[]): JobItem[] {
  return rows.map(({ idx, status, error }) => (error === null ? { idx, status } : { idx, status, error }));
}

/** An ended job whose object has deleted itself: its results are gone, its story is kept. */
async function viewHistory(ctx: Context, userId: string, jobId: string, ticket: string): Promise<JobView> {
  const mayExist = unwrap(await withUser(ctx, userId, (user) => user.query(false)));
  const history = mayExist ? await findJob(ctx.env.DB, userId, jobId) : null;
  if (history === null) return fail('JOB_NOT_FOUND', 'no such job', null);
  const { summary, asked, items, error } = history;
  const { finishedAt, ...rest } = summary;
  return {
    ...rest,
    ...(asked.format === undefined ? {} : { format: asked.format }),
    items: historyItems(items),
    deadline: null,
    keptUntil: finishedAt === null ? null : new Date(finishedAt.getTime() + ctx.settings.job.resultRetentionMs),
    error,
    charged: rest.progress.done,
    ticket,
  };
}
