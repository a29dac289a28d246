/** A job as its owner sees it: from its object, and from history once the object is gone. */
import type { ItemStatus, Job, JobItem } from '../../contract/jobs.ts';
import { findJob } from '../../db/job-history.ts';
import type { Session } from '../../durable-objects/user-limiter/state.ts';
import { issueTicket } from '../../security/ticket.ts';
import { presignDownload } from '../../storage/presign.ts';
import type { Context } from '../context.ts';
import { fail, unwrap } from '../errors.ts';
import { withJob, withUser } from '../objects.ts';
import { isShowable, shownJob } from './shown.ts';

export async function viewJob(ctx: Context, userId: string, session: Session, jobId: string): Promise<Job> {
  const found = await withJob(ctx, jobId, (job) => job.get({ userId, requestId: ctx.requestId }));
  const ticket = issueTicket(jobId, { userId, sessionFrom: session.issuedAt }, Date.now(), ctx.settings);
  const snapshot = unwrap(found);
  if (snapshot === null) return viewHistory(ctx, userId, jobId, ticket);
  // A later release may have written what this one does not know.
  if (!isShowable(snapshot)) return fail('JOB_NOT_FOUND', 'no such job', null);
  const now = Date.now();
  return shownJob(snapshot, ticket, now, (key) => presignDownload(key, now, ctx.settings));
}

/** Photos as history tells of them. */
export function historyItems(rows: readonly { idx: number; status: ItemStatus; error: string | null }[]): JobItem[] {
  return rows.map(({ idx, status, error }) => (error === null ? { idx, status } : { idx, status, error }));
}

/** An ended job whose object has deleted itself: its results are gone, its story is kept. */
async function viewHistory(ctx: Context, userId: string, jobId: string, ticket: string): Promise<Job> {
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
