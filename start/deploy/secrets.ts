/** Which secrets a deployment puts, and where their values come from. Values are in no table, no argument and no log. */
import { randomBytes } from 'node:crypto';

/** What is never said aloud, by the names of the settings; a test holds them beside those of the server. */
export const SECRET_NAMES = [
  'JWT_SECRET',
  'JWT_SECRET_PREVIOUS',
  'GPU_CALLBACK_SECRET',
  'GPU_CALLBACK_SECRET_PREVIOUS',
  'R2_ACCESS_KEY_ID',
  'R2_SECRET_ACCESS_KEY',
  'GPU_API_KEY',
  'ADMIN_SECRET',
  'TURNSTILE_SECRET',
] as const;

/** Known to nobody but the Worker: made here when nobody gives them, but not where whoever deploys could not keep them. */
const MADE = new Set(['JWT_SECRET', 'GPU_CALLBACK_SECRET']);

export type Source = 'given' | 'made' | 'asked' | 'none';
/** A secret that the Worker does not have. */
export type Missing = { name: string; from: Source };

/**
 * Secrets to put: those without which nothing runs, and others that the environment gives. One that is there is left alone: to put another
 * value in its place is a rotation, docs/DEPLOY.md.
 * @param there names that the Worker has
 */
export function missingSecrets(
  required: readonly string[],
  there: readonly string[],
  env: NodeJS.ProcessEnv,
  isTerminal: boolean,
): Missing[] {
  const isGiven = (name: string) => (env[name]?.trim() ?? '') !== '';
  return SECRET_NAMES.filter((name) => !there.includes(name) && (required.includes(name) || isGiven(name))).map(
    (name) => {
      if (isGiven(name)) return { name, from: 'given' };
      if (MADE.has(name) && !env.CI) return { name, from: 'made' };
      return { name, from: isTerminal ? 'asked' : 'none' };
    },
  );
}

/** @param ask for a value, without showing what is typed */
export async function valuesOf(
  missing: readonly Missing[],
  env: NodeJS.ProcessEnv,
  ask: (name: string) => Promise<string>,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const { name, from } of missing) {
    if (from === 'made') values[name] = randomBytes(32).toString('hex');
    else values[name] = (from === 'given' ? env[name] : await ask(name))?.trim() ?? '';
    if (values[name] === '') throw new Error(`${name} has no value`);
  }
  return values;
}

/** Anything shorter is no secret, and stands in any text. */
const SHORTEST = 6;

/** Text without these values, whoever says it: as they are, and as JSON writes them. */
export function withoutValues(text: string, values: Iterable<string>): string {
  const forms = [...values]
    .filter(({ length }) => length >= SHORTEST)
    .flatMap((value) => [JSON.stringify(value).slice(1, -1), value]);
  // The longest first: one may be a part of another.
  return forms.toSorted((a, b) => b.length - a.length).reduce((left, form) => left.replaceAll(form, '[secret]'), text);
}
