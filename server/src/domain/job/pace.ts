/** When the job's last photo can be expected, from the pace of its own. */
import { type Bitmap, count, EMPTY } from '../bitmap.ts';
import { hasBegun, isWaiting, openOf, outRuns } from './runs.ts';
import { isAtWork, isClosing, type JobState, openItems, type Pace } from './state.ts';

/** Photos that the moving averages look back over, roughly. */
const LOOKS_BACK = 16;
/** A pause is no pace: nothing counts for more than so many times what was expected of it. */
const MOST = 20;

/** The pace after `settled`, which were open in the job `before`, came together at `now`. */
export function paceAfter(before: JobState, settled: Bitmap, now: number): Pace {
  const { pace } = before;
  const photos = count(settled);
  const known = before.photos.length - count(openItems(before));
  const heard: Pace['heard'] = {};
  let photoMs = pace?.photoMs ?? null;
  for (const run of outRuns(before)) {
    const last = pace?.heard[run.attempt];
    const own = count(run.photos & settled);
    if (own > 0 && last !== undefined) photoMs = moved(photoMs, now - last, own, known);
    const at = own > 0 ? now : last;
    if (at !== undefined && (openOf(before, run) & ~settled) !== EMPTY) heard[run.attempt] = at;
  }
  const jobMs = pace === undefined ? null : moved(pace.jobMs, now - pace.at, photos, known);
  return { at: now, jobMs, photoMs, heard };
}

/** Least time of a photo: two results of one moment say nothing of the next. */
const LEAST_MS = 1;

/** The average after `photos` more came within `ms`, of which `known` came before. */
function moved(average: number | null, ms: number, photos: number, known: number): number {
  const each = Math.max(LEAST_MS, ms / photos);
  if (average === null) return each;
  const weight = Math.max(1 - (1 - 1 / LOOKS_BACK) ** photos, photos / (known + photos));
  const seen = Math.min(each, MOST * average);
  return Math.round((average + weight * (seen - average)) * 10) / 10;
}

/**
 * Milliseconds until the last of its photos is settled, as its results have come so far; null before there is a pace, while the provider does
 * not take it, and when nothing is open.
 */
export function etaMs(job: JobState, now: number): number | null {
  const { pace } = job;
  if (pace?.jobMs == null || !isAtWork(job) || isClosing(job) || isWaiting(job)) return null;
  const runs = outRuns(job);
  const photoMs = pace.photoMs ?? pace.jobMs * Math.max(1, runs.length);
  const begun = runs.filter((run) => hasBegun(job, run));
  // One machine does what is left of a run: the slowest is the last, when no other will take a part of it.
  const slowest = runs.map((run) => {
    const open = count(openOf(job, run));
    const since = now - (pace.heard[run.attempt] ?? now);
    return Math.max(open * photoMs - since, (open - 1) * photoMs);
  });
  const inBegun = begun.reduce((sum, run) => sum + count(openOf(job, run)), 0);
  const open = count(openItems(job));
  const together = open > inBegun ? open * pace.jobMs - (now - pace.at) : 0;
  return Math.max(0, Math.round(Math.max(together, ...slowest)));
}
