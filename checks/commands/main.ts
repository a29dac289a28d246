/**
 * `npm run commands [-- --only TEXT]`: types the commands of README.md, docs/DEPLOY.md and package.json in a fresh clone in a temporary folder, in a
 * short form where the whole takes minutes, and looks at exit code, last line, and what is left behind. A command that known.ts does
 * not know fails by its name. Ends with 1 when one did not do what it should.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { endInOrderWhenInterrupted, temporaryFolder } from '../../start/ending.ts';
import { assertPortFree, freePort } from '../../start/local/ports.ts';
import { optionsGiven, text } from '../../start/options.ts';
import { fromRoot } from '../../start/paths.ts';
import { freshClone } from './clone.ts';
import { INTERRUPTED, TYPED, type Typed, unknown } from './known.ts';
import { commandsOf, PAGES } from './readme.ts';
import { leftIn, typeIn, until } from './terminal.ts';

/** No command takes longer than this, in milliseconds. */
const LIMIT_MS = 240_000;
/** What a command has started may take so long to be gone after it. */
const GONE_MS = 15_000;
const SHOWN_LINES = 25;

const { only } = optionsGiven({ only: text('') });
endInOrderWhenInterrupted();
const started = performance.now();
const folder = temporaryFolder('s3-commands-');
const clone = path.join(folder.path, 'clone');
freshClone(clone);

const problems = unknown(
  PAGES.flatMap((page) => commandsOf(readFileSync(path.join(clone, page), 'utf8'))),
  Object.keys(JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')).scripts).map(scriptCommand),
);
for (const problem of problems) console.log(`✘ ${problem}`);

const all = [...TYPED, ...INTERRUPTED].filter((typed) => spoken(typed).includes(only));
let failed = problems.length;
for (const typed of all) if (!(await passes(typed))) failed++;
folder.remove();
console.log(`${all.length} commands, ${failed} failed, ${Math.round((performance.now() - started) / 1000)} s`);
process.exit(failed > 0 || all.length === 0 ? 1 : 0);

function scriptCommand(name: string): string {
  return name === 'test' ? 'npm test' : `npm run ${name}`;
}

function spoken({ of, type, until: before }: Typed): string {
  return `${type ?? of}${before === undefined ? '' : `, ended by ${before.signal}`}`;
}

async function passes(typed: Typed): Promise<boolean> {
  const begun = performance.now();
  const at = `${Math.round((begun - started) / 1000)}`.padStart(4);
  const temporary = path.join(folder.path, `tmp-${at.trim()}`);
  mkdirSync(temporary, { recursive: true });
  const found: string[] = [];
  const output = await run(typed, temporary, found).catch((error: Error) => {
    found.push(error.message);
    return '';
  });
  const seconds = Math.round((performance.now() - begun) / 1000);
  console.log(`${at} s  ${found.length === 0 ? '✔' : '✘'} ${spoken(typed)} (${seconds} s)`);
  for (const what of found) console.log(`          ${what}`);
  if (found.length > 0)
    console.log(output.split('\n').slice(-SHOWN_LINES).join('\n').replaceAll(/^/gm, '          | '));
  return found.length === 0;
}

/** @returns what it printed @param problems takes what was wrong */
async function run(typed: Typed, temporary: string, problems: string[]): Promise<string> {
  const { command, env } = await withFreePorts(typed);
  const typing = typeIn(clone, command, { ...env, TMPDIR: temporary }, path.join(folder.path, 'output.log'));
  const limit = setTimeout(() => {
    problems.push(`it did not end within ${LIMIT_MS / 1000} s`);
    typing.signal('SIGKILL');
  }, LIMIT_MS);
  try {
    if (typed.until !== undefined) await interrupt(typed.until);
    const code = await typing.ended;
    const lines = typing.output().trimEnd().split('\n');
    const last = lines.at(-1) ?? '';
    if (code !== (typed.code ?? 0)) problems.push(`it ended with ${code} and not with ${typed.code ?? 0}`);
    if (!typed.last.test(last)) problems.push(`its last line is "${last}", which does not match ${typed.last}`);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
    typing.signal('SIGKILL');
  } finally {
    clearTimeout(limit);
  }
  for (const process_ of await leftIn(clone, GONE_MS)) problems.push(`it left a process behind: ${process_}`);
  for (const name of readdirSync(temporary)) {
    if (name.startsWith('s3-')) problems.push(`it left a folder behind: ${name}`);
  }
  return typing.output();

  async function interrupt({ at, beside = [], signal }: NonNullable<Typed['until']>): Promise<void> {
    await until(typing, at);
    for (const one of beside) {
      const log = path.join(folder.path, 'beside.log');
      const other = typeIn(clone, one.type ?? one.of, { TMPDIR: temporary, BASE_URL: addressIn(typing.output()) }, log);
      const code = await other.ended;
      const last = other.output().trimEnd().split('\n').at(-1) ?? '';
      if (code !== 0 || !one.last.test(last)) problems.push(`${one.of} ended with ${code} and "${last}"`);
    }
    if (signal === 'SIGINT') typing.signal(signal);
    else typing.kill(signal);
  }
}

function addressIn(output: string): string {
  return /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? '';
}

/** The README's ports where they are free. */
async function withFreePorts({
  of,
  type = of,
  ports = [],
}: Typed): Promise<{ command: string; env: NodeJS.ProcessEnv }> {
  const command = type.replace(/^PORT=\d+ /, '');
  const named = /^PORT=(\d+) /.exec(type)?.[1];
  try {
    for (const port of ports) await assertPortFree(port);
    return { command, env: named === undefined ? {} : { PORT: named } };
  } catch {
    return { command, env: { PORT: String(await freePort()) } };
  }
}
