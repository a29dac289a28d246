/** What the clock does to a job: when it has to wake, and what is due when it does. */

import { all } from '../bitmap.ts';
import { backoffMs, CLEAN_UP_BACKOFF, EFFECT_BACKOFF } from '../retry.ts';
import { finishOpen, withdraw } from './ending.ts';
import { askAt, dueRuns } from './leases.ts';
import { cancelRuns, outRuns } from './runs.ts';
import {
  type Decided,
  decided,
  type EffectName,
  hasEnded,
  hasRun,
  isAtWork,
  type JobSettings,
  type JobState,
  type Pending,
  type Run,
} from './state.ts';
import { owesUntold, type TimeName, timesOf, verdictOf } from './transitions.ts';

/** Order in which due effects are tried: money first. */
export const EFFECT_ORDER: readonly EffectName[] = [
  'verify',
  'settle',
  'freeSlot',
  'unsent',
  'send',
  'offer',
  'cancelRuns',
  'flush',
  'cleanUp',
];

/** Effects that are due at `now`, in the order to try them. */
export function dueEffects(job: JobState, now: number): EffectName[] {
  return EFFECT_ORDER.filter((name) => {
    const pending = pendingEffect(job, name);
    return pending !== undefined && pending.due <= now;
  });
}

function pendingEffect(job: JobState, name: EffectName): Pending | undefined {
  return job.effects[name] ?? (owesUntold(job, name) ? { tries: 0, due: 0 } : undefined);
}

/** All effects that the job still owes. */
export function owedEffects(job: JobState): { name: EffectName; tries: number; due: number }[] {
  return EFFECT_ORDER.flatMap((name) => {
    const pending = pendingEffect(job, name);
    return pending === undefined ? [] : [{ name, tries: pending.tries, due: pending.due }];
  });
}

/**
 * The next moment at which something is due; null when nothing ever is. What is due at `now` already is being tried by
 * whoever asks, so the alarm gives it the usual grace.
 */
export function nextAlarm(job: JobState, now: number, settings: JobSettings): number | null {
  const owed = owedEffects(job).map(({ due }) => (due <= now ? now + settings.effectGraceMs : due));
  const times = [...owed, ...ownTimes(job, settings)];
  return times.length === 0 ? null : Math.min(...times);
}

/** When each thing that the job waits for is due, what is overdue included. */
export function dueTimes(job: JobState, now: number, settings: JobSettings): number[] {
  // What is owed untold has no time of its own: it was due when the last lease ended, if not just now.
  const leases = job.runs.map(({ leaseUntil }) => leaseUntil);
  const owed = owedEffects(job).map(({ due }) => (due === 0 ? Math.min(now, ...leases) : due));
  return [...owed, ...ownTimes(job, settings)];
}

function ownTimes(job: JobState, settings: JobSettings): number[] {
  const at = (name: TimeName): (number | null)[] => {
    if (name === 'deadline') return [job.deadline];
    if (name === 'cleanUp') return [cleanUpAt(job, settings)];
    return outRuns(job).flatMap((run) => [run.leaseUntil, askAt(run, settings)]);
  };
  return timesOf(job)
    .flatMap(at)
    .filter((time) => time !== null);
}

/** `name` failed at `now`: it is tried again after a wait with jitter. */
export function effectFailed(job: JobState, name: EffectName, now: number, random: number): Decided<null> {
  const known = pendingEffect(job, name);
  // Someone else saw to it meanwhile.
  if (known === undefined) return decided(job, null);
  const tries = known.tries + 1;
  const due = now + backoffMs(tries, random, name === 'cleanUp' ? CLEAN_UP_BACKOFF : EFFECT_BACKOFF);
  return decided({ ...job, effects: { ...job.effects, [name]: { ...known, tries, due } } }, null);
}

export function effectDone(job: JobState, name: EffectName): Decided<null> {
  const { [name]: _, ...effects } = job.effects;
  return decided({ ...job, effects }, null);
}

/** What a wake-up at `now` has to do about deadlines. `runs`: those to look after, of which the provider may know more. */
export type Timeout = { kind: 'none' } | { kind: 'runs'; runs: Run[] } | { kind: 'decided'; decision: Decided<null> };

/** Where the last message never reached the provider. */
const DEAD_LETTER = 'dead letter: the GPU provider did not take the job';

export function timeout(job: JobState, now: number, settings: JobSettings): Timeout {
  if (verdictOf(job, 'expire') === 'ignored') return { kind: 'none' };
  if (now >= job.deadline) {
    if (job.status === 'created') return { kind: 'decided', decision: withdraw(job, 'upload expired', now, settings) };
    if (job.status === 'uploaded') {
      return { kind: 'decided', decision: withdraw(job, 'not executed in time', now, settings) };
    }
    const left = cancelRuns(job, outRuns(job), now);
    return { kind: 'decided', decision: finishOpen(left, job.deadLetter ? DEAD_LETTER : 'not processed in time') };
  }
  const runs = isAtWork(job) ? dueRuns(job, now, settings) : [];
  return runs.length === 0 ? { kind: 'none' } : { kind: 'runs', runs };
}

/**
 * When an ended job is kept no longer: at once if it was deleted, with its results if it was executed. One that never was stays for a
 * moment, in which its client may come to see that it has ended.
 */
export function goesAt(job: JobState, settings: JobSettings): number {
  const end = job.endedAt ?? job.deadline;
  return job.deletedAt ?? end + (hasRun(job) ? settings.resultRetentionMs : settings.lastLookMs);
}

/**
 * When storage is looked at for the last time: a URL is still good at the moment of its expiry, and a PUT that began then arrives when
 * it was sent whole.
 */
const lastLookAt = (job: JobState, settings: JobSettings): number => job.putsExpireAt + 1 + settings.lastLookMs;

/** When the object of an ended job may be emptied, if nobody needs its inputs. */
export const goneAt = (job: JobState, settings: JobSettings): number =>
  Math.max(goesAt(job, settings), lastLookAt(job, settings));

/** Whether something that is not kept may lie there: results of unfinished photos, or inputs that nothing will be made of. */
const isUntidy = (job: JobState): boolean => !job.tidied && !(hasRun(job) && job.done === all(job.photos.length));

/** When objects of an ended job are to be deleted next; null while history is not written. */
export function cleanUpAt(job: JobState, settings: JobSettings): number | null {
  const { settle, verify, flush, cleanUp } = job.effects;
  if (!hasEnded(job) || job.endedAt === null || settle || verify || flush || cleanUp) return null;
  const look = lastLookAt(job, settings);
  const last = Math.max(goneAt(job, settings), job.inputsUntil ?? 0);
  if (job.deletedAt !== null || !isUntidy(job)) return last;
  return Math.min(last, hasRun(job) ? Math.max(job.endedAt, look) : job.endedAt + settings.inputRetentionMs);
}
