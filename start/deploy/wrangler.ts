/** Runs wrangler: what it is asked stands in its arguments, what is secret goes to its standard input, and nowhere else. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { ROOT, WRANGLER } from '../paths.ts';
import { SECRET_NAMES } from './secrets.ts';

export type Answer = { code: number; stdout: string; stderr: string };
type How = {
  /** For its standard input, which is closed after it. */
  input?: string;
  /** Called with each line that it prints while it runs. */
  show?: (text: string) => void;
};
export type Wrangler = (args: readonly string[], how?: How) => Promise<Answer>;

/** Which program runs in wrangler's place: tests set it. */
const PROGRAM = 'S3_DEPLOY_WRANGLER';

/**
 * Neither NODE_ENV, by which the Worker decides whether it takes itself for a production one, nor CLOUDFLARE_ENV, nor a secret that this process was given.
 */
export function wranglerEnv(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const dropped = new Set(['NODE_ENV', 'CLOUDFLARE_ENV', ...SECRET_NAMES]);
  const kept = Object.entries(given).filter(([name]) => !dropped.has(name));
  return { ...Object.fromEntries(kept), WRANGLER_HIDE_BANNER: 'true', NO_COLOR: '1', FORCE_COLOR: '0' };
}

/** Wrangler of the repository, or the program that the environment names. It never asks anything: its input is no terminal. */
export function wranglerOf(env: NodeJS.ProcessEnv): Wrangler {
  const program = env[PROGRAM] ?? WRANGLER;
  return (args, { input = '', show } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const options = { cwd: ROOT, env: wranglerEnv(env) };
    const child = spawn(process.execPath, [program, ...args], { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    const texts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (chunk: string) => {
        texts[stream] += chunk;
      });
      if (show !== undefined) createInterface({ input: child[stream] }).on('line', show);
    }
    child.on('error', reject);
    child.on('close', (code) => {
      // Its errors have colours whatever NO_COLOR says.
      const [stdout, stderr] = [stripVTControlCharacters(texts.stdout), stripVTControlCharacters(texts.stderr)];
      resolve({ code: code ?? 1, stdout, stderr });
    });
    // One that ends before it has read everything says so by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    return promise;
  };
}

/** A command as a person types it. */
export const typed = (args: readonly string[]): string =>
  [
    'npx wrangler',
    ...args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`)),
  ].join(' ');
