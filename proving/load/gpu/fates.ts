/** What the fake GPU worker does wrong, drawn from the seed: dispatches, runs, photos and callbacks. */
import type { Dice } from '../dice.ts';

/**
 * `refuse` answers 503 or 429 and takes nothing; `fail` answers 500 and takes nothing; `fail-taken` answers 500 and works all
 * the same; `late` works, and answers when the consumer has stopped waiting.
 */
export type DispatchFate = 'take' | 'refuse' | 'fail' | 'fail-taken' | 'late';

/** Jobs whose every dispatch is refused: they wait until their time is over. */
const NEVER_TAKEN = 0.003;

/** Of each so many dispatches, the first this many meet a provider that is busy: it answers 429 to whatever comes. */
const BUSY_EVERY = 150;
const BUSY_FOR = 20;
export const isBusy = (dispatches: number): boolean => dispatches > BUSY_FOR && dispatches % BUSY_EVERY < BUSY_FOR;

/** @param delivery how often this run came here before */
export function dispatchFate(dice: Dice, ordinal: number, attempt: number, delivery: number): DispatchFate {
  if (dice.chance(NEVER_TAKEN, 'never taken', ordinal)) return 'refuse';
  const drawn = dice.draw('dispatch', ordinal, attempt, delivery);
  if (drawn < 0.03) return 'refuse';
  if (drawn < 0.045) return 'fail';
  if (drawn < 0.06) return 'fail-taken';
  return drawn < 0.08 ? 'late' : 'take';
}

/**
 * `works`, `queued`: it waits for a machine for longer than a lease, and works then; `stalls`: it calls itself COMPLETED and reports after
 * its lease has ended, when another run of its photos is under way; `fails`: in the middle, as FAILED; `forgotten`: it waits, and is then
 * not known any more; `complete`: it calls itself COMPLETED, and half of its photos never come; `twice`: the provider runs it once more.
 */
export type Course = 'works' | 'queued' | 'stalls' | 'fails' | 'forgotten' | 'complete' | 'twice';
/** How much of what a worker says names its run: its body and the address that it was given, the address alone, or nothing. */
export type Naming = 'all' | 'address' | 'nothing';

export type RunFate = {
  course: Course;
  names: Naming;
  /** Stops when it is canceled; the others report to a job that has ended. */
  obeysCancel: boolean;
};

/** Each with the share of runs that it and those before it are. */
const COURSES: [Course, number][] = [
  ['stalls', 0.01],
  ['queued', 0.03],
  ['fails', 0.045],
  ['forgotten', 0.06],
  ['complete', 0.075],
  ['twice', 0.09],
];

export function runFate(dice: Dice, ordinal: number, attempt: number): RunFate {
  const drawn = dice.draw('course', ordinal, attempt);
  return {
    course: COURSES.find(([, below]) => drawn < below)?.[0] ?? 'works',
    names: dice.pick(['all', 'all', 'address', 'nothing'], 'names', ordinal, attempt),
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
