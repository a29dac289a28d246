/** What is counted during a run, and what was noticed that must not be. */
import type { Failure } from './insist.ts';

const COUNTED = [
  'jobsEnded',
  'dispatches',
  'dispatchesRefused',
  'dispatchesFailed',
  'dispatchesLate',
  'runsQueued',
  'runsFailed',
  'runsForgotten',
  'runsComplete',
  'runsTwice',
  'unnamed',
  'results',
  'callbacks',
  'duplicates',
  'contradictions',
  'drops',
  'lateCallbacks',
  'callbackRetries',
  'resultsAccepted',
  'resultsDuplicate',
  'resultsIgnored',
  'clientRetries',
  'waitsForSlot',
  'uploadsRepeated',
  'devServerLosses',
  'tombstones',
  'cancels',
  'kills',
] as const;
export type Counts = Record<(typeof COUNTED)[number], number>;

export class Tally {
  readonly counts = Object.fromEntries(COUNTED.map((name) => [name, 0])) as Counts;
  readonly #problems = new Map<string, { times: number; example: string }>();

  add(name: keyof Counts, n = 1): void {
    this.counts[name] += n;
  }

  /** A broken promise. Those of one kind are counted, with the first as the example. */
  problem(kind: string, example = ''): void {
    const known = this.#problems.get(kind);
    if (known) known.times++;
    else this.#problems.set(kind, { times: 1, example });
  }

  /** A call that failed though nothing was killed: a broken promise when the API says so, and no more than a count otherwise. */
  failed(what: string, { from, reason }: Failure): void {
    if (from === 'dev-server') this.add('devServerLosses');
    else this.problem(`${what} failed while the API was up`, reason);
  }

  problems(): string[] {
    return [...this.#problems].map(
      ([kind, { times, example }]) => `${kind}${times > 1 ? ` (${times} times)` : ''}${example ? `: ${example}` : ''}`,
    );
  }
}
