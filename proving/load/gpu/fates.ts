/** What the fake GPU worker does wrong, drawn from the seed: dispatches, runs, photos and callbacks. */
import type { Dice } from '../dice.ts';

/**
 * `refuse` answers 503 or 429 and takes nothing; `fail` answers 500 and takes nothing; `fail-taken` answers 500 and works all
 * the same; `late` works, and answers when the consumer has stopped waiting.
 */
export type DispatchFate = 'take' | 'refuse' | 'fail' | 'fail-taken' | 'late';

/** Jobs whose every dispatch is refused, so that the queue gives up: they have to end as dead letters. */
const NEVER_TAKEN = 0.003;

/** @param delivery how often this attempt came here before */
export function dispatchFate(dice: Dice, ordinal: number, attempt: number, delivery: number): DispatchFate {
  if (dice.chance(NEVER_TAKEN, 'never taken', ordinal)) return 'refuse';
  const drawn = dice.draw('dispatch', ordinal, attempt, delivery);
  if (drawn < 0.03) return 'refuse';
  if (drawn < 0.045) return 'fail';
  if (drawn < 0.06) return 'fail-taken';
  return drawn < 0.08 ? 'late' : 'take';
}

export type RunFate = {
  /** Calls itself COMPLETED and reports after its lease has ended, when a later attempt is under way. */
  stalls: boolean;
  /** Stops when it is canceled; the others report to a job that has ended. */
  obeysCancel: boolean;
};

export function runFate(dice: Dice, ordinal: number, attempt: number): RunFate {
  return {
    stalls: dice.chance(0.01, 'stalls', ordinal, attempt),
    obeysCancel: dice.chance(0.5, 'obeys', ordinal, attempt),
  };
}

/** Why a photo cannot be worked on, the same in each attempt; null for the others. */
export function photoError(dice: Dice, ordinal: number, idx: number): string | null {
  return dice.chance(0.02, 'fails', ordinal, idx) ? `no surface found in photo ${idx}` : null;
}

/** Photos that are reported together, and how. */
export type PlannedCallback = {
  idxs: number[];
  /** One photo in the form for one, or in the form for several. */
  form: 'single' | 'batch';
  /** `unsent`: the results are uploaded and nobody is told; `undone`: not even that. */
  drop: 'unsent' | 'undone' | null;
  /** Milliseconds from the start of the run. */
  delay: number;
  /** A second time, this much after the first has left; null for most. */
  again: number | null;
  /** The second time says the opposite of the first. */
  contradicts: boolean;
  withPreview: boolean;
};

/** In no order: the photos are shuffled and the callbacks leave at random. */
export function planCallbacks(dice: Dice, ordinal: number, attempt: number, idxs: number[]): PlannedCallback[] {
  const left = dice.shuffle(idxs, 'order of photos', ordinal, attempt);
  const planned: PlannedCallback[] = [];
  while (left.length > 0) {
    const about = [ordinal, attempt, planned.length];
    const size = dice.chance(0.6, 'single', ...about) ? 1 : dice.between(2, 4, 'size', ...about);
    const batch = left.splice(0, size);
    const slow = dice.chance(0.05, 'slow', ...about);
    planned.push({
      idxs: batch,
      form: batch.length === 1 && dice.chance(0.8, 'form', ...about) ? 'single' : 'batch',
      drop: dice.chance(0.05, 'drop', ...about) ? dice.pick(['unsent', 'undone'], 'how', ...about) : null,
      delay: slow ? dice.between(2_000, 6_000, 'slowly', ...about) : dice.between(20, 1_200, 'delay', ...about),
      again: dice.chance(0.1, 'again', ...about) ? dice.between(0, 1_000, 'again when', ...about) : null,
      contradicts: dice.chance(0.1, 'contradicts', ...about),
      withPreview: dice.chance(0.15, 'preview', ...about),
    });
  }
  return planned;
}
