/** Builds the client package when it is missing or older than what it is made from. */
import { existsSync } from 'node:fs';
import { hashOf, isFresh, markFresh } from '../start/freshness.ts';
import { fromRoot } from '../start/paths.ts';
import { runStep } from '../start/run-step.ts';
import { BUILT } from './entries.ts';

const PACKAGE = fromRoot('client-sdk');

/** Returns whether it had to be built. Throws with the compiler's output when that fails. */
export async function buildClientSdk(): Promise<boolean> {
  const made = ['build.ts', 'entries.ts', 'shrink.ts', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];
  const own = ['src', 'generate', ...made].map((name) => fromRoot('client-sdk', name));
  // It is made from the server's contract and router.
  const theirs = ['contract', 'rpc'].map((name) => fromRoot('server', 'src', name));
  const hash = hashOf([...own, ...theirs, fromRoot('package-lock.json')]);
  const built = BUILT.every((name) => existsSync(fromRoot('client-sdk', name)));
  if (built && isFresh('client-sdk', hash)) return false;
  const { ok, output } = await runStep('npm', ['run', 'build', '--silent'], { cwd: PACKAGE });
  if (!ok) throw new Error(`the client package could not be built:\n${output.trim()}`);
  markFresh('client-sdk', hash);
  return true;
}
