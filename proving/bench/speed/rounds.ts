/** Rounds that are worth comparing: on a machine that others use as well, some are not. */
import { median } from './closed-loop.ts';

/** How many times as much a floor may be in one round as in another. */
export const APART = 1.25;
/** Rounds that are run at most for each that is wanted. */
const PATIENCE = 2;

/** What a round knows of the floors that something is told in, by their letters; each was measured once or more in it. */
export type Readings = Record<string, number[]>;
export type Rounds<T> = {
  kept: T[];
  /** Rounds that were run in place of others. */
  again: number;
  /** How many times as much a floor was in one of those that were kept as in another, for the floor where that is most. */
  apart: number;
};

const lettersOf = (rounds: readonly Readings[]): string[] => [...new Set(rounds.flatMap(Object.keys))];
const readingsOf = (rounds: readonly Readings[], letter: string): number[] =>
  rounds.flatMap((round) => round[letter] ?? []);

export function apartOf(rounds: readonly Readings[]): number {
  const each = lettersOf(rounds).map((letter) => readingsOf(rounds, letter));
  return Math.max(1, ...each.map((readings) => Math.max(...readings) / Math.min(...readings)));
}

/** Which round is farthest from the others. */
function oddest(rounds: readonly Readings[]): number {
  const middle = new Map(lettersOf(rounds).map((letter) => [letter, median(readingsOf(rounds, letter))]));
  const distances = rounds.map((round) => {
    const ratios = [...middle].flatMap(([letter, middling]) => (round[letter] ?? []).map((one) => one / middling));
    return Math.max(0, ...ratios.map((ratio) => Math.abs(Math.log(ratio))));
  });
  return distances.indexOf(Math.max(...distances));
}

/**
 * As many rounds as are wanted, whose floors agree. While they are more than a quarter apart, the one that is farthest from the others is
 * run again; when that has been done often enough, what there is is told with how far apart it is.
 * @param measure one round, by its number from 1 on
 */
export async function agreeing<T>(
  wanted: number,
  measure: (round: number) => Promise<T>,
  readings: (round: T) => Readings,
): Promise<Rounds<T>> {
  const kept: T[] = [];
  for (let run = 1; ; run++) {
    kept.push(await measure(run));
    if (kept.length < wanted) continue;
    const seen = kept.map(readings);
    const apart = apartOf(seen);
    if (apart <= APART || run >= wanted * PATIENCE) return { kept, again: run - wanted, apart };
    kept.splice(oddest(seen), 1);
  }
}
