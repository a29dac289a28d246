/** Shapes of `jobs.*`. Times are `Date`s, amounts whole credits, indexes count from 0 in the order of the photos. */
import * as z from 'zod/mini';
import { conceptMap, outputTemplateId, protectList } from './concepts.ts';
import { cursor, idempotencyKey, jobId, pageSize, ruleId } from './ids.ts';
import { MAX_PHOTO_BYTES, MAX_PHOTOS, PHOTO_TYPES } from './limits.ts';
import { presetId } from './presets.ts';
import { list, trimmed, whole } from './schema.ts';

export const JOB_STATUSES = ['created', 'uploaded', 'queued', 'running', 'done', 'failed', 'canceled'] as const;
export const jobStatus = z.enum(JOB_STATUSES);
export type JobStatus = (typeof JOB_STATUSES)[number];
export const ITEM_STATUSES = ['pending', 'done', 'failed', 'canceled'] as const;
export const itemStatus = z.enum(ITEM_STATUSES);
export type ItemStatus = (typeof ITEM_STATUSES)[number];
/** What a job's results may be encoded as; the first is what they are when nobody says. */
export const RESULT_FORMATS = ['png', 'jpeg', 'webp'] as const;
export const resultFormat = z.enum(RESULT_FORMATS);
export type ResultFormat = (typeof RESULT_FORMATS)[number];

export const photo = z.object({
  contentType: z.enum(PHOTO_TYPES),
  bytes: whole(1, MAX_PHOTO_BYTES),
});
export type Photo = z.infer<typeof photo>;

const index = whole(0, MAX_PHOTOS - 1);
const indexes = list(index, 1, MAX_PHOTOS);

export const estimateInput = z.object({ preset: presetId, photos: whole(1, MAX_PHOTOS) });
export const estimateOutput = z.object({
  credits: z.int(),
  balance: z.int(),
  /** Whether `jobs.create` with that many photos would be taken now. */
  allowed: z.boolean(),
  /** Left out where it is allowed, and where as many jobs were created today as the plan has. */
  reason: z.optional(z.enum(['ITEM_LIMIT', 'CREDITS_EXHAUSTED', 'CONCURRENCY_LIMIT'])),
});

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
export const createInput = z.union([fromPhotos, fromJob]);
export type CreateInput = z.infer<typeof createInput>;

export const upload = z.object({
  idx: z.int(),
  /** PUT the photo's bytes here, with exactly `headers`. 412 means that it already lies there. */
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  expiresAt: z.date(),
});
export type Upload = z.infer<typeof upload>;
export const createOutput = z.object({
  jobId: z.string(),
  status: jobStatus,
  uploads: z.array(upload),
  deadline: z.nullable(z.date()),
});

export const jobIdInput = z.object({ jobId });
export const renewUploadsInput = z.object({ jobId, indexes });
export const renewUploadsOutput = z.object({ uploads: z.array(upload) });
export const confirmUploadOutput = z.object({ status: jobStatus });

const executeConcepts = z.strictObject({
  jobId,
  concepts: conceptMap,
  /** What stays untouched; the preset's own protects when left out. */
  protect: z.optional(protectList),
  outputTemplate: z.optional(outputTemplateId),
  /** What the results are encoded as; png when left out. */
  format: z.optional(resultFormat),
  idempotencyKey: z.optional(idempotencyKey),
});
const executeRule = z.strictObject({
  jobId,
  ruleId,
  outputTemplate: z.optional(outputTemplateId),
  format: z.optional(resultFormat),
  idempotencyKey: z.optional(idempotencyKey),
});
export const executeInput = z.union([executeConcepts, executeRule]);
/** Admits to the job's live progress for a minute. */
const ticket = z.string();
export const executeOutput = z.object({ status: jobStatus, ticket });

export const progress = z.object({ done: z.int(), failed: z.int(), total: z.int() });
export const jobItem = z.object({
  idx: z.int(),
  status: itemStatus,
  resultUrl: z.optional(z.string()),
  previewUrl: z.optional(z.string()),
  /** Why it failed, in plain words. */
  error: z.optional(z.string()),
});
export type JobItem = z.infer<typeof jobItem>;
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
  ticket,
});
export type JobView = z.infer<typeof getOutput>;

/** What can be fetched of a photo: its result, the preview of that, or the photo as it was uploaded. */
export const FILE_KINDS = ['result', 'preview', 'original'] as const;
export type FileKind = (typeof FILE_KINDS)[number];
export const downloadsInput = z.object({
  jobId,
  files: list(
    z.object({
      idx: index,
      /** The result when left out. */
      kind: z.optional(z.enum(FILE_KINDS)),
      /** What a browser saves it as; left out, it is shown. */
      name: z.optional(trimmed(1, 255)),
    }),
    1,
    MAX_PHOTOS,
  ),
});
export const downloadsOutput = z.object({
  /** In the order in which they were asked for; null for what is not there, or not kept any more. */
  urls: z.array(z.nullable(z.string())),
  /** When these URLs end. */
  expiresAt: z.date(),
});

export const listInput = z.prefault(z.object({ cursor: z.optional(cursor), limit: pageSize }), {});
export const jobSummary = z.object({
  jobId: z.string(),
  status: jobStatus,
  preset: presetId,
  progress,
  createdAt: z.date(),
  finishedAt: z.nullable(z.date()),
  /** A preview of the first photo that has one, while results are kept. */
  previewUrl: z.optional(z.string()),
});
export type JobSummary = z.infer<typeof jobSummary>;
export const listOutput = z.object({ jobs: z.array(jobSummary), nextCursor: z.nullable(z.string()) });

export const cancelInput = z.object({ jobId, idempotencyKey: z.optional(idempotencyKey) });
export const cancelOutput = z.object({
  status: jobStatus,
  charged: z.int(),
  refunded: z.int(),
});
export const deleteOutput = z.object({ jobId: z.string(), deleted: z.literal(true) });
