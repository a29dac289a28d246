/** Shapes of `jobs.*`. Times are `Date`s, amounts whole credits, indexes count from 0 in the order of the photos. */
import * as z from 'zod/mini';
import { conceptMap, outputTemplateId, protectList } from './concepts.ts';
import { idempotencyKey, jobId, pageInput, ruleId } from './ids.ts';
import { MAX_PHOTO_BYTES, MAX_PHOTOS, PHOTO_TYPES } from './limits.ts';
import { presetId } from './presets.ts';
import { list, trimmed, whole } from './schema.ts';

export const JOB_STATUSES = ['created', 'uploaded', 'queued', 'running', 'done', 'failed', 'canceled'] as const;
export const jobStatus = z.enum(JOB_STATUSES);
export type JobStatus = (typeof JOB_STATUSES)[number];
export const ITEM_STATUSES = ['pending', 'done', 'failed', 'canceled'] as const;
export const itemStatus = z.enum(ITEM_STATUSES);
export type ItemStatus = (typeof ITEM_STATUSES)[number];
/** What results are encoded as; the first is what they are when nobody says. */
export const RESULT_FORMATS = ['png', 'jpeg', 'webp'] as const;
export const resultFormat = z.enum(RESULT_FORMATS);
export type ResultFormat = (typeof RESULT_FORMATS)[number];

export const photo = z.object({
  contentType: z.enum(PHOTO_TYPES),
  /** Exact; at most 25,000,000. */
  bytes: whole(1, MAX_PHOTO_BYTES),
});
export type Photo = z.infer<typeof photo>;

const index = whole(0, MAX_PHOTOS - 1);
/** Positions of photos, from 0. */
const indexes = list(index, 1, MAX_PHOTOS);

export const estimateInput = z.object({
  preset: presetId,
  /** 1 to 200. */
  photos: whole(1, MAX_PHOTOS),
});
export type EstimateInput = z.input<typeof estimateInput>;
export const estimateOutput = z.object({
  credits: z.int(),
  balance: z.int(),
  /** Whether `jobs.create` with that many photos would be taken now; else `reason` is the code that it would throw. */
  allowed: z.boolean(),
  /** Left out where it is allowed, and where as many jobs were created today as the plan has. */
  reason: z.optional(z.enum(['ITEM_LIMIT', 'CREDITS_EXHAUSTED', 'CONCURRENCY_LIMIT'])),
});
export type Estimate = z.infer<typeof estimateOutput>;

const fromPhotos = z.strictObject({
  preset: presetId,
  photos: list(photo, 1, MAX_PHOTOS),
  /** The same key returns the same job. */
  idempotencyKey: z.optional(idempotencyKey),
});
/** A job on photos that an earlier job of the same user uploaded: nothing to upload, ready to execute. */
const fromJob = z.strictObject({
  from: z.strictObject({ jobId, indexes: z.optional(indexes) }),
  idempotencyKey: z.optional(idempotencyKey),
});
/** New photos, or those of an earlier job: all, or those at `indexes`. */
export const createInput = z.union([fromPhotos, fromJob]);
export type CreateInput = z.infer<typeof createInput>;

export const upload = z.object({
  idx: z.int(),
  /** PUT the photo's bytes here, with exactly `headers`. 412: it lies there already; 403: the URL has expired. */
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  expiresAt: z.date(),
});
export type Upload = z.infer<typeof upload>;
export const createOutput = z.object({
  jobId: z.string(),
  status: jobStatus,
  uploads: z.array(upload),
  /** When it is canceled without its photos; null once it has ended. */
  deadline: z.nullable(z.date()),
});
export type CreatedJob = z.infer<typeof createOutput>;

export const jobIdInput = z.object({ jobId });
export const renewUploadsInput = z.object({ jobId, indexes });
export const renewUploadsOutput = z.object({
  uploads: z.array(upload),
  /** When it is canceled without its photos: in an hour, a day after it was made at the latest. */
  deadline: z.date(),
});
export const confirmUploadOutput = z.object({ status: jobStatus });

const executeConcepts = z.strictObject({
  jobId,
  concepts: conceptMap,
  /** What stays untouched; the preset's own protects when left out. */
  protect: z.optional(protectList),
  outputTemplate: z.optional(outputTemplateId),
  /** What the results are encoded as; png when left out. */
  format: z.optional(resultFormat),
  /** Whether masks are stored as well; not when left out. */
  masks: z.optional(z.boolean()),
  idempotencyKey: z.optional(idempotencyKey),
});
const executeRule = z.strictObject({
  jobId,
  ruleId,
  outputTemplate: z.optional(outputTemplateId),
  format: z.optional(resultFormat),
  masks: z.optional(z.boolean()),
  idempotencyKey: z.optional(idempotencyKey),
});
export const executeInput = z.union([executeConcepts, executeRule]);
/** Admits to the job's live progress for a minute. */
const ticket = z.string();
export const executeOutput = z.object({ status: jobStatus, ticket });

/** Photos by what became of them; the rest of `total` is open. */
export const progress = z.object({ done: z.int(), failed: z.int(), total: z.int() });
export type Progress = z.infer<typeof progress>;
export const jobItem = z.object({
  /** From 0, in the order of the photos. */
  idx: z.int(),
  status: itemStatus,
  /** In the job's `format`. GET it within the hour; `jobs.get` gives a fresh one. */
  resultUrl: z.optional(z.string()),
  /** A small JPEG. */
  previewUrl: z.optional(z.string()),
  /** Why it failed, in plain words. */
  error: z.optional(z.string()),
});
export type JobItem = z.infer<typeof jobItem>;
/** Absent from servers that do not say. */
export const etaMs = z.optional(z.nullable(z.int()));
export const waiting = z.optional(z.boolean());
export const getOutput = z.object({
  jobId: z.string(),
  status: jobStatus,
  preset: presetId,
  progress,
  /** What the results are encoded as; absent until the job is executed. */
  format: z.optional(resultFormat),
  items: z.array(jobItem),
  createdAt: z.date(),
  /** When the present state ends by itself; null once the job has ended. */
  deadline: z.nullable(z.date()),
  /** Until when results can be fetched; null while the job lives. */
  keptUntil: z.nullable(z.date()),
  /** Why the job failed or was canceled. */
  error: z.nullable(z.string()),
  /** Credits charged for it; null until it is settled. */
  charged: z.nullable(z.int()),
  /** Milliseconds until its last photo can be expected, from the pace of its own; null while there is none. */
  etaMs,
  /** Whether the GPU provider does not take its photos now: it is asked again until the deadline. */
  waiting,
  ticket,
});
export type Job = z.infer<typeof getOutput>;

/** What can be fetched of a photo: its result, the preview of that, or the photo as it was uploaded. */
export const FILE_KINDS = ['result', 'preview', 'original'] as const;
export type FileKind = (typeof FILE_KINDS)[number];
export const downloadsInput = z.object({
  jobId,
  /** 1 to 200. */
  files: list(
    z.object({
      idx: index,
      /** The result when left out. */
      kind: z.optional(z.enum(FILE_KINDS)),
      /** What a browser saves it as, up to 255 characters. Left out, it is shown. */
      name: z.optional(trimmed(1, 255)),
    }),
    1,
    MAX_PHOTOS,
  ),
});
export type DownloadsInput = z.input<typeof downloadsInput>;
export const downloadsOutput = z.object({
  /** In the order in which they were asked for; null for what is not there, or not kept any more. */
  urls: z.array(z.nullable(z.string())),
  /** When these URLs end. */
  expiresAt: z.date(),
});
export type Downloads = z.infer<typeof downloadsOutput>;

export const listInput = pageInput;
export const jobSummary = z.object({
  jobId: z.string(),
  status: jobStatus,
  preset: presetId,
  progress,
  createdAt: z.date(),
  /** Null while it lives. */
  finishedAt: z.nullable(z.date()),
  /** A preview of the first photo that has one, while results are kept. A small JPEG. */
  previewUrl: z.optional(z.string()),
});
export type JobSummary = z.infer<typeof jobSummary>;
export const listOutput = z.object({
  /** Newest first. */
  jobs: z.array(jobSummary),
  /** Null on the last page. */
  nextCursor: z.nullable(z.string()),
});
export type JobPage = z.infer<typeof listOutput>;

export const cancelInput = z.object({ jobId, idempotencyKey: z.optional(idempotencyKey) });
export const cancelOutput = z.object({
  status: jobStatus,
  charged: z.int(),
  refunded: z.int(),
});
export const deleteOutput = z.object({ jobId: z.string(), deleted: z.literal(true) });
