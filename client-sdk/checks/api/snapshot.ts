/** The written-down public API: client-sdk/api/<entry>.d.ts.txt as it is, client-sdk/api/released/ as it was last released. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fromRoot } from '../../../start/paths.ts';
import { ENTRIES } from '../../entries.ts';
import { breaking, mayBreak } from './compare.ts';

const API = fromRoot('client-sdk', 'api');
const RELEASED = path.join(API, 'released');
const VERSION = path.join(RELEASED, 'version.txt');

const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
const name = (entry: string): string => `${entry}.d.ts.txt`;
const built = (entry: string): string => read(fromRoot('client-sdk', 'dist', `${entry}.d.ts`));
const written = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.d.ts.txt')) : [];
const version = (): string => JSON.parse(read(fromRoot('client-sdk', 'package.json'))).version;

/** Entries whose declarations are not those that are written down, or that are gone. */
export function differing(): string[] {
  const names = ENTRIES.map((entry) => entry.name);
  const gone = written(API).filter((file) => !names.some((one) => name(one) === file));
  return [...names.filter((one) => built(one) !== read(path.join(API, name(one)))), ...gone];
}

/** What breaks apps of the last release, unless package.json has a version that may. */
export function broken(): string[] {
  const from = read(VERSION).trim();
  if (from === '' || mayBreak(from, version())) return [];
  return written(RELEASED).flatMap((file) =>
    breaking(read(path.join(RELEASED, file)), built(file.replace('.d.ts.txt', ''))).map((what) => `${file}: ${what}`),
  );
}

/** Writes down what was built. */
export function update(): void {
  mkdirSync(API, { recursive: true });
  for (const file of written(API)) rmSync(path.join(API, file));
  for (const entry of ENTRIES) writeFileSync(path.join(API, name(entry.name)), built(entry.name));
}

/** What is written down is from now on what releases are measured by. */
export function release(): string {
  rmSync(RELEASED, { recursive: true, force: true });
  mkdirSync(RELEASED, { recursive: true });
  for (const file of written(API)) copyFileSync(path.join(API, file), path.join(RELEASED, file));
  writeFileSync(VERSION, `${version()}\n`);
  return version();
}
