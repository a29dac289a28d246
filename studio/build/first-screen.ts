/** What a newcomer's browser has to load before it can show anything, from Vite's manifest: the entry and all that it imports at once. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** Bytes of JavaScript after gzip that the first screen may have. */
export const FIRST_SCREEN_LIMIT = 170_000;

type Chunk = { file: string; isEntry?: boolean; imports?: string[] };
type Manifest = Record<string, Chunk>;

/** @param dist what `vite build` wrote, with its manifest */
export function firstScreen(dist: string): { files: string[]; bytes: number } {
  const manifest = JSON.parse(readFileSync(path.join(dist, '.vite', 'manifest.json'), 'utf8')) as Manifest;
  const files = filesAtOnce(manifest);
  const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(path.join(dist, file))).length, 0);
  return { files, bytes };
}

export function filesAtOnce(manifest: Manifest): string[] {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const chunk = manifest[name];
    if (chunk === undefined || seen.has(name)) return;
    seen.add(name);
    for (const other of chunk.imports ?? []) visit(other);
  };
  for (const [name, { isEntry }] of Object.entries(manifest)) if (isEntry) visit(name);
  return [...seen].map((name) => manifest[name]?.file ?? '').filter((file) => file.endsWith('.js'));
}
