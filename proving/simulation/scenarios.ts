/** What is played: albums beside each other, one alone, a small one behind large ones, a provider that says no, a photo that kills. */
import { DAY, HOUR, MINUTE, SECOND } from '../world/clock.ts';
import type { JobFacts, JobPlan } from './job.ts';
import { type Cut, play } from './play.ts';
import { COLD, type ProviderPlan, WARM } from './provider.ts';

/** One message for the whole of a job, as it was before there were runs. */
export const ONE_MESSAGE: Cut = { maxRuns: 1, firstRunPhotos: 200, runPhotos: 200 };

export const LARGE = 200;
export const SMALL = 10;

const large = (nth: number): JobPlan => ({ name: `large-${nth}`, photos: LARGE, atMs: 0 });
const three = [large(1), large(2), large(3)];

export const withWorkers = (workers: number, isWarm: boolean): ProviderPlan =>
  isWarm ? { ...WARM, workers, warm: workers } : { ...COLD, workers };

/** One user's three albums, and twenty others' ten photos each, one of them every ten seconds. */
export function besideEachOther(provider: ProviderPlan, cut: Partial<Cut>): JobFacts[] {
  const others = Array.from({ length: 20 }, (_, nth) => ({
    name: `small-${nth + 1}`,
    photos: SMALL,
    atMs: (nth + 1) * 10 * SECOND,
  }));
  return play({ jobs: [...three, ...others], provider, cut });
}

export const alone = (photos: number, provider: ProviderPlan, seed = 1): JobFacts[] =>
  play({ jobs: [{ name: 'album', photos, atMs: 0 }], provider, seed });

/** First photos of one job of ten photos that comes while three of 200 are at work; each at another moment. */
export function behindThree(provider: ProviderPlan, cut: Partial<Cut> = {}): number[] {
  return Array.from({ length: 21 }, (_, nth) => {
    const late = { name: 'late', photos: SMALL, atMs: 20 * SECOND + nth * 1_300 };
    return play({ jobs: [...three, late], provider, cut }).at(-1)?.firstMs ?? Number.POSITIVE_INFINITY;
  });
}

/** Twenty jobs of thirty photos while the provider says no, for an hour; then it takes what comes. */
export function saysNo(seed: number, forMs = HOUR): { jobs: JobFacts[]; afterMs: number } {
  const plans = Array.from({ length: 20 }, (_, nth) => ({ name: `job-${nth + 1}`, photos: 30, atMs: nth * SECOND }));
  const jobs = play({ jobs: plans, provider: { ...WARM, refusesUntilMs: forMs }, seed });
  const ends = jobs.map(({ allMs }, nth) => (allMs ?? Number.POSITIVE_INFINITY) + (plans[nth]?.atMs ?? 0));
  return { jobs, afterMs: Math.max(...ends) - forMs };
}

/** The same for all of a day: what one job costs in which nothing goes on. */
export const saysNoAllDay = (): JobFacts[] =>
  play({ jobs: [{ name: 'waiting', photos: 30, atMs: 0 }], provider: { ...WARM, refusesUntilMs: 2 * DAY } });

/** A photo that kills whoever works on it, in an album among others. */
export function poisoned(provider: ProviderPlan, photos: number, photo: number): JobFacts[] {
  const album = { name: 'poisoned', photos, atMs: 0, poisoned: photo };
  return play({ jobs: [album, { name: 'other', photos: 30, atMs: 5 * SECOND }], provider });
}

export const TWELVE_MINUTES = 12 * MINUTE;
