/** Deleting a job on the user's demand, and tidying up after one. */
import { refuse } from '../result.ts';
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
