/** What `npm run weaknesses -- …` was asked to do. */
import { flag, optionsOf, text, whole } from '../../start/options.ts';
import { ATTACKS } from '../attacks/attacks.ts';
import { attacksOf, type Weakness } from './groups/weakness.ts';

/** Weaknesses of the short form. */
const SAMPLE = 12;

export const USAGE = `npm run weaknesses -- [options]

  --only TEXT      only weaknesses whose name holds TEXT
  --short          a sample of ${SAMPLE}, of those whose attacks are quick
  --seed N         which sample; 1 unless told
  --explore TEXT   with each weakness, all attacks whose group or name holds TEXT: says which succeed, and judges nothing
  --list           names weaknesses and their attacks, and runs none
  --help`;

export type Options = ReturnType<typeof parseOptions>;

/** Throws an error with the usage for an option that does not exist. */
export const parseOptions = (args: string[]) =>
  optionsOf(
    {
      only: text(null),
      short: flag(),
      seed: whole(1, 0, 999_999_999),
      explore: text(null),
      list: flag(),
      help: flag(),
    },
    args,
    USAGE,
  );

const isQuick = ({ catches }: Weakness): boolean =>
  catches
    .flatMap((one) => attacksOf(one, ATTACKS))
    .every(({ options: { long, world = 'main' } }) => !long && (world === 'main' || world === 'closed'));

/** The same ones for the same seed; with each seed others, so that in time all of them are run. */
export function chosen(weaknesses: readonly Weakness[], { only, short, seed }: Options): Weakness[] {
  const named = weaknesses.filter(({ name }) => name.toLowerCase().includes(only?.toLowerCase() ?? ''));
  if (!short) return named;
  const quick = named.filter(isQuick);
  const sample = Array.from({ length: Math.min(SAMPLE, quick.length) }, (_, n) => (seed * SAMPLE + n) % quick.length);
  return sample.flatMap((at) => quick[at] ?? []);
}
