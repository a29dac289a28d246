/** `user.export`: all that is kept of a user, page after page: the account with its rules first, then jobs, then receipts. */
import * as z from 'zod/mini';
import { conceptMap } from './concepts.ts';
import { cursor } from './ids.ts';
import { itemStatus, jobStatus, progress, resultFormat } from './jobs.ts';
import { presetId } from './presets.ts';
import { rule } from './rules.ts';
import { credits, planId, receipt } from './user.ts';

export const exportInput = z.prefault(
  z.object({
    /** `nextCursor` of the page before. */
    cursor: z.optional(cursor),
  }),
  {},
);

export const exportedPhoto = z.object({
  idx: z.int(),
  status: itemStatus,
  error: z.optional(z.string()),
  /** What is still kept, to GET within the hour: the photo as it was uploaded, its result, and the result's preview. */
  inputUrl: z.optional(z.string()),
  resultUrl: z.optional(z.string()),
  previewUrl: z.optional(z.string()),
});

export const exportedJob = z.object({
  jobId: z.string(),
  status: jobStatus,
  preset: presetId,
  progress,
  createdAt: z.date(),
  /** Null while it lives. */
  finishedAt: z.nullable(z.date()),
  /** What was asked for; null when it was never executed. */
  concepts: z.nullable(conceptMap),
  protect: z.nullable(z.array(z.string())),
  outputTemplate: z.nullable(z.string()),
  /** What the results are encoded as; absent when it was never executed. */
  format: z.optional(resultFormat),
  /** True where masks were asked for; else absent. */
  masks: z.optional(z.boolean()),
  ruleId: z.nullable(z.string()),
  /** Credits; null until it is settled. */
  charged: z.nullable(z.int()),
  error: z.nullable(z.string()),
  photos: z.array(exportedPhoto),
});
export type ExportedPhoto = z.infer<typeof exportedPhoto>;
export type ExportedJob = z.infer<typeof exportedJob>;

export const exportOutput = z.object({
  /** The account, on the first page alone; its `createdAt` is null when nothing was done with it yet. */
  user: z.nullable(
    z.object({
      userId: z.string(),
      plan: planId,
      credits,
      createdAt: z.nullable(z.date()),
      deviceHash: z.nullable(z.string()),
    }),
  ),
  rules: z.array(rule),
  /** Newest first. */
  jobs: z.array(exportedJob),
  /** Newest first. */
  receipts: z.array(receipt),
  /** Null on the last page. */
  nextCursor: z.nullable(z.string()),
});
export type ExportPage = z.infer<typeof exportOutput>;
