/** An app of examples/apps, installed from its lock file with the client copied in, and built. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { hashOf, isFresh, markFresh } from '../../start/freshness.ts';
import { fromRoot } from '../../start/paths.ts';
import { runStep } from '../../start/run-step.ts';

export const folderOf = (name: string): string => fromRoot('examples', 'apps', name);

/** What an app reads the address of the API from: each kind of app has a name of its own for what its build may see. */
export const addressOf = (baseUrl: string): NodeJS.ProcessEnv => ({
  ...process.env,
  S3_URL: baseUrl,
  VITE_S3_URL: baseUrl,
  NEXT_PUBLIC_S3_URL: baseUrl,
  NEXT_TELEMETRY_DISABLED: '1',
});

/** Unless nothing has changed since. The client is copied, as a published one would lie there, and not linked. */
export async function install(name: string): Promise<void> {
  const cwd = folderOf(name);
  const hash = hashOf([
    path.join(cwd, 'package-lock.json'),
    fromRoot('client-sdk', 'dist'),
    fromRoot('client-sdk', 'package.json'),
  ]);
  const installed = path.join(cwd, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && isFresh(`example-${name}`, hash)) return;
  const { ok, output } = await runStep('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd });
  if (!ok) throw new Error(`npm ci failed:\n${output.trim()}`);
  markFresh(`example-${name}`, hash);
}

/** By the app's own script, where it has one. */
export async function build(name: string, baseUrl: string): Promise<void> {
  const cwd = folderOf(name);
  const { scripts } = JSON.parse(readFileSync(path.join(cwd, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  if (scripts.build === undefined) return;
  const { ok, output } = await runStep('npm', ['run', '--silent', 'build'], { cwd, env: addressOf(baseUrl) });
  if (!ok) throw new Error(`npm run build failed:\n${output.trim().split('\n').slice(-40).join('\n')}`);
}
