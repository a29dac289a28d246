/** How every command reads what it was asked to do: node:util reads, and a mistake is told with the usage. */
import { parseArgs } from 'node:util';

/** One option: how it is given, and what is made of it. */
type Option<T> = {
  config: { type: 'boolean' | 'string'; multiple?: boolean; short?: string };
  read(given: string | boolean | (string | boolean)[] | undefined, name: string): T;
};
type Spec = Record<string, Option<unknown>>;
export type Given<S extends Spec> = { [name in keyof S]: ReturnType<S[name]['read']> };

export const flag = (short?: string): Option<boolean> => ({
  config: { type: 'boolean', ...(short === undefined ? {} : { short }) },
  read: (given) => given === true,
});
export const text = <F extends string | null>(fallback: F, short?: string): Option<string | F> => ({
  config: { type: 'string', ...(short === undefined ? {} : { short }) },
  read: (given) => (typeof given === 'string' ? given : fallback),
});
/** May be given several times. */
export const texts: Option<string[]> = {
  config: { type: 'string', multiple: true },
  read: (given) => [given ?? []].flat().map(String),
};
export const whole = <F extends number | null>(fallback: F, min: number, max: number): Option<number | F> => ({
  config: { type: 'string' },
  read: (given, name) => (given === undefined ? fallback : within(name, Number(given), min, max)),
});
export const oneOf = <T extends string, F extends T | null>(all: readonly T[], fallback: F): Option<T | F> => ({
  config: { type: 'string' },
  read: (given, name) => {
    const found = given === undefined ? fallback : all.find((one) => one === given);
    if (found === undefined) throw new Error(`--${name} ${String(given)}: it is one of ${all.join(', ')}`);
    return found;
  },
});

export function within(name: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new Error(`--${name} is a whole number from ${min} to ${max}`);
}

/** Throws an error with the usage for an option that does not exist, or for one that makes no sense. */
export function optionsOf<S extends Spec>(spec: S, args: string[], usage = ''): Given<S> {
  const options = Object.fromEntries(Object.entries(spec).map(([name, { config }]) => [name, config]));
  try {
    const { values } = parseArgs({ args, options });
    const read = Object.entries(spec).map(([name, option]) => [name, option.read(values[name], name)]);
    return Object.fromEntries(read) as Given<S>;
  } catch (error) {
    throw new Error([error instanceof Error ? error.message : String(error), usage].join('\n\n').trim());
  }
}

/** What this process was asked to do; one that was asked what makes no sense says so, and ends with 2. */
export function optionsGiven<S extends Spec>(spec: S, usage?: string): Given<S> {
  try {
    return optionsOf(spec, process.argv.slice(2), usage);
  } catch (error) {
    return refuse(error);
  }
}

/** Ends this process with 2, as one that could not do what it was asked to, with the reason on standard error. */
export function refuse(reason: unknown): never {
  console.error(reason instanceof Error ? reason.message : reason);
  process.exit(2);
}

/** Runs a command to its exit code. */
export async function runCommand<O extends { help: boolean }>(
  parse: (args: string[]) => O,
  usage: string,
  main: (options: O) => Promise<number>,
): Promise<void> {
  try {
    const options = parse(process.argv.slice(2));
    if (options.help) console.log(usage);
    process.exitCode = options.help ? 0 : await main(options);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}
