/** Runs a program to its end for a script: its output is kept, and shown when it fails. */
import { type ChildProcess, spawn } from 'node:child_process';
import { ROOT } from './paths.ts';

export type Ran = {
  ok: boolean;
  /** What it printed, to both streams unless told otherwise. */
  output: string;
  seconds: string;
  /** It took longer than `limitMs`, and was ended. */
  hung: boolean;
};

type StepOptions = {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** The streams whose text is kept. */
  kept?: readonly ('stdout' | 'stderr')[];
  limitMs?: number;
};

const running = new Set<ChildProcess>();

/** Hands a signal on to all that run. */
export function endSteps(signal: NodeJS.Signals): void {
  for (const child of running) child.kill(signal);
}

export function runStep(command: string, args: string[], options: StepOptions = {}): Promise<Ran> {
  const started = performance.now();
  const { promise, resolve } = Promise.withResolvers<Ran>();
  // npm is a script on Windows, which only a shell can start.
  const shell = process.platform === 'win32' && command === 'npm';
  const { cwd = ROOT, env = process.env, kept = ['stdout', 'stderr'], limitMs } = options;
  const child = spawn(command, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  let hung = false;
  const guard =
    limitMs === undefined
      ? undefined
      : setTimeout(() => {
          hung = true;
          child.kill('SIGKILL');
        }, limitMs);
  for (const stream of ['stdout', 'stderr'] as const) {
    if (kept.includes(stream)) child[stream].on('data', (chunk: Buffer) => (output += chunk.toString()));
    else child[stream].resume();
  }
  const end = (ok: boolean) => {
    clearTimeout(guard);
    running.delete(child);
    resolve({ ok, output, hung, seconds: `${((performance.now() - started) / 1000).toFixed(1)} s` });
  };
  child.on('error', (error) => {
    output += error.message;
    end(false);
  });
  child.on('close', (code) => end(code === 0));
  return promise;
}

/** Runs a program that speaks for itself, to its exit code. */
export function runThrough(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: 'inherit' });
  running.add(child);
  const { promise, resolve } = Promise.withResolvers<number>();
  child.on('error', () => resolve(1));
  child.on('exit', (code) => resolve(code ?? 1));
  return promise.finally(() => running.delete(child));
}

/** What runs the tests of the checkout at `folder`. */
const vitestOf = (folder: string, args: readonly string[]): string[] => [
  `${folder}/node_modules/vitest/vitest.mjs`,
  ...['run', '--config', 'vitest.workspace.ts', ...args],
];
export const runTests = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> =>
  runThrough(vitestOf(ROOT, args), env);

/** The same to its end, with what it printed. */
export const runVitest = (args: readonly string[], options: StepOptions = {}): Promise<Ran> =>
  runStep(process.execPath, vitestOf(options.cwd ?? ROOT, args), options);
