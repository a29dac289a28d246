/**
 * A job as the release before reads it, which knows one dispatch at a time: written beside the runs, so that after a rollback it goes on with
 * what is open. What it did is told by these fields alone; whoever comes back to runs begins from there.
 */
import { count, EMPTY } from '../bitmap.ts';
import { NEW_RUN, outRuns, triedPhotos } from './runs.ts';
import { type DispatchStage, type JobState, openItems, type Run } from './state.ts';

export type Earlier = {
  /** Counts dispatches of everything that is open; there is no other one after the last. */
  attempt: number;
  dispatch: DispatchStage;
  leaseUntil: number;
  attemptDeadline: number;
  providerId: string | null;
  /** Photos of the dispatch that was not answered yet. */
  inFlight: number;
};

/** How long beyond its lease that release may let a run go on that the provider calls active. Its URLs are good for longer. */
const EXTENSION_MS = 30 * 60_000;

export function asEarlier(job: JobState): Earlier {
  const runs = outRuns(job);
  const of = (stage: DispatchStage) => runs.filter((run) => run.stage === stage);
  const dispatch = of('sent').length > 0 ? 'sent' : of('claimed').length > 0 ? 'claimed' : 'none';
  const open = openItems(job);
  // What each of them has had: it would fail all of them for the one that was tried most.
  const all = (nth: number) => open !== EMPTY && (open & ~triedPhotos(job, nth + 1)) === EMPTY;
  const died = job.tries.filter((_, nth) => all(nth)).length;
  const leaseUntil = Math.max(0, ...runs.map((run) => run.leaseUntil));
  return {
    attempt: job.attempt === 0 ? 0 : 1 + died,
    dispatch,
    leaseUntil,
    attemptDeadline: Math.min(leaseUntil + EXTENSION_MS, ...runs.map(({ urlsUntil }) => urlsUntil)),
    providerId: of('sent').find(({ providerId }) => providerId !== null)?.providerId ?? null,
    inFlight: of('claimed').reduce((sum, { handed }) => sum + handed, 0),
  };
}

/** Whether the release before has dispatched anything since these fields were written as `told`. */
export const hasActed = (told: Earlier, is: Earlier): boolean =>
  told.attempt !== is.attempt || told.dispatch !== is.dispatch || told.providerId !== is.providerId;

/**
 * The one dispatch of the release before as a run of everything that is open; it was the last one that this job had.
 * @param told what that release was told; undefined: it made the job
 */
export function fromEarlier(job: JobState, earlier: Earlier, told?: Earlier): JobState {
  if (earlier.attempt === 0) return job;
  const photos = openItems(job);
  const { attempt, dispatch, leaseUntil, attemptDeadline, providerId, inFlight } = earlier;
  const run: Run = {
    ...NEW_RUN,
    attempt,
    photos,
    stage: dispatch,
    leaseUntil,
    urlsUntil: dispatch === 'none' ? job.deadline : attemptDeadline,
    askedAt: 0,
    providerId,
    handed: dispatch === 'claimed' ? inFlight : count(photos),
  };
  // Each dispatch of that release before this one was a try of all that is open.
  const died = Math.max(0, earlier.attempt - Math.max(1, told?.attempt ?? 1));
  const tries = Array.from({ length: job.tries.length + died }, (_, nth) => {
    return triedPhotos(job, nth + 1) | (photos & triedPhotos(job, nth + 1 - died));
  }).filter((set) => set !== EMPTY);
  return { ...job, attempt: Math.max(job.attempt, earlier.attempt), runs: [run], tries, again: [] };
}
