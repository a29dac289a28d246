/** What is promised of a job's runs at every step: who is in which, what goes out when, and what ends one. */
import { env } from 'cloudflare:workers';
import { type Bitmap, EMPTY, has, indexesOf } from '../../server/src/domain/bitmap.ts';
import { openOf, outRuns } from '../../server/src/domain/job/runs.ts';
import { isAtWork, isClosing, type JobState, openItems, type Run } from '../../server/src/domain/job/state.ts';
import { settingsOf } from '../../server/src/settings/settings.ts';
import { expiryOf } from '../world/jobs.ts';
import { DEAD, isRefused, isTaken } from './provider.ts';
import type { JobView } from './views.ts';

const { maxRuns, maxAttempts, firstRunPhotos, runPhotos } = settingsOf(env).job;
/** The first of many are larger than even ones, so that the last can be smaller. */
const largestRun = Math.ceil((runPhotos * 7) / 6);
/** Signatures count whole seconds, where they begin and how long they are good, and both are rounded down. */
const ROUNDED = 2_000;

/** How many tries of a photo are over. */
const triesOf = (job: JobState, idx: number): number => job.tries.filter((tried) => has(tried, idx)).length;
/** Whether a photo had all of its tries. */
export const wasTried = (job: JobState, idx: number): boolean => triesOf(job, idx) >= maxAttempts;

const isWorking = (job: JobState): boolean => isAtWork(job) && !isClosing(job);
/** Somebody took it, and has settled one of its photos, or works on it, as the provider says. */
const hasBegun = (job: JobState, run: Run): boolean =>
  run.stage === 'sent' && (run.workUntil !== null || (run.photos & (job.done | job.failed)) !== EMPTY);

/** How often the provider was sent a photo, but for where it refused all of the run. */
function timesSent({ dispatched }: JobView, idx: number): number {
  return dispatched.filter(({ message, answer }) => !isRefused(answer) && message.items.some((one) => one.idx === idx))
    .length;
}

/** What may end a run in this step: its time was up, the provider had said that it is over, or did not take its message. */
function mayEnd({ heard, dispatched, time }: JobView, run: Run): boolean {
  const words = heard.get(run.providerId ?? '') ?? [];
  if (words.some((word) => DEAD.includes(word))) return true;
  if (words.includes('forgotten') && (run.known || words.length > 1)) return true;
  if (dispatched.some(({ message, answer }) => message.attempt === run.attempt && answer === 'wrong')) return true;
  // One that waits for a machine has not begun to use its time up.
  return time >= run.leaseUntil && !(words.length > 0 && words.every((word) => word === 'IN_QUEUE'));
}

const photosOf = (runs: readonly Run[]): Bitmap => runs.reduce((all, { photos }) => all | photos, EMPTY);

export const STEPS_OF_RUNS: Record<string, (view: JobView) => boolean> = {
  'the number of a run is used once, and the provider takes each once': ({ before, now, dispatched }) => {
    const taken = dispatched.filter(({ answer }) => isTaken(answer)).map(({ message }) => message.attempt);
    const known = new Set(before?.runs.map(({ attempt }) => attempt));
    const fresh = now.runs.map(({ attempt }) => attempt).filter((attempt) => !known.has(attempt));
    const last = before?.attempt ?? 0;
    return (
      new Set(taken).size === taken.length &&
      [...taken, ...fresh].every((attempt) => attempt <= now.attempt) &&
      new Set(now.runs.map(({ attempt }) => attempt)).size === now.runs.length &&
      last <= now.attempt &&
      fresh.every((attempt) => attempt > last)
    );
  },

  'a photo is sent three times at most': (view) =>
    view.now.photos.every((_, idx) => timesSent(view, idx) <= maxAttempts),

  'a photo that had all of its tries is settled': ({ now }) =>
    !isAtWork(now) || indexesOf(openItems(now)).every((idx) => !wasTried(now, idx)),

  'a photo loses a try only with a run that died': (view) => {
    const { before, now } = view;
    if (before === null || !view.still) return true;
    return now.photos.every((_, idx) => {
      const lost = triesOf(now, idx) - triesOf(before, idx);
      const run = before.runs.find(({ photos }) => has(photos, idx));
      return lost === 0 || (lost > 0 && (run === undefined || mayEnd(view, run)));
    });
  },

  'each open photo is in one run, or waits for one that has yet to begin, or for a place': ({ now }) => {
    if (!isWorking(now)) return true;
    const runs = outRuns(now);
    const shared = runs.some((run, at) => (openOf(now, run) & photosOf(runs.slice(at + 1))) !== EMPTY);
    const waits = (openItems(now) & ~photosOf(runs)) !== EMPTY;
    return !shared && (!waits || runs.length >= maxRuns || runs.some((run) => !hasBegun(now, run)));
  },

  'no more runs are out than a job may have, and one of them at most has not begun': ({ now }) => {
    const runs = outRuns(now);
    return !isWorking(now) || (runs.length <= maxRuns && runs.filter((run) => !hasBegun(now, run)).length <= 1);
  },

  'a run is no larger than runs are': ({ now }) =>
    now.runs.every(({ attempt, photos }) => indexesOf(photos).length <= (attempt === 1 ? firstRunPhotos : largestRun)),

  'a run is at work only if the provider has said so': ({ now, working }) =>
    now.runs.every(({ workUntil, providerId }) => workUntil === null || working.has(providerId ?? '')),

  'a last try is alone': ({ now }) =>
    outRuns(now).every((run) => {
      const photos = indexesOf(run.photos);
      return (
        photos.length === 1 || photos.every((idx) => triesOf(now, idx) < maxAttempts - 1 || !has(openOf(now, run), idx))
      );
    }),

  'a lease never outlives the URLs of its run': ({ now, dispatched }) =>
    !isAtWork(now) ||
    outRuns(now).every(({ attempt, stage, leaseUntil, urlsUntil }) => {
      const signed = dispatched.filter(({ message }) => message.attempt === attempt);
      const ends = signed.flatMap(({ message }) => message.items.map(({ output_url }) => expiryOf(output_url)));
      return stage === 'none' || leaseUntil <= Math.min(urlsUntil, ...ends.map((end) => end + ROUNDED));
    }),

  'only a live job has something to send or to offer, and no run goes both ways': ({ now, owes }) => {
    const ways = owes.filter(({ name }) => name === 'send' || name === 'offer').length;
    return ways === 0 || (ways === 1 && isWorking(now) && outRuns(now).some(({ stage }) => stage === 'none'));
  },
};
