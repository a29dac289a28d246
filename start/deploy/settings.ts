/** What is wrong with a deployment's settings, by the Worker's own reading of them. */
import { pathToFileURL } from 'node:url';
import { fromRoot } from '../paths.ts';
import { SECRET_NAMES } from './secrets.ts';
import type { Target } from './target.ts';

type Parse = (vars: Record<string, string>, production: boolean) => unknown;

/** Long enough for every secret. */
const STAND_IN = 'x'.repeat(32);

/** Its code is loaded at run time: its types need those of Workers, which programs of Node have none of. */
export async function settingsParser(): Promise<Parse> {
  const module: { parseSettings: Parse } = await import(
    pathToFileURL(fromRoot('server', 'src', 'settings', 'settings.ts')).href
  );
  return module.parseSettings;
}

/**
 * @param known secrets that the Worker has, or that it will be given: their values are not looked at
 * @param given values of secrets that are to be put
 */
export function settingProblems(
  { vars, bucket, environment }: Target,
  known: readonly string[],
  given: Record<string, string>,
  parse: Parse,
): string[] {
  const section = environment === null ? '[vars]' : `[env.${environment}.vars]`;
  const plain = SECRET_NAMES.filter((name) => name in vars).map(
    (name) => `${name} stands in wrangler.toml, for everybody to read: take it out, and make another`,
  );
  const other =
    vars.R2_BUCKET_NAME !== undefined && vars.R2_BUCKET_NAME !== bucket
      ? [`R2_BUCKET_NAME under ${section} is ${vars.R2_BUCKET_NAME}, and the bucket that is bound is ${bucket}`]
      : [];
  const standIns = Object.fromEntries(known.map((name) => [name, STAND_IN]));
  return [...plain, ...other, ...refusals({ ...vars, ...standIns, ...given }, section, parse)];
}

function refusals(texts: Record<string, string>, section: string, parse: Parse): string[] {
  try {
    parse(texts, true);
    return [];
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'SettingsError') throw error;
    const isSecret = (problem: string) => SECRET_NAMES.some((name) => problem.startsWith(`${name} `));
    return error.message
      .replace(/^settings: /, '')
      .split('; ')
      .map((problem) =>
        isSecret(problem)
          ? `${problem} (a secret: give it in the environment)`
          : `${problem}, under ${section} in wrangler.toml`,
      );
  }
}
