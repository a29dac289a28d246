/** How the commands that try to break it read what they were asked to do: node:util reads, and a mistake is told with the usage. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

export const FLAG = { type: 'boolean', default: false } as const;
export const TEXT = { type: 'string' } as const;

/** Throws an error with the usage for an option that does not exist, or that `read` finds to make no sense. */
export function optionsOf<const O extends ParseArgsOptionsConfig, T>(
  usage: string,
  args: string[],
  options: O,
  read: (values: ReturnType<typeof parseArgs<{ options: O }>>['values']) => T,
): T {
  try {
    return read(parseArgs({ args, options }).values);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

/** @param text as it was given; `fallback` when it was left out */
export function whole(name: string, text: string | undefined, fallback: number, min: number, max: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new Error(`--${name} is a whole number from ${min} to ${max}`);
  }
  return value;
}

/** Runs a command to its exit code: 2 where it could not do what it was asked to, with the reason on standard error. */
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
