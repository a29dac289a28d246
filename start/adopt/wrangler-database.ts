/** D1 through wrangler: the deployed one, or the local one of this machine. */
import { WRANGLER } from '../paths.ts';
import { type Ran, runStep } from '../run-step.ts';
import type { Database, Row } from './sql.ts';

export type Where = {
  /** Its name, or its binding in wrangler.toml. */
  database: string;
  remote: boolean;
  /** An environment of wrangler.toml. */
  env: string | null;
  /** Where the local one lies, if not where wrangler puts it. */
  persistTo: string | null;
};

/** What one command line and one request take with ease, in bytes: D1 takes 100 KB a statement. */
const MOST = 60_000;

export function openD1(where: Where, run: (args: string[]) => Promise<Ran> = runWrangler): Database {
  const { database, remote, env, persistTo } = where;
  const fixed = [
    ...['d1', 'execute', database, remote ? '--remote' : '--local', '--json', '--yes'],
    ...(env === null ? [] : ['--env', env]),
    ...(persistTo === null ? [] : ['--persist-to', persistTo]),
  ];
  return {
    run: async (statements) => {
      const rows: Row[][] = [];
      for (const some of inCommands(statements)) {
        const { ok, output } = await run([...fixed, '--command', some.join(';\n')]);
        rows.push(...rowsOf(ok, output, some.length));
      }
      return rows;
    },
  };
}

const runWrangler = (args: string[]): Promise<Ran> =>
  runStep(process.execPath, [WRANGLER, ...args], { kept: ['stdout', 'stderr'] });

/** As many to a command as fit. */
export function inCommands(statements: readonly string[]): string[][] {
  const commands: string[][] = [];
  let bytes = MOST;
  for (const statement of statements) {
    const more = Buffer.byteLength(statement) + 2;
    if (bytes + more > MOST) {
      commands.push([]);
      bytes = 0;
    }
    commands.at(-1)?.push(statement);
    bytes += more;
  }
  return commands;
}

/** wrangler prints a JSON array with the rows of each statement, or one object with what went wrong, and at times warnings around them. */
export function rowsOf(ok: boolean, output: string, statements: number): Row[][] {
  const told = jsonIn(output);
  if (!ok || !Array.isArray(told)) throw new Error(`wrangler d1 execute failed: ${errorIn(told) ?? output.trim()}`);
  if (told.length !== statements) throw new Error(`wrangler answered ${told.length} of ${statements} statements`);
  return told.map(({ results }: { results?: Row[] }) => results ?? []);
}

function jsonIn(output: string): unknown {
  const start = output.search(/^[[{]/m);
  const end = Math.max(output.lastIndexOf(']'), output.lastIndexOf('}'));
  try {
    return start === -1 ? undefined : JSON.parse(output.slice(start, end + 1));
  } catch {
    return undefined;
  }
}

function errorIn(told: unknown): string | undefined {
  if (typeof told !== 'object' || told === null || !('error' in told)) return undefined;
  const { error } = told as { error: { text?: string; notes?: { text: string }[] } };
  return [error.text, ...(error.notes ?? []).map(({ text }) => text)].filter(Boolean).join(': ');
}
