/** What `npm run attack -- …` was asked to do. */
import type { WorldName } from '../../world/bundle/worlds.ts';
import { FLAG, optionsOf, TEXT } from '../../world/options.ts';
import type { Attack } from '../attack.ts';

export const USAGE = `npm run attack -- [options]

  --only TEXT   only attacks whose group or name holds TEXT
  --short       without those that take seconds each
  --list        names them, and runs none
  --help`;

export type Options = { only: string | null; short: boolean; list: boolean; help: boolean };

/** Throws an error with the usage for an option that does not exist. */
export function parseOptions(args: string[]): Options {
  const options = { only: TEXT, short: FLAG, list: FLAG, help: FLAG };
  return optionsOf(USAGE, args, options, ({ only = null, ...rest }) => ({ only, ...rest }));
}

/** Deployments of the short form: in the others, time has to pass or a thousand calls have to be made. */
const SHORT_WORLDS: ReadonlySet<WorldName> = new Set(['main', 'closed', 'weak']);

const isShort = ({ long, world = 'main' }: Attack['options']): boolean => !long && SHORT_WORLDS.has(world);

export function chosen(attacks: readonly Attack[], { only, short }: Options): Attack[] {
  const text = only?.toLowerCase() ?? '';
  return attacks.filter(
    ({ group, name, options }) => `${group}: ${name}`.toLowerCase().includes(text) && (!short || isShort(options)),
  );
}
