/** Tells whether something that was made from files is still up to date: the hash of those files is kept beside the other generated things. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GENERATED, ROOT } from './paths.ts';

const stampFile = (name: string): string => path.join(GENERATED, 'stamps', name);

/** SHA-256 over names and contents of files and folders; what does not exist counts as absent. */
export function hashOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const start of paths) {
    for (const file of filesUnder(start))
      hash
        .update(`${path.relative(ROOT, file)}\0`)
        .update(readFileSync(file))
        .update('\0');
  }
  return hash.digest('hex');
}

function filesUnder(start: string): string[] {
  if (!existsSync(start)) return [];
  const entries = readEntries(start);
  if (!entries) return [start];
  return entries
    .filter((name) => name !== 'node_modules')
    .sort()
    .flatMap((name) => filesUnder(path.join(start, name)));
}

/** The names in a folder, or undefined for a file. */
function readEntries(start: string): string[] | undefined {
  try {
    return readdirSync(start);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

export function isFresh(name: string, hash: string): boolean {
  return existsSync(stampFile(name)) && readFileSync(stampFile(name), 'utf8') === hash;
}

export function markFresh(name: string, hash: string): void {
  mkdirSync(path.dirname(stampFile(name)), { recursive: true });
  writeFileSync(stampFile(name), hash);
}
