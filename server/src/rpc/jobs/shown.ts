/** What a job's object tells, as its owner sees it. Knows nothing of where the object, or the photos, are. */
import { type ExportedJob, exportedJob } from '../../contract/export.ts';
import {
  type FileKind,
  type ItemStatus,
  JOB_STATUSES,
  type Job,
  type JobItem,
  type JobStatus,
  type JobSummary,
} from '../../contract/jobs.ts';
import { PRESET_IDS } from '../../contract/presets.ts';
import { firstOf, fromHex, has } from '../../domain/bitmap.ts';
import type { ListedJob } from '../../domain/job/listed.ts';
import { type JobRef, outputKey, previewKey } from '../../domain/keys.ts';
import { formatOf } from '../../domain/presets.ts';
import type { JobExport, JobSnapshot } from '../../durable-objects/job-coordinator/view.ts';

/** Whether this release knows the words that the job is told in. */
export const isShowable = ({ status, preset }: { status: string; preset: string }): boolean =>
  JOB_STATUSES.some((known) => known === status) && PRESET_IDS.some((known) => known === preset);

/** @param url a signed URL of an object, by its key */
export function shownJob(snapshot: JobSnapshot, ticket: string, now: number, url: (key: string) => string): Job {
  return {
    jobId: snapshot.jobId,
    status: snapshot.status,
    preset: snapshot.preset,
    progress: snapshot.progress,
    ...(snapshot.format === null ? {} : { format: snapshot.format }),
    items: itemsOf(snapshot, now, url),
    createdAt: new Date(snapshot.createdAt),
    deadline: snapshot.deadline === null ? null : new Date(snapshot.deadline),
    keptUntil: snapshot.keptUntil === null ? null : new Date(snapshot.keptUntil),
    error: snapshot.error,
    charged: snapshot.charged,
    etaMs: snapshot.etaMs,
    waiting: snapshot.waiting,
    ticket,
  };
}

export function shownSummary({ jobId, status, preset, progress, createdAt, endedAt }: JobSnapshot): JobSummary {
  return {
    jobId,
    status,
    preset,
    progress,
    createdAt: new Date(createdAt),
    finishedAt: endedAt === null ? null : new Date(endedAt),
  };
}

/** A job on a list, with its picture. @param keptMs how long results are kept after the end, in milliseconds */
export function pictured(
  { cover, ...job }: ListedJob,
  userId: string,
  keptMs: number,
  now: number,
  url: (key: string) => string,
): JobSummary {
  const isKept = job.finishedAt === null || now < job.finishedAt.getTime() + keptMs;
  if (cover === undefined || !isKept) return job;
  return { ...job, previewUrl: url(previewKey({ userId, jobId: job.jobId }, cover)) };
}

/** For a list. */
export const listedJob = (snapshot: JobSnapshot): ListedJob => ({
  ...shownSummary(snapshot),
  cover: firstOf(fromHex(snapshot.previews)),
});

/** The key of a photo's file; null for what is not there, or not kept any more. */
export function fileKey({ snapshot, inputs }: JobExport, idx: number, kind: FileKind, now: number): string | null {
  if (kind === 'original') return inputs[idx] ?? null;
  const isKept = snapshot.keptUntil === null || now < snapshot.keptUntil;
  const there = fromHex(kind === 'result' ? snapshot.done : snapshot.previews);
  if (!isKept || !has(there, idx)) return null;
  return kind === 'result' ? outputKey(snapshot, idx) : previewKey(snapshot, idx);
}

/** For his export. @param createdAt as the list that it was found in has it */
export function exportedOf(
  { snapshot, choice, masks, ruleId, inputs }: JobExport,
  createdAt: Date,
  now: number,
  url: (key: string) => string,
): ExportedJob {
  const photos = itemsOf(snapshot, now, url).map((item) => {
    const key = inputs[item.idx];
    return key === undefined ? item : { ...item, inputUrl: url(key) };
  });
  return {
    ...shownSummary(snapshot),
    createdAt,
    ...readable({
      concepts: choice?.concepts ?? null,
      protect: choice?.protect ?? null,
      outputTemplate: choice?.outputTemplate ?? null,
      ...(choice === null ? {} : { format: formatOf(choice) }),
      masks,
      ruleId,
    }),
    charged: snapshot.charged,
    error: snapshot.error,
    photos,
  };
}

type Asked = Pick<ExportedJob, 'concepts' | 'protect' | 'outputTemplate' | 'format' | 'ruleId'> & { masks?: unknown };

/** What was asked for, as far as this release knows the words: a later one may have written others, and the first anything. */
export function readable({ concepts, protect, outputTemplate, format, masks, ruleId }: Asked) {
  const { shape } = exportedJob;
  const known = shape.format.safeParse(format).data;
  return {
    concepts: shape.concepts.safeParse(concepts).data ?? null,
    protect: shape.protect.safeParse(protect).data ?? null,
    outputTemplate: shape.outputTemplate.safeParse(outputTemplate).data ?? null,
    ...(known === undefined ? {} : { format: known }),
    ...(masks === true ? { masks } : {}),
    ruleId,
  };
}

function itemsOf(snapshot: JobSnapshot, now: number, url: (key: string) => string): JobItem[] {
  const job: JobRef = snapshot;
  const [done, failed, previews] = [snapshot.done, snapshot.failed, snapshot.previews].map(fromHex) as [
    bigint,
    bigint,
    bigint,
  ];
  const errors = new Map(snapshot.errors.map(({ idx, error }) => [idx, error]));
  const kept = snapshot.keptUntil === null || now < snapshot.keptUntil;
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
