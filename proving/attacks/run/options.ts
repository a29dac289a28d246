/** What `npm run attack -- …` was asked to do. */
import { parseArgs } from 'node:util';
import type { WorldName } from '../../world/bundle/worlds.ts';
import type { Attack } from '../attack.ts';

export const USAGE = `npm run attack -- [options]

  --only TEXT   only attacks whose group or name holds TEXT
  --short       without those that take seconds each
  --list        names them, and runs none
  --help`;

export type Options = { only: string | null; short: boolean; list: boolean; help: boolean };

/** Throws an error with the usage for an option that does not exist. */
export function parseOptions(args: string[]): Options {
  try {
    const flag = { type: 'boolean', default: false } as const;
    const options = { only: { type: 'string' }, short: flag, list: flag, help: flag } as const;
    const { only, short, list, help } = parseArgs({ args, options }).values;
    return { only: only ?? null, short, list, help };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
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
