/**
 * Which photos go to the provider next: a function of the job as it stands, asked after every decision. Each open photo is in a run that is
 * out, or waits here for one.
 *
 * A job's runs go out one after the other: the next one when the one before has begun, so that no job fills the provider's queue and a small
 * one passes a large one. The first is small, since its photos are the first that anybody sees.
 */
import { type Bitmap, count, EMPTY, firstOf, indexesOf, of } from '../bitmap.ts';
import { hasBegun, NEW_RUN, outRuns, triedPhotos, unsent, unsentRun, waitingPhotos } from './runs.ts';
import { isAtWork, isClosing, type JobSettings, type JobState, openItems, type Run } from './state.ts';

/** The job with its next run, if it is time for one. */
export function plan(job: JobState, now: number, settings: JobSettings): JobState {
  const current = withNothingToSend(job);
  if (!isAtWork(job) || isClosing(job)) return current;
  const out = outRuns(current);
  if (out.length >= settings.maxRuns || out.some((run) => !hasBegun(current, run))) return current;
  const photos = nextPhotos(current, settings);
  return photos === EMPTY ? current : withNext(current, photos, now, settings);
}

/**
 * Results may overtake the message that asks for them: when none of its photos is open any more, it has nothing to ask for. Nor has a job that
 * the release before has ended, which knows of no offer.
 */
function withNothingToSend(job: JobState): JobState {
  const { send, offer } = job.effects;
  const owes = send !== undefined || offer !== undefined;
  return owes && (!isAtWork(job) || unsentRun(job) === undefined) ? { ...job, effects: unsent(job.effects) } : job;
}

/** Those that died together first, then those that were never tried, and one by one those that have a last try. */
function nextPhotos(job: JobState, settings: JobSettings): Bitmap {
  const waiting = waitingPhotos(job);
  for (const group of job.again) if ((group & waiting) !== EMPTY) return group & waiting;
  const last = settings.maxAttempts > 1 ? waiting & triedPhotos(job, settings.maxAttempts - 1) : EMPTY;
  const fresh = waiting & ~last;
  if (fresh !== EMPTY) return of(indexesOf(fresh).slice(0, sizeOf(job, count(fresh), settings)));
  const first = firstOf(last);
  return first === undefined ? EMPTY : of([first]);
}

const share = (photos: number, runs: number): number => Math.ceil(photos / runs);

/**
 * How many of the `waiting` ones go into the next run. In all there are no more runs than even ones would be, since each is paid for; but those
 * before the last `maxRuns` are larger by up to a sixth, so that these can be smaller: the next one gets its share of all that is open, and the
 * machines that are at work end at the same time.
 */
function sizeOf(job: JobState, waiting: number, settings: JobSettings): number {
  const { maxRuns, firstRunPhotos, runPhotos } = settings;
  const total = job.photos.length;
  const others = share(Math.max(0, total - firstRunPhotos), runPhotos);
  if (job.attempt === 0) return Math.min(firstRunPhotos, share(total, others + 1));
  const left = Math.max(share(waiting, runPhotos), others + 1 - job.attempt);
  const large = Math.min(share(waiting, Math.max(1, left - maxRuns / 2)), share(runPhotos * 7, 6));
  return Math.max(share(waiting, left), Math.min(large, share(count(openItems(job)), maxRuns)));
}

function withNext(job: JobState, photos: Bitmap, now: number, settings: JobSettings): JobState {
  const attempt = job.attempt + 1;
  const times = { leaseUntil: now + settings.leaseMs, urlsUntil: job.deadline, askedAt: now };
  const run: Run = { ...NEW_RUN, ...times, attempt, photos };
  const wait = job.notBefore ?? 0;
  const send = wait > now ? { tries: 1, due: wait } : { tries: 0, due: now + settings.effectGraceMs };
  const effects = { ...job.effects, send };
  const again = job.again.filter((group) => (group & waitingPhotos(job) & ~photos) !== EMPTY);
  return { ...job, attempt, runs: [...outRuns(job), run], again, effects };
}
