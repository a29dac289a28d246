/** What is true of a job's runs as they stand: which are out, which have begun, and what becomes of them at the job's end. */
import { all, type Bitmap, EMPTY } from '../bitmap.ts';
import { type Effects, isAtWork, type JobSettings, type JobState, openItems, type Run } from './state.ts';

/** What is true of a run of which nobody has heard yet. */
export const NEW_RUN = {
  stage: 'none',
  providerId: null,
  handed: 0,
  refusals: 0,
  asks: 0,
  workUntil: null,
  known: false,
  mute: false,
  over: false,
} as const satisfies Partial<Run>;

/** Runs whose photos are not all settled. */
export const outRuns = (job: JobState): Run[] => {
  const open = openItems(job);
  return job.runs.filter(({ photos }) => (photos & open) !== EMPTY);
};

/** The run of this number, if it is out. */
export const runOf = (job: JobState, attempt: number): Run | undefined =>
  outRuns(job).find((run) => run.attempt === attempt);

/** Its photos that are still to be settled. */
export const openOf = (job: JobState, run: Run): Bitmap => run.photos & openItems(job);

/** Whether somebody works on it, as far as is known: it was taken, and one of its photos was settled, or the provider says so. */
export const hasBegun = (job: JobState, run: Run): boolean =>
  run.stage === 'sent' && (run.workUntil !== null || openOf(job, run) !== run.photos);

/** The run that nobody has taken yet; there is never more than one. */
export const unsentRun = (job: JobState): Run | undefined => outRuns(job).find(({ stage }) => stage === 'none');

/** Open photos that are in no run. */
export const waitingPhotos = (job: JobState): Bitmap =>
  outRuns(job).reduce((rest, { photos }) => rest & ~photos, openItems(job));

/** Whether the provider does not take the job's photos now, and nothing of it is at work. */
export function isWaiting(job: JobState): boolean {
  if (!isAtWork(job)) return false;
  const runs = outRuns(job);
  return (
    runs.some(({ stage, refusals }) => stage !== 'sent' && refusals > 0) && !runs.some((run) => hasBegun(job, run))
  );
}

/** Photos that have died in `times` runs or more. */
export const triedPhotos = (job: JobState, times: number): Bitmap =>
  times < 1 ? all(job.photos.length) : (job.tries[times - 1] ?? EMPTY);

/** Milliseconds that a run of this many photos may work. */
export const workMs = (photos: number, { leaseMs, attemptPerPhotoMs }: JobSettings): number =>
  leaseMs + photos * attemptPerPhotoMs;

/** The job with this run as it is now. */
export const withRun = (job: JobState, run: Run): JobState => ({
  ...job,
  runs: job.runs.map((one) => (one.attempt === run.attempt ? run : one)),
});

/** What is owed without anything that sends a run. */
export function unsent({ send: _, offer: __, ...effects }: Effects): Effects {
  return effects;
}

/** The provider is to be told that nobody waits for these runs. */
export function cancelRuns(job: JobState, runs: readonly Pick<Run, 'providerId' | 'over'>[], due: number): JobState {
  const ids = runs.flatMap(({ providerId, over }) => (providerId === null || over ? [] : [providerId]));
  if (ids.length === 0) return job;
  const known = job.effects.cancelRuns;
  const providerIds = [...new Set([...(known?.providerIds ?? []), ...ids])];
  return { ...job, effects: { ...job.effects, cancelRuns: { tries: 0, due, providerIds } } };
}
