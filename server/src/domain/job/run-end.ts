/** A run that died, and what becomes of its photos. */
import { MAX_ITEM_ERROR } from '../../contract/limits.ts';
import { cutText } from '../../contract/text.ts';
import { type Bitmap, EMPTY, indexesOf, of } from '../bitmap.ts';
import { cancelRuns, openOf, triedPhotos } from './runs.ts';
import { type Decided, decided, type ItemResult, type JobSettings, type JobState, type Run } from './state.ts';

/**
 * Its open photos are in none from here on: they go out again in halves, a last try alone, so that one that kills whoever works
 * on it takes no other with it; those that had their last try fail.
 * @param end.reason what a photo without another try failed of; null: it was tried often enough
 */
export function endRun(
  job: JobState,
  run: Run,
  end: { cancel: boolean; reason: string | null },
  now: number,
  settings: JobSettings,
): Decided<null> {
  const open = openOf(job, run);
  const tries = oneMore(job, open, settings.maxAttempts);
  const gone = open & (tries[settings.maxAttempts - 1] ?? EMPTY);
  const left = open & ~gone & ~(tries[settings.maxAttempts - 2] ?? EMPTY);
  const without: JobState = {
    ...(end.cancel ? cancelRuns(job, [run], now) : job),
    runs: job.runs.filter(({ attempt }) => attempt !== run.attempt),
    tries,
    again: [...job.again, ...halves(left)],
  };
  if (gone === EMPTY) return decided(without, null);
  const error = cutText(end.reason ?? `not processed within ${settings.maxAttempts} attempts`, MAX_ITEM_ERROR);
  const items = indexesOf(gone).map((idx): ItemResult => ({ idx, status: 'failed', error }));
  return decided({ ...without, failed: job.failed | gone, error }, null, [{ type: 'items', items }]);
}

/** How often each photo was tried, once more for `photos`. */
function oneMore(job: JobState, photos: Bitmap, maxAttempts: number): Bitmap[] {
  const counts = Array.from({ length: maxAttempts }, (_, nth) => {
    return triedPhotos(job, nth + 1) | (photos & triedPhotos(job, nth));
  });
  return counts.filter((set) => set !== EMPTY);
}

function halves(photos: Bitmap): Bitmap[] {
  const indexes = indexesOf(photos);
  const middle = Math.ceil(indexes.length / 2);
  return [indexes.slice(0, middle), indexes.slice(middle)].filter((half) => half.length > 0).map(of);
}
