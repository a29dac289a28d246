/** What a GPU worker reports to `POST /jobs/:id/callback`. Unknown fields are ignored: workers may carry more than we read. */
import * as z from 'zod/mini';
import { MAX_CALLBACK_ITEMS, MAX_ITEM_ERROR, MAX_PHOTOS } from './limits.ts';
import { list, positive, text, whole } from './schema.ts';

export const callbackResult = z.object({
  idx: whole(0, MAX_PHOTOS - 1),
  /** `completed` is another word for `done`. */
  status: z.enum(['done', 'completed', 'failed']),
  output_key: z.nullish(z.string().check(z.maxLength(512))),
  preview_key: z.nullish(z.string().check(z.maxLength(512))),
  error: z.nullish(
    z.string().check(
      z.overwrite((reason) => reason.slice(0, MAX_ITEM_ERROR)),
      z.maxLength(MAX_ITEM_ERROR),
    ),
  ),
  attempt: z.nullish(positive()),
  idempotency_key: z.nullish(text(1, 256)),
});
export type CallbackResult = z.infer<typeof callbackResult>;

export const callbackBatch = z.object({
  job_id: z.nullish(z.string().check(z.maxLength(128))),
  items: list(callbackResult, 1, MAX_CALLBACK_ITEMS),
});
export const callbackSingle = z.extend(callbackResult, { job_id: z.nullish(z.string().check(z.maxLength(128))) });

/** What became of one result: taken, already settled by an earlier one, or too late to matter. */
export type CallbackOutcome = { idx: number; outcome: 'accepted' | 'duplicate' | 'ignored' };
/** `data` of the callback's answer. */
export type CallbackAnswer = { status: string; items: CallbackOutcome[] };
