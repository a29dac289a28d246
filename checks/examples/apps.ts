/** The apps, and how each is used. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromRoot } from '../../start/paths.ts';
import { runStep } from '../../start/run-step.ts';
import type { Around } from './around.ts';
import { addressOf, folderOf } from './install.ts';
import { usePage } from './page.ts';

export type App = {
  name: string;
  /** Adds what went wrong to `problems`, and says what was seen. */
  use(around: Around, problems: string[]): Promise<string>;
};

const PHOTOS = fromRoot('examples', 'photos', 'interior');

/** Vite's own server of what was built. */
const vite = (port: number): string[] => ['--port', String(port), '--strictPort', '--host', 'localhost'];

export const APPS: readonly App[] = [
  { name: 'node', use: runInNode },
  { name: 'vite-react', use: usePage('vite-react', vite) },
  { name: 'vue', use: usePage('vue', vite) },
  { name: 'next', use: usePage('next', (port) => ['-p', String(port), '-H', 'localhost']) },
  { name: 'react-native', use: lookAtBundle },
];

async function runInNode({ baseUrl }: Around, problems: string[]): Promise<string> {
  const results = mkdtempSync(path.join(tmpdir(), 's3-example-'));
  try {
    const ran = await runStep('npm', ['start', '--silent', '--', PHOTOS, results], {
      cwd: folderOf('node'),
      env: addressOf(baseUrl),
    });
    if (!ran.ok) problems.push(`it failed:\n${ran.output.trim()}`);
    const photos = readdirSync(PHOTOS).length;
    const pictures = readdirSync(results).filter((name) => isJpeg(readFileSync(path.join(results, name))));
    if (pictures.length !== photos)
      problems.push(`${pictures.length} results of ${photos} photos:\n${ran.output.trim()}`);
    return `${pictures.length} photos of ${photos} came back`;
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

const isJpeg = (bytes: Buffer): boolean => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes.length > 10_000;

/** No phone is at hand: what a phone would be given is looked at. */
async function lookAtBundle(_: Around, problems: string[]): Promise<string> {
  const bundle = readFileSync(path.join(folderOf('react-native'), 'dist', 'main.js'), 'utf8');
  for (const part of ['jobs.confirmUpload', 'AppRegistry', 'CREDITS_EXHAUSTED']) {
    if (!bundle.includes(part)) problems.push(`the bundle is without ${part}`);
  }
  return `a bundle of ${(bundle.length / 1e6).toFixed(1)} MB`;
}
