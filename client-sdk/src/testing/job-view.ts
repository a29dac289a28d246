/** A job as its owner sees it, and tickets to its live events. */
import type { ExportedJob } from '../../../server/src/contract/export.ts';
import type { ItemStatus, JobItem, JobSummary, JobView } from '../../../server/src/contract/jobs.ts';
import { has } from '../../../server/src/domain/bitmap.ts';
import { keptUntil } from '../../../server/src/domain/job/ending.ts';
import { hasEnded, progressOf } from '../../../server/src/domain/job/state.ts';
import { outputKey, previewKey } from '../../../server/src/domain/keys.ts';
import { formatOf } from '../../../server/src/domain/presets.ts';
import type { TestJob } from './job.ts';
import type { World } from './world.ts';

export function issueTicket(world: World, jobId: string, userId: string): string {
  const ticket = world.unique('ticket-');
  world.tickets.set(ticket, { jobId, userId, expiresAt: world.clock.now() + world.settings.ticketMs });
  return ticket;
}

export function viewOf(world: World, job: TestJob): JobView {
  const { state } = job;
  const kept = keptUntil(state, world.settings);
  return {
    jobId: state.jobId,
    status: state.status,
    preset: state.preset,
    progress: progressOf(state),
    ...formatIn(state),
    items: itemsOf(world, job, kept === null || world.clock.now() < kept),
    createdAt: new Date(state.createdAt),
    deadline: hasEnded(state) ? null : new Date(state.deadline),
    keptUntil: kept === null ? null : new Date(kept),
    error: state.error,
    charged: state.charged,
    ticket: issueTicket(world, state.jobId, state.userId),
  };
}

const formatIn = ({ choice }: TestJob['state']) => (choice === null ? {} : { format: formatOf(choice) });

/** Newest first, as the owner's export has them. */
export function exportedJobs(world: World, userId: string): ExportedJob[] {
  return [...world.jobs.values()]
    .filter(({ state }) => state.userId === userId && state.deletedAt === null)
    .toSorted(({ state: a }, { state: b }) => b.createdAt - a.createdAt)
    .map((job) => {
      const { state } = job;
      const kept = keptUntil(state, world.settings);
      return {
        ...summaryOf(job),
        concepts: state.choice?.concepts ?? null,
        protect: state.choice?.protect ?? null,
        outputTemplate: state.choice?.outputTemplate ?? null,
        ...formatIn(state),
        ruleId: state.ruleId,
        charged: state.charged,
        error: state.error,
        photos: itemsOf(world, job, kept === null || world.clock.now() < kept),
      };
    });
}

function itemsOf({ storage }: World, { state, errors }: TestJob, kept: boolean): JobItem[] {
  const open: ItemStatus = state.status === 'canceled' ? 'canceled' : 'pending';
  return state.photos.map((_, idx): JobItem => {
    if (has(state.failed, idx)) return { idx, status: 'failed', error: errors.get(idx) ?? 'failed' };
    if (!has(state.done, idx)) return { idx, status: open };
    if (!kept) return { idx, status: 'done' };
    const resultUrl = storage.signDownload(outputKey(state, idx));
    if (!has(state.previews, idx)) return { idx, status: 'done', resultUrl };
    return { idx, status: 'done', resultUrl, previewUrl: storage.signDownload(previewKey(state, idx)) };
  });
}

export function summaryOf({ state }: TestJob): JobSummary {
  return {
    jobId: state.jobId,
    status: state.status,
    preset: state.preset,
    progress: progressOf(state),
    createdAt: new Date(state.createdAt),
    finishedAt: state.endedAt === null ? null : new Date(state.endedAt),
  };
}
