/** What `npm run attack -- …` was asked to do. */
import { flag, optionsOf, text } from '../../../start/options.ts';
import type { WorldName } from '../../world/bundle/worlds.ts';
import type { Attack } from '../attack.ts';

export const USAGE = `npm run attack -- [options]

  --only TEXT   only attacks whose group or name holds TEXT
  --short       without those that take seconds each
  --list        names them, and runs none
  --help`;

export type Options = ReturnType<typeof parseOptions>;

/** Throws an error with the usage for an option that does not exist. */
export const parseOptions = (args: string[]) =>
  optionsOf({ only: text(null), short: flag(), list: flag(), help: flag() }, args, USAGE);

/** Deployments of the short form: in the others, time has to pass or a thousand calls have to be made. */
const SHORT_WORLDS: ReadonlySet<WorldName> = new Set(['main', 'closed', 'weak']);

const isShort = ({ long, world = 'main' }: Attack['options']): boolean => !long && SHORT_WORLDS.has(world);

export function chosen(attacks: readonly Attack[], { only, short }: Options): Attack[] {
  const named = only?.toLowerCase() ?? '';
  return attacks.filter(
    ({ group, name, options }) => `${group}: ${name}`.toLowerCase().includes(named) && (!short || isShort(options)),
  );
}
