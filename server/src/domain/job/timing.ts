/** What the clock does to a job: when it has to wake, and what is due when it does. */

import { backoffMs, CLEAN_UP_BACKOFF, EFFECT_BACKOFF } from '../retry.ts';
import { cancelRun } from './dispatch.ts';
import { finishOpen, withdraw } from './ending.ts';
import {
  type Decided,
  decided,
  type EffectName,
  hasEnded,
  isAtWork,
  isClosing,
  type JobSettings,
  type JobState,
  type Pending,
} from './state.ts';

/** Order in which due effects are tried: money first. */
const EFFECT_ORDER: EffectName[] = ['verify', 'settle', 'freeSlot', 'send', 'cancelRuns', 'flush', 'cleanUp'];

/** Effects that are due at `now`, in the order to try them. A closing job owes its look into R2 without being told. */
export function dueEffects(job: JobState, now: number): EffectName[] {
  return EFFECT_ORDER.filter((name) => {
    const pending = pendingEffect(job, name);
    return pending !== undefined && pending.due <= now;
  });
}

function pendingEffect(job: JobState, name: EffectName): Pending | undefined {
  return job.effects[name] ?? (name === 'verify' && isClosing(job) ? { tries: 0, due: 0 } : undefined);
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
  // The look that a closing job owes without being told has no time of its own: it was due when the lease ended, if not just now.
  const owed = owedEffects(job).map(({ due }) => (due === 0 ? Math.min(now, job.leaseUntil) : due));
  return [...owed, ...ownTimes(job, settings)];
}

function ownTimes(job: JobState, settings: JobSettings): number[] {
  const times: number[] = [];
  if (!hasEnded(job) && !isClosing(job)) times.push(job.deadline);
  if (isAtWork(job) && !isClosing(job)) times.push(job.leaseUntil);
  const clean = cleanUpAt(job, settings);
  return clean === null ? times : [...times, clean];
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

/** What a wake-up at `now` has to do about deadlines. `ask-provider`: the lease ended and the provider may know more. */
export type Timeout = { kind: 'none' } | { kind: 'ask-provider' } | { kind: 'decided'; decision: Decided<null> };

export function timeout(job: JobState, now: number, settings: JobSettings): Timeout {
  if (hasEnded(job) || isClosing(job)) return { kind: 'none' };
  if (now >= job.deadline) {
    if (job.status === 'created') return { kind: 'decided', decision: withdraw(job, 'upload expired', now, settings) };
    if (job.status === 'uploaded') {
      return { kind: 'decided', decision: withdraw(job, 'not executed in time', now, settings) };
    }
    const left = job.providerId === null ? job : cancelRun(job, job.providerId, now);
    return { kind: 'decided', decision: finishOpen(left, 'not processed in time') };
  }
  return isAtWork(job) && now >= job.leaseUntil ? { kind: 'ask-provider' } : { kind: 'none' };
}

/** When objects of an ended job are to be deleted next; null while history is not written or nothing is left to do. */
export function cleanUpAt(job: JobState, settings: JobSettings): number | null {
  const { settle, verify, flush, cleanUp } = job.effects;
  if (!hasEnded(job) || job.endedAt === null || settle || verify || flush || cleanUp) return null;
  // A URL is still good at the moment of its expiry.
  const putsOver = job.putsExpireAt + 1;
  if (job.deletedAt !== null) return Math.max(job.deletedAt, putsOver);
  const last = Math.max(job.endedAt + settings.resultRetentionMs, putsOver);
  return job.tidied ? last : Math.min(last, Math.max(job.endedAt + settings.inputRetentionMs, putsOver));
}
