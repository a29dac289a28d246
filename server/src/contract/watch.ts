/**
 * `jobs.watch`: what a job tells those who watch it, over a WebSocket in tRPC's own format at `/trpc/watch/<jobId>?ticket=…`.
 *
 * A subscription begins with one `progress`, the job as it stands now, then has every photo that was settled after the
 * position it resumes from, and then what happens, as it happens. The id of an event is a position in the job's log, which
 * `lastEventId` resumes behind:
 *
 * - `7.2`  an `item`: photo number 2 of the log's row 7, counted from 0. A callback with many photos is one row, and a photo an
 *          event of its own, so that a connection that breaks in the middle of a row repeats none and skips none;
 * - `7`    a `progress`: everything up to and including row 7 was told. It is a state and no difference, so it may come twice
 *          under one id: the job's moves that settle no photo (uploaded, queued, running) write no row of their own;
 * - `end`  the last event: `done`, `failed` or `canceled`. Resuming from it ends at once.
 */
import * as z from 'zod/mini';
import { jobId } from './ids.ts';
import { etaMs, jobStatus, waiting } from './jobs.ts';

/** Bytes of a frame that a watcher sends. */
export const MAX_WATCH_FRAME = 4096;

/** The id of the last event of a job. */
export const END_OF_EVENTS = 'end';

export const watchInput = z.object({
  jobId,
  /** The id of the last event that was taken; everything is told when it is left out. */
  lastEventId: z.nullish(
    z.string().check(z.maxLength(16), z.regex(/^(\d{1,9}(\.\d{1,3})?|end)$/, 'is not the id of an event')),
  ),
});

const count = z.int();

export const watchProgress = z.object({
  type: z.literal('progress'),
  status: jobStatus,
  done: count,
  failed: count,
  total: count,
  /** As in `jobs.get`. */
  etaMs,
  waiting,
});

/** One settled photo. A later event for the same photo stands: a result that was reported and is not in storage fails at the end. */
export const watchItem = z.object({
  type: z.literal('item'),
  idx: count,
  status: z.enum(['done', 'failed']),
  resultUrl: z.optional(z.string()),
  previewUrl: z.optional(z.string()),
  /** Why it failed, in plain words. */
  error: z.optional(z.string()),
});

/** How the job ended. Told once the charge is known: a canceled job may have shown `progress` with its status before. */
export const watchEnd = z.object({
  type: z.enum(['done', 'failed', 'canceled']),
  done: count,
  failed: count,
  total: count,
  charged: count,
  refunded: count,
  /** Until when results can be fetched. */
  keptUntil: z.date(),
  /** Why the job failed or was canceled. */
  error: z.nullable(z.string()),
});

export const watchEvent = z.discriminatedUnion('type', [watchProgress, watchItem, watchEnd]);
export type WatchEvent = z.infer<typeof watchEvent>;
