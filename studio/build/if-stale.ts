/** Builds the studio when it is missing or older than what it is made from, the client package included. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildClientSdk } from '../../client-sdk/build-if-stale.ts';
import { hashOf, isFresh, markFresh } from '../../start/freshness.ts';
import { fromRoot } from '../../start/paths.ts';
import { runStep } from '../../start/run-step.ts';
import { FIRST_SCREEN_LIMIT, firstScreen } from './first-screen.ts';
import { R2_STORAGE, siteHeaders } from './headers.ts';

/** What the Worker serves. */
export const STUDIO_DIST = fromRoot('studio', 'dist');
const VITE = fromRoot('node_modules', 'vite', 'bin', 'vite.js');

/** Returns the folder to serve. Throws with Vite's output when it cannot be built, or when its first screen is too heavy. */
export async function buildStudio(): Promise<string> {
  await buildClientSdk();
  const own = ['src', 'public', 'build', 'index.html', 'package.json'].map((name) => fromRoot('studio', name));
  const hash = hashOf([...own, fromRoot('client-sdk', 'dist'), fromRoot('package-lock.json')]);
  if (existsSync(path.join(STUDIO_DIST, 'index.html')) && isFresh('studio', hash)) return STUDIO_DIST;
  const config = fromRoot('studio', 'build', 'vite.config.ts');
  const { NODE_ENV: _, ...env } = process.env;
  const { ok, output } = await runStep(process.execPath, [VITE, 'build', '--config', config], { env });
  if (!ok) throw new Error(`the studio could not be built:\n${output.trim()}`);
  const { bytes } = firstScreen(STUDIO_DIST);
  if (bytes > FIRST_SCREEN_LIMIT) {
    // So that it is not taken for the one before, which may be what the sources say again.
    rmSync(STUDIO_DIST, { recursive: true });
    throw new Error(
      `the studio's first screen has ${bytes} bytes of JavaScript after gzip, ${FIRST_SCREEN_LIMIT} at most`,
    );
  }
  writeFileSync(path.join(STUDIO_DIST, '_headers'), siteHeaders(R2_STORAGE));
  // Nobody is served the list of its parts.
  writeFileSync(path.join(STUDIO_DIST, '.assetsignore'), '.vite\n.assetsignore\n_headers\n');
  markFresh('studio', hash);
  return STUDIO_DIST;
}
