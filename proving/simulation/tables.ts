/** The tables of `npm run simulate`. */
import type { Table } from '../bench/tables.ts';
import { SECOND } from '../world/clock.ts';
import { aloneBefore, type Check, came, ETA_SCENES, etaErrors, median, shareOf } from './checks.ts';
import type { JobFacts } from './job.ts';
import { type Cut, SETTINGS } from './play.ts';
import { besideEachOther, LARGE, ONE_MESSAGE, SMALL, withWorkers } from './scenarios.ts';

const WORKERS = [1, 3, 10, 40];
const SIZES = [4, 8, 12, 25];
const WINDOWS = [1, 2, 3, 4, 6, 8];

const shown = (ms: number): string => (Number.isFinite(ms) ? (ms / SECOND).toFixed(ms < 10 * SECOND ? 1 : 0) : '–');

/** Of small jobs the medians, of the large ones the last photo. */
type Outcome = { first: number; all: number; large: number; operations: number };

function outcomeOf(jobs: readonly JobFacts[]): Outcome {
  const small = jobs.filter(({ photos }) => photos === SMALL);
  const large = jobs.filter(({ photos }) => photos === LARGE);
  return {
    first: median(small.map(({ firstMs }) => came(firstMs))),
    all: median(small.map(({ allMs }) => came(allMs))),
    large: Math.max(...large.map(({ allMs }) => came(allMs))),
    operations: Math.max(...large.map(({ queueOperations }) => queueOperations)),
  };
}

const cells = ({ first, all, large }: Outcome): string[] => [shown(first), shown(all), shown(large)];

export const fairness = (): Table => ({
  title: 'Three jobs of 200 beside twenty of 10: one message a job, and runs (seconds)',
  head: ['machines', '', 'first', 'all', '200s', 'runs: first', 'all', '200s'],
  rows: WORKERS.flatMap((workers) =>
    [true, false].map((isWarm) => {
      const provider = withWorkers(workers, isWarm);
      const [before, now] = [ONE_MESSAGE, {}].map((cut) => outcomeOf(besideEachOther(provider, cut)));
      const both = [before, now].flatMap((one) => (one === undefined ? [] : cells(one)));
      return [String(workers), isWarm ? 'warm' : 'cold', ...both];
    }),
  ),
});

/** Rows are sizes, columns windows. */
function byCut(title: string, machines: number, show: (outcome: Outcome) => string): Table {
  const provider = withWorkers(machines, true);
  return {
    title: `${title}, ${machines} warm machines`,
    head: ['photos a run', ...WINDOWS.map((runs) => `${runs} out`)],
    rows: SIZES.map((runPhotos) => [
      String(runPhotos),
      ...WINDOWS.map((maxRuns) =>
        show(outcomeOf(besideEachOther(provider, { maxRuns, runPhotos } satisfies Partial<Cut>))),
      ),
    ]),
  };
}

export const cuts = (): Table[] => [
  ...[3, 10].map((machines) =>
    byCut('First photo of the small jobs, median / last photo of the large ones (seconds)', machines, (outcome) => {
      return `${shown(outcome.first)} / ${shown(outcome.large)}`;
    }),
  ),
  byCut('Queue operations of a job of 200', 10, ({ operations }) => String(operations)),
];

export const limits = (checks: readonly Check[]): Table => ({
  title: `What has to be so, with ${SETTINGS.maxRuns} runs out, ${SETTINGS.firstRunPhotos} photos in the first and about ${SETTINGS.runPhotos} in the others`,
  head: ['', 'found', 'at most', ''],
  rows: checks.map(({ what, unit, found, limit }) => {
    const shownAs = (value: number) =>
      unit === '' ? String(Math.round(value * 1_000) / 1_000) : `${value.toFixed(1)} ${unit}`;
    return [what, shownAs(found), shownAs(limit), isMet({ found, limit }) ? '✔' : '✘'];
  }),
});

export const isMet = ({ found, limit }: Pick<Check, 'found' | 'limit'>): boolean => found <= limit;

export const etas = (): Table => ({
  title: 'What `etaMs` told in the second half of jobs of 30 to 200 photos: how far it was from what came (%)',
  head: ['', 'half of the times', '9 of 10', 'within a quarter'],
  rows: ETA_SCENES.map(([name, provider]) => {
    const errors = etaErrors(aloneBefore(provider));
    const within = errors.filter((error) => error <= 0.25).length / errors.length;
    return [name, ...[shareOf(errors, 0.5), shareOf(errors, 0.9), within].map((share) => (100 * share).toFixed(0))];
  }),
});
