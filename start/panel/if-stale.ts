/**
 * Builds /panel for local development, when it is missing or older than what it is made from: a page on the studio's parts that documents every
 * procedure and calls it. It is made of what `npm ci` has installed.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildClientSdk } from '../../client-sdk/build-if-stale.ts';
import { hashOf, isFresh, markFresh } from '../freshness.ts';
import { fromRoot, GENERATED } from '../paths.ts';
import { runStep } from '../run-step.ts';
import { describeServer } from './describe.ts';
import { PANEL_DIST, PROCEDURES } from './places.ts';

const VITE = fromRoot('node_modules', 'vite', 'bin', 'vite.js');
const MADE_FROM = [
  ['server', 'src'],
  ['start', 'panel'],
  ['studio', 'src', 'parts'],
  ['studio', 'src', 'style.css'],
  ['client-sdk', 'src', 'generated'],
  ['client-sdk', 'dist'],
  ['package-lock.json'],
];

/** Returns the folder to serve. Throws with Vite's output when it cannot be built. */
export async function buildPanel(): Promise<string> {
  await buildClientSdk();
  const hash = hashOf(MADE_FROM.map((names) => fromRoot(...names)));
  if (existsSync(path.join(PANEL_DIST, 'panel.html')) && isFresh('panel', hash)) return PANEL_DIST;
  mkdirSync(GENERATED, { recursive: true });
  writeFileSync(PROCEDURES, JSON.stringify(await describeServer()));
  const config = fromRoot('start', 'panel', 'vite.config.ts');
  const { NODE_ENV: _, ...env } = process.env;
  const { ok, output } = await runStep(process.execPath, [VITE, 'build', '--config', config], { env });
  if (!ok) throw new Error(`it could not be built:\n${output.trim()}`);
  markFresh('panel', hash);
  return PANEL_DIST;
}
