/**
 * A job as the release before reads it, which knows one dispatch at a time: written beside the runs, so that after a rollback it goes on with
 * what is open. What it did is told by these fields alone; whoever comes back to runs begins from there.
 */
import { count, EMPTY } from '../bitmap.ts';
import { outRuns, triedPhotos } from './runs.ts';
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
  const died = job.tries.filter((_, nth) => (triedPhotos(job, nth + 1) & open) !== EMPTY).length;
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

/** The one dispatch of the release before as a run of everything that is open; it was the last one that this job had. */
export function fromEarlier(job: JobState, earlier: Earlier): JobState {
  if (earlier.attempt === 0) return job;
  const photos = openItems(job);
  const run: Run = {
    attempt: earlier.attempt,
    photos,
    stage: earlier.dispatch,
    leaseUntil: earlier.leaseUntil,
    urlsUntil: earlier.dispatch === 'none' ? job.deadline : earlier.attemptDeadline,
    providerId: earlier.providerId,
    handed: earlier.dispatch === 'claimed' ? earlier.inFlight : count(photos),
    refusals: 0,
    askedAt: 0,
    asks: 0,
    workUntil: null,
    known: false,
    mute: false,
    over: false,
  };
  // Each dispatch before this one was a try of what is open.
  const tries = Array.from({ length: earlier.attempt - 1 }, () => photos).filter((set) => set !== EMPTY);
  return { ...job, attempt: Math.max(job.attempt, earlier.attempt), runs: [run], tries, again: [] };
}
