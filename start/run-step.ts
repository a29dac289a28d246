/** Runs a program to its end for a script: its output is kept, and shown when it fails. */
import { spawn } from 'node:child_process';
import { ROOT } from './paths.ts';

export type Ran = { ok: boolean /** What it printed to both streams. */; output: string; seconds: string };

export function runStep(
  command: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  const started = performance.now();
  const { promise, resolve } = Promise.withResolvers<Ran>();
  // npm is a script on Windows, which only a shell can start.
  const shell = process.platform === 'win32' && command === 'npm';
  const { cwd = ROOT, env = process.env } = options;
  const child = spawn(command, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const end = (ok: boolean) =>
    resolve({ ok, output, seconds: `${((performance.now() - started) / 1000).toFixed(1)} s` });
  child.on('error', (error) => {
    output += error.message;
    end(false);
  });
  child.on('close', (code) => end(code === 0));
  return promise;
}
