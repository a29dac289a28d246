/** What is counted during a run, and what was noticed that must not be. */
import type { Failure } from './insist.ts';

export type Counts = {
  jobsEnded: number;
  dispatches: number;
  dispatchesRefused: number;
  dispatchesFailed: number;
  dispatchesLate: number;
  results: number;
  callbacks: number;
  duplicates: number;
  contradictions: number;
  drops: number;
  lateCallbacks: number;
  callbackRetries: number;
  resultsAccepted: number;
  resultsDuplicate: number;
  resultsIgnored: number;
  clientRetries: number;
  waitsForSlot: number;
  uploadsRepeated: number;
  devServerLosses: number;
  tombstones: number;
  cancels: number;
  kills: number;
};

const NONE: Counts = {
  jobsEnded: 0,
  dispatches: 0,
  dispatchesRefused: 0,
  dispatchesFailed: 0,
  dispatchesLate: 0,
  results: 0,
  callbacks: 0,
  duplicates: 0,
  contradictions: 0,
  drops: 0,
  lateCallbacks: 0,
  callbackRetries: 0,
  resultsAccepted: 0,
  resultsDuplicate: 0,
  resultsIgnored: 0,
  clientRetries: 0,
  waitsForSlot: 0,
  uploadsRepeated: 0,
  devServerLosses: 0,
  tombstones: 0,
  cancels: 0,
  kills: 0,
};

export class Tally {
  readonly counts: Counts = { ...NONE };
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
