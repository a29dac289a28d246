/** Deleting a job on the user's demand or with its user, and tidying up after one. */
import { refuse } from '../result.ts';
import { cancelRun } from './dispatch.ts';
import { type Decided, type Decision, decided, hasEnded, type JobState } from './state.ts';

/** From here on the job cannot be found any more; its photos and rows follow. */
export function remove(job: JobState, now: number): Decision<null> {
  if (!hasEnded(job)) {
    return refuse('INVALID_TRANSITION', `the job is ${job.status}: cancel it first`, {
      status: job.status,
      action: 'delete',
    });
  }
  return decided({ ...job, deletedAt: now, effects: { ...job.effects, cleanUp: { tries: 0, due: now } } }, null);
}

/**
 * The job goes with its user, whatever it was about: nothing is counted or settled any more, since there is nobody to settle with.
 * A run at the provider is canceled.
 */
export function erase(job: JobState, now: number): Decided<null> {
  if (job.deletedAt !== null && job.effects.settle === undefined) return decided(job, null);
  const stopped = hasEnded(job) || job.providerId === null ? job : cancelRun(job, job.providerId, now);
  const { verify: _, settle: __, freeSlot: ___, send: ____, flush: _____, ...effects } = stopped.effects;
  const ended = hasEnded(job) ? {} : { status: 'canceled' as const, endedAt: now };
  const erased: JobState = {
    ...stopped,
    ...ended,
    charged: job.charged ?? 0,
    deletedAt: job.deletedAt ?? now,
    effects: { ...effects, cleanUp: { tries: 0, due: now } },
  };
  return decided(erased, null);
}

/**
 * The inputs are about to be deleted: from here on nothing can be made from them. Refused, with `false`, when a job was made from them
 * since `asked` were found not to need them.
 */
export function giveUpInputs(job: JobState, asked: readonly string[]): Decided<boolean> {
  const unneeded = job.dependents.every((id) => asked.includes(id));
  return decided(unneeded && !job.inputsGone ? { ...job, inputsGone: true } : job, unneeded);
}

/** The first clean-up is over: inputs and what lay there of unfinished photos are gone. */
export function tidied(job: JobState): Decision<null> {
  const { cleanUp: _, ...effects } = job.effects;
  return decided({ ...job, tidied: true, inputsGone: true, effects }, null);
}
