/**
 * How a job ends. Completion, cancel, expiry and dead letter all pass here: one wins, and the charge is what really lies
 * in R2. While photos are settled and only that look is missing, the job is "closing" and still shown as running.
 */
import { MAX_ITEM_ERROR } from '../../contract/limits.ts';
import { cutText } from '../../contract/text.ts';
import { count, indexesOf } from '../bitmap.ts';
import { type Look, RESULT_MISSING } from './look.ts';
import { ask } from './refusals.ts';
import { cancelRuns, outRuns, unsent } from './runs.ts';
import {
  type Decided,
  type Decision,
  decided,
  type ItemResult,
  type JobSettings,
  type JobState,
  openItems,
} from './state.ts';
import { verdictOf } from './transitions.ts';

export type CancelReply = { charged: number; refunded: number };

/** Cancels on the user's demand. Photos that are done are kept and charged. */
export function cancel(
  job: JobState,
  idempotencyKey: string | null,
  now: number,
  settings: JobSettings,
): Decision<null> {
  const verdict = ask(job, 'cancel', idempotencyKey !== null && job.cancelKey === idempotencyKey);
  if (typeof verdict !== 'string') return verdict;
  if (verdict === 'answered') return decided(job, null);
  // A job that time had run out for, and that only had to be counted, keeps saying why its photos failed.
  return withdraw({ ...job, cancelKey: idempotencyKey }, job.error, now, settings);
}

/** Ends the job as canceled: on demand, or because its photos or its execution were not in time. */
export function withdraw(job: JobState, error: string | null, now: number, settings: JobSettings): Decided<null> {
  const stopped = cancelRuns(job, outRuns(job), now + settings.effectGraceMs);
  const ended: JobState = { ...stopped, status: 'canceled', endedAt: now, error, effects: unsent(stopped.effects) };
  const event = { type: 'canceled' as const, items: [], error };
  if (job.done === 0n) return decided(charge(ended, 0, now, settings), null, [event]);
  const pending = { tries: 0, due: now + settings.effectGraceMs };
  // Counting frees the slot as well; the other effect is for when R2 does not answer.
  return decided({ ...ended, effects: { ...ended.effects, verify: pending, freeSlot: pending } }, null, [event]);
}

/** Fails every open photo with one reason; the job is closing after that. */
export function finishOpen(job: JobState, said: string): Decided<null> {
  const open = openItems(job);
  const reason = cutText(said, MAX_ITEM_ERROR);
  const items = indexesOf(open).map((idx): ItemResult => ({ idx, status: 'failed', error: reason }));
  const events = items.length > 0 ? [{ type: 'items' as const, items }] : [];
  return decided({ ...job, failed: job.failed | open, error: reason, effects: unsent(job.effects) }, null, events);
}

/**
 * Takes what the look into R2 found: done photos without a result fail and are not charged, and what has a preview is what has one there,
 * whatever was reported. Ends a closing job.
 */
export function verified(job: JobState, look: Look, now: number, settings: JobSettings): Decided<null> {
  if (job.charged !== null || verdictOf(job, 'verify') === 'ignored') return decided(job, null);
  const lost = job.done & ~look.results;
  const done = job.done & look.results;
  const reasonOf = (idx: number): string => look.reasons.get(idx) ?? RESULT_MISSING;
  const items = indexesOf(lost).map((idx): ItemResult => ({ idx, status: 'failed', error: reasonOf(idx) }));
  const counted: JobState = { ...job, done, failed: job.failed | lost, previews: look.previews & done };
  if (job.status === 'canceled') {
    const events = items.length > 0 ? [{ type: 'canceled' as const, items, error: job.error }] : [];
    return decided(charge(counted, count(done), now, settings), null, events);
  }
  const status = done === 0n ? 'failed' : 'done';
  const error = status === 'failed' ? (job.error ?? 'no photo could be processed') : job.error;
  const ended: JobState = { ...counted, status, endedAt: now, error };
  return decided(charge(ended, count(done), now, settings), null, [{ type: status, items, error }]);
}

function charge(job: JobState, charged: number, now: number, settings: JobSettings): JobState {
  // A look into R2 that is owed from earlier has nothing left to decide, and settling frees the slot.
  const { verify: _, freeSlot: __, ...effects } = job.effects;
  return { ...job, charged, effects: { ...effects, settle: { tries: 0, due: now + settings.effectGraceMs } } };
}

/** The user's object has settled; history can be written. */
export function settled(
  job: JobState,
  credits: number,
  version: number,
  now: number,
  settings: JobSettings,
): Decided<null> {
  const { settle: _, ...effects } = job.effects;
  const flush = { tries: 0, due: now + settings.effectGraceMs, credits, version };
  return decided({ ...job, effects: { ...effects, flush } }, null);
}

/** Settling again changes nothing, and gives the ledger's point that history needs: what D1 has lost is written once more. */
export function settleAgain(job: JobState, now: number): Decided<boolean> {
  if (verdictOf(job, 'settleAgain') === 'ignored' || job.charged === null || job.deletedAt !== null) {
    return decided(job, false);
  }
  return decided({ ...job, effects: { ...job.effects, settle: { tries: 0, due: now } } }, true);
}

export const keptUntil = (job: JobState, settings: JobSettings): number | null =>
  job.endedAt === null ? null : job.endedAt + settings.resultRetentionMs;
