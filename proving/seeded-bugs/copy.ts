/** Copies of the checkout to make mistakes in: the checkout itself is never touched. */
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TemporaryFolder, temporaryFolder } from '../../start/ending.ts';
import { ROOT } from '../../start/paths.ts';
import type { Bug } from './bug.ts';

/** What the tests need. */
const PARTS = [
  'client-sdk',
  'docs',
  'examples',
  'migrations',
  'package.json',
  'checks',
  'proving',
  'server',
  'start',
  'tsconfig.base.json',
  'vitest.workspace.ts',
  'wrangler.toml',
];
/** Installed packages are linked, not copied. */
const INSTALLED = [
  'node_modules',
  'server/node_modules',
  'client-sdk/node_modules',
  'examples/gpu-worker/node_modules',
  'proving/suites/trpc-clients/11.0.0/node_modules',
  'proving/suites/trpc-clients/11.10.0/node_modules',
];

export function copyOfCheckout(): TemporaryFolder {
  const temporary = temporaryFolder('s3-seeded-bugs-');
  const folder = temporary.path;
  for (const part of PARTS) {
    cpSync(path.join(ROOT, part), path.join(folder, part), {
      recursive: true,
      filter: (source) => path.basename(source) !== 'node_modules',
    });
  }
  for (const installed of INSTALLED) {
    const source = path.join(ROOT, installed);
    if (!existsSync(source)) continue;
    mkdirSync(path.dirname(path.join(folder, installed)), { recursive: true });
    symlinkSync(source, path.join(folder, installed), 'dir');
  }
  return temporary;
}

/** Makes the mistake; returns how to undo it. Throws when it does not fit the code any more. */
export function seed(folder: string, bug: Bug): () => void {
  const file = path.join(folder, bug.file);
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, withBug(good, bug));
  return () => writeFileSync(file, good);
}

export function withBug(good: string, { name, file, find, replace }: Bug): string {
  const times = good.split(find).length - 1;
  if (times !== 1) throw new Error(`"${name}": what it replaces stands ${times} times in ${file}, not once`);
  return good.replace(find, () => replace);
}
