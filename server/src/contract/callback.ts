/**
 * What a GPU worker reports to `POST /jobs/:id/callback`. Unknown fields are ignored: workers may carry more than we read. `null` is the
 * same as an absent field wherever one may be absent. Numbers are JSON numbers.
 */
import * as z from 'zod/mini';
import { MAX_CALLBACK_ITEMS, MAX_ITEM_ERROR, MAX_PHOTOS } from './limits.ts';
import { list, positive, text, whole } from './schema.ts';
import { cutText } from './text.ts';

/** What the status of a result may be called, in small or capital letters, and what each word means. */
export const STATUS_WORDS = {
  done: ['done', 'completed', 'complete', 'finished', 'success', 'successful', 'succeeded'],
  failed: ['failed', 'failure', 'fail', 'error', 'errored'],
} as const;
type Outcome = keyof typeof STATUS_WORDS;

const OUTCOMES: ReadonlyMap<string, Outcome> = new Map(
  (Object.keys(STATUS_WORDS) as Outcome[]).flatMap((outcome) => STATUS_WORDS[outcome].map((word) => [word, outcome])),
);
/** Characters of a status, the blanks around it included. */
const MAX_STATUS = 32;
const NO_STATUS = `must be a status, in any case: ${STATUS_WORDS.done.join(', ')}; or ${STATUS_WORDS.failed.join(', ')}`;

const status = z.pipe(
  z.string(NO_STATUS).check(z.maxLength(MAX_STATUS, NO_STATUS)),
  z.transform((word, found): Outcome => {
    const outcome = OUTCOMES.get(word.trim().toLowerCase());
    if (outcome !== undefined) return outcome;
    found.issues.push({ code: 'custom', input: word, message: NO_STATUS });
    return z.NEVER;
  }),
);

/** The number of the run that a result belongs to. */
export const attempt = z.nullish(positive());

export const callbackResult = z.object({
  idx: whole(0, MAX_PHOTOS - 1),
  status,
  output_key: z.nullish(z.string().check(z.maxLength(512))),
  preview_key: z.nullish(z.string().check(z.maxLength(512))),
  error: z.nullish(
    z.string().check(
      z.overwrite((reason) => cutText(reason, MAX_ITEM_ERROR)),
      z.maxLength(MAX_ITEM_ERROR),
    ),
  ),
  attempt,
  idempotency_key: z.nullish(text(1, 256)),
});
export type CallbackResult = z.infer<typeof callbackResult>;

export const callbackBatch = z.object({
  job_id: z.nullish(z.string().check(z.maxLength(128))),
  items: list(callbackResult, 1, MAX_CALLBACK_ITEMS),
});
export const callbackSingle = z.object({
  ...callbackResult.shape,
  job_id: z.nullish(z.string().check(z.maxLength(128))),
});

/** What became of one result: taken, already settled by an earlier one, or too late to matter. */
export type CallbackOutcome = { idx: number; outcome: 'accepted' | 'duplicate' | 'ignored' };
/** `data` of the callback's answer. */
export type CallbackAnswer = { status: string; items: CallbackOutcome[] };
