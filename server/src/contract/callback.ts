/** What a GPU worker reports to `POST /jobs/:id/callback`. Unknown fields are ignored: workers may carry more than we read. */
import * as z from 'zod';
import { MAX_CALLBACK_ITEMS, MAX_ITEM_ERROR, MAX_PHOTOS } from './limits.ts';

export const callbackResult = z.object({
  idx: z
    .number()
    .int()
    .min(0)
    .max(MAX_PHOTOS - 1),
  /** `completed` is another word for `done`. */
  status: z.enum(['done', 'completed', 'failed']),
  output_key: z.string().max(512).nullish(),
  preview_key: z.string().max(512).nullish(),
  error: z
    .string()
    .transform((text) => text.slice(0, MAX_ITEM_ERROR))
    .nullish(),
  attempt: z.number().int().min(1).nullish(),
  idempotency_key: z.string().min(1).max(256).nullish(),
});
export type CallbackResult = z.infer<typeof callbackResult>;

export const callbackBatch = z.object({
  job_id: z.string().nullish(),
  items: z.array(callbackResult).min(1).max(MAX_CALLBACK_ITEMS),
});
export const callbackSingle = callbackResult.extend({ job_id: z.string().nullish() });

/** What became of one result: taken, already settled by an earlier one, or too late to matter. */
export type CallbackOutcome = { idx: number; outcome: 'accepted' | 'duplicate' | 'ignored' };
/** `data` of the callback's answer. */
export type CallbackAnswer = { status: string; items: CallbackOutcome[] };
