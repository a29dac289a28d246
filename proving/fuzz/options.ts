/** What `npm run fuzz -- …` was asked to do. */
import { FLAG, optionsOf, TEXT, whole } from '../world/options.ts';

export const USAGE = `npm run fuzz -- [options]

  --cases N   cases in all (2000)
  --seed N    makes the same cases again; left out: a new one, printed at the start
  --help`;

export type Options = { cases: number; seed: number; help: boolean };

/** Throws an error with the usage for an option that does not exist or makes no sense. */
export function parseOptions(args: string[]): Options {
  return optionsOf(USAGE, args, { cases: TEXT, seed: TEXT, help: FLAG }, ({ cases, seed, help }) => ({
    cases: whole('cases', cases, 2000, 1, 10_000_000),
    seed: whole('seed', seed, Math.floor(Math.random() * 2 ** 31), 0, 2 ** 31),
    help,
  }));
}
