/** What has to be so in the simulation, with the settings as they are. */
import { SECOND } from '../world/clock.ts';
import type { JobFacts } from './job.ts';
import { COLD, type ProviderPlan, WARM } from './provider.ts';
import { alone, behindThree, poisoned, saysNo, saysNoAllDay, TWELVE_MINUTES, withWorkers } from './scenarios.ts';

/** A figure and what it may be at most. */
export type Check = { what: string; unit: 's' | ''; found: number; limit: number };

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;

/** What never came took for ever. */
export const came = (ms: number | null | undefined): number => ms ?? Number.POSITIVE_INFINITY;

const seconds = (what: string, ms: number, limitMs: number): Check => ({
  what,
  unit: 's',
  found: ms / SECOND,
  limit: limitMs / SECOND,
});
const counted = (what: string, found: number, limit: number): Check => ({ what, unit: '', found, limit });

export const checks = (): Check[] => [...ofSets(), ...ofWaiting(), ...ofPoison(), ...ofEtas()];

const QUARTER = 0.25;

function ofSets(): Check[] {
  const [set] = alone(200, WARM);
  const [small] = alone(30, WARM);
  const first = behindThree(withWorkers(3, true));
  return [
    seconds('200 photos, 4 warm machines: first photo', came(set?.firstMs), 3 * SECOND),
    seconds('200 photos, 4 warm machines: all', came(set?.allMs), 45 * SECOND),
    counted('200 photos: queue operations', came(set?.queueOperations), 54),
    counted('30 photos: queue operations', came(small?.queueOperations), 12),
    seconds('10 photos behind three of 200, 3 machines: first photo, median', median(first), 15 * SECOND),
  ];
}

function ofWaiting(): Check[] {
  const days = [1, 2, 3, 4, 5].map((seed) => saysNo(seed));
  const jobs = days.flatMap((day) => day.jobs);
  const afterMs = Math.max(...days.map((day) => day.afterMs));
  const [waiting] = saysNoAllDay();
  return [
    counted('20 jobs of 30, an hour of 429: photos that failed', failedIn(jobs), 0),
    counted('20 jobs of 30, an hour of 429: jobs that did not say that they wait', notToldIn(jobs), 0),
    seconds('20 jobs of 30, an hour of 429, then 4 machines: all, after it', afterMs, TWELVE_MINUTES),
    counted('a job that waits for a day: queue operations', came(waiting?.queueOperations), 150),
  ];
}

const failedIn = (jobs: JobFacts[]): number => jobs.reduce((sum, { failed }) => sum + failed.length, 0);
const notToldIn = (jobs: JobFacts[]): number => jobs.filter(({ toldWaiting }) => !toldWaiting).length;

function ofPoison(): Check[] {
  const scenes = [WARM, COLD].flatMap((provider) =>
    [
      [10, 2],
      [30, 17],
      [200, 77],
      [200, 199],
    ].map(([photos = 0, photo = 0]) => ({ photo, jobs: poisoned(provider, photos, photo) })),
  );
  const wrong = scenes.filter(({ photo, jobs: [bad, other] }) => {
    const isAlone = bad?.failed.length === 1 && bad.failed[0] === photo;
    return !isAlone || bad.allMs === null || other?.failed.length !== 0;
  });
  return [counted('photos that kill whoever works on them, and do not fail alone', wrong.length, 0)];
}

/** How far what was told to be left was from what came, as a share of it, at each report of the second half of a job; nothing told is all of it. */
export const etaErrors = (jobs: readonly JobFacts[]): number[] =>
  jobs.flatMap(({ etas }) =>
    etas.map(({ toldMs, cameMs }) => (toldMs === null ? 1 : Math.abs(toldMs - cameMs) / cameMs)),
  );

/** The least that a share of them, from 0 to 1, is not above. */
export const shareOf = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? Number.NaN;

const SIZES = [30, 60, 100, 200];
const SEEDS = [1, 2, 3, 4, 5];

/** Jobs of every size alone before such a provider. */
export const aloneBefore = (provider: ProviderPlan): JobFacts[] =>
  SIZES.flatMap((photos) => SEEDS.flatMap((seed) => alone(photos, provider, seed)));

export const ETA_SCENES: readonly (readonly [string, ProviderPlan])[] = [
  ['1 warm machine', withWorkers(1, true)],
  ['2 warm machines', withWorkers(2, true)],
  ['3 warm machines', withWorkers(3, true)],
  ['4 warm machines', WARM],
  ['1 warm machine, times 30 % apart', { ...withWorkers(1, true), spread: 0.3 }],
  ['4 warm machines, times 30 % apart', { ...WARM, spread: 0.3 }],
  ['4 warm machines, 10 photos a callback', { ...WARM, callbackPhotos: 10 }],
  ['4 cold machines', COLD],
];

/** A machine that comes up in the second half of a job makes it faster than it was, which nobody can know: cold ones have no limit. */
function ofEtas(): Check[] {
  return ETA_SCENES.filter(([, { warm }]) => warm > 0).map(([name, provider]) => {
    const errors = etaErrors(aloneBefore(provider));
    return {
      what: `etaMs, ${name}: share it is off by, 85 of 100 times`,
      unit: '',
      found: shareOf(errors, 0.85),
      limit: QUARTER,
    };
  });
}
