/** What a GPU worker is sent. snake_case because programs in other languages read it. */
import * as z from 'zod/mini';
import { conceptMap } from './concepts.ts';
import type { ResultFormat } from './jobs.ts';
import { presetId } from './presets.ts';
import { positive } from './schema.ts';

/** Content types of results, one for each format of {@link ResultFormat}. */
export const OUTPUT_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const;
export type OutputType = (typeof OUTPUT_TYPES)[number];
export const outputTypeOf = (format: ResultFormat): OutputType => `image/${format}`;

/** One photo in the queue: object keys only, no signatures. */
export const queueItem = z.object({
  idx: z.int(),
  input_key: z.string(),
  output_key: z.string(),
  preview_key: z.string(),
});

export const queueMessage = z.object({
  job_id: z.string(),
  user_id: z.string(),
  /** The number of this run, from 1; its photos may be a part of the job's. A result that carries another one may settle a photo, and renews no lease of this. */
  attempt: positive(),
  preset: presetId,
  concepts: conceptMap,
  protect: z.array(z.string()),
  /** What results are stored as, whatever their key ends in. A message from before there was a choice names none. */
  output_type: z._default(z.enum(OUTPUT_TYPES), 'image/png'),
  /** Whether masks are wanted. A message from before there was a choice names nothing, and has them. */
  masks: z._default(z.boolean(), true),
  items: z.array(queueItem),
  callback_url: z.string(),
  /** Prefix of the idempotency keys that the worker gives its results. */
  idempotency_prefix: z.string(),
  /** Photos to work on at once. */
  batch_concurrency: positive(),
  /** When the job ends by itself, and the URLs with it: milliseconds since the Unix epoch. A message of an earlier release does not say. */
  deadline: z.optional(positive()),
});
export type QueueMessage = z.infer<typeof queueMessage>;

/** What dispatch adds: presigned URLs, alive until the attempt's deadline, so that a worker needs no storage keys. */
export type DispatchItem = z.infer<typeof queueItem> & {
  input_url: string;
  /** PUT with the message's `output_type` as its content type. */
  output_url: string;
  /** PUT with content type image/jpeg. */
  preview_url: string;
  /** By concept, targets and protects: PUT with content type image/png. Empty where no masks are wanted. */
  mask_urls: Record<string, string>;
  /** PUT with content type application/json. Absent where no masks are wanted. */
  instances_url?: string | undefined;
};
export type DispatchMessage = Omit<QueueMessage, 'items'> & {
  items: DispatchItem[];
  /** Bearer token for the callback, good until the job ends. */
  callback_token: string;
  /** The same as a Standard Webhooks secret (`whsec_` and base64), so that a stock library signs callbacks with it. */
  callback_secret: string;
};
