/** What `npm run fuzz -- …` was asked to do. */
import { parseArgs } from 'node:util';

export const USAGE = `npm run fuzz -- [options]

  --cases N   cases in all (2000)
  --seed N    makes the same cases again; left out: a new one, printed at the start
  --help`;

export type Options = { cases: number; seed: number; help: boolean };

/** Throws an error with the usage for an option that does not exist or makes no sense. */
export function parseOptions(args: string[]): Options {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
      args,
      options: { cases: text, seed: text, help: { type: 'boolean', default: false } },
    });
    return {
      cases: whole('cases', values.cases ?? '2000', 1, 10_000_000),
      seed: whole('seed', values.seed ?? String(Math.floor(Math.random() * 2 ** 31)), 0, 2 ** 31),
      help: values.help,
    };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new Error(`--${name} is a whole number from ${min} to ${max}`);
  }
  return value;
}
