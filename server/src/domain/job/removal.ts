/** Deleting a job on the user's demand or with its user, and tidying up after one. */
import { ask } from './refusals.ts';
import { cancelRuns, outRuns, unsent } from './runs.ts';
import { type Decided, type Decision, decided, hasEnded, hasRun, type JobSettings, type JobState } from './state.ts';
import { cleanUpAt, effectDone, goesAt } from './timing.ts';

/** From here on the job cannot be found any more; its photos and rows follow. */
export function remove(job: JobState, now: number): Decision<null> {
  const verdict = ask(job, 'remove');
  if (typeof verdict !== 'string') return verdict;
  return decided({ ...job, deletedAt: now, effects: { ...job.effects, cleanUp: { tries: 0, due: now } } }, null);
}

/**
 * The job goes with its user, whatever it was about: nothing is counted or settled any more, since there is nobody to settle with.
 * A run at the provider is canceled.
 */
export function erase(job: JobState, now: number): Decided<null> {
  if (job.deletedAt !== null && job.effects.settle === undefined) return decided(job, null);
  const stopped = hasEnded(job) ? job : cancelRuns(job, outRuns(job), now);
  const { verify: _, settle: __, freeSlot: ___, flush: ____, ...effects } = unsent(stopped.effects);
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
 * Until when this job needs the photos that it was made from, as far as it knows now (milliseconds since the Unix epoch): while it lives,
 * and as long as its results are kept. Null when it needs them no more.
 */
export function needsInputsUntil(job: JobState, now: number, settings: JobSettings): number | null {
  if (!hasEnded(job)) return job.deadline;
  if (job.deletedAt !== null || !hasRun(job)) return null;
  const kept = goesAt(job, settings);
  return now < kept ? kept : null;
}

/** Milliseconds after which those who need the inputs are asked again at the earliest. They tell by themselves when they are done. */
const ASK_AGAIN_MS = 3_600_000;

/**
 * The inputs are about to be deleted: from here on nothing can be made from them. They stay when one of the jobs in `asked` needs them
 * until the time that it said, and when a job was made from them since: that one was not asked yet.
 */
export function giveUpInputs(
  job: JobState,
  asked: ReadonlyMap<string, number | null>,
  now: number,
): Decided<'given up' | 'needed' | 'not asked'> {
  if (job.dependents.some((id) => !asked.has(id))) return decided(job, 'not asked');
  const dependents = job.dependents.filter((id) => (asked.get(id) ?? null) !== null);
  if (dependents.length === 0) return decided(job.inputsGone ? job : { ...job, inputsGone: true }, 'given up');
  const inputsUntil = Math.max(now + ASK_AGAIN_MS, ...dependents.map((id) => asked.get(id) ?? 0));
  return decided({ ...job, dependents, inputsUntil }, 'needed');
}

/** `dependent` needs the inputs no more. When it was the last, what waited for it is due. */
export function giveBack(job: JobState, dependent: string): Decided<null> {
  if (!job.dependents.includes(dependent)) return decided(job, null);
  const dependents = job.dependents.filter((id) => id !== dependent);
  const inputsUntil = dependents.length === 0 ? 0 : (job.inputsUntil ?? 0);
  return decided({ ...job, dependents, inputsUntil }, null);
}

/** What is to be deleted by now is owed from here on. Answers whether something is. */
export function beginCleanUp(job: JobState, now: number, settings: JobSettings): Decided<boolean> {
  const time = cleanUpAt(job, settings);
  if (time === null || time > now) return decided(job, false);
  return decided({ ...job, effects: { ...job.effects, cleanUp: { tries: 0, due: now } } }, true);
}

/** A clean-up is over that began when the job was `begun`. One that was deleted meanwhile still owes that. */
export function cleanedUp(job: JobState, begun: JobState): Decided<null> {
  const tidy = job.tidied ? job : { ...job, tidied: true };
  return job.deletedAt === begun.deletedAt ? effectDone(tidy, 'cleanUp') : decided(tidy, null);
}
