/** What `npm run fuzz -- …` was asked to do. */
import { flag, optionsOf, whole } from '../../start/options.ts';

export const USAGE = `npm run fuzz -- [options]

  --cases N   cases in all (2000)
  --seed N    makes the same cases again; left out: a new one, printed at the start
  --help`;

export type Options = ReturnType<typeof parseOptions>;

/** Throws an error with the usage for an option that does not exist or makes no sense. */
export const parseOptions = (args: string[]) =>
  optionsOf(
    {
      cases: whole(2000, 1, 10_000_000),
      seed: whole(Math.floor(Math.random() * 2 ** 31), 0, 2 ** 31),
      help: flag(),
    },
    args,
    USAGE,
  );
