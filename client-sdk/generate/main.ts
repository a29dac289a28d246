/**
 * `npm run generate -w client-sdk`: makes src/generated from the server's contract and router. `-- --check` writes nothing, and fails when
 * what stands there is stale.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fromRoot } from '../../start/paths.ts';
import { generatedFiles } from './files.ts';

const FOLDER = fromRoot('client-sdk', 'src', 'generated');
const BIOME = fromRoot('node_modules', '@biomejs', 'biome', 'bin', 'biome');

/** As `npm run format` would leave it. */
function formatted(name: string, text: string): string {
  const args = [BIOME, 'format', `--stdin-file-path=${path.join(FOLDER, name)}`];
  return execFileSync(process.execPath, args, { cwd: fromRoot(''), input: text, encoding: 'utf8' });
}

const wanted = new Map(
  Object.entries(await generatedFiles()).map(([name, text]) => [`${name}.ts`, formatted(`${name}.ts`, text)]),
);
const there = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
const stale = [
  ...[...wanted].filter(
    ([name, text]) => !there.includes(name) || readFileSync(path.join(FOLDER, name), 'utf8') !== text,
  ),
  ...there.filter((name) => !wanted.has(name)).map((name): [string, null] => [name, null]),
];
if (process.argv.includes('--check')) {
  for (const [name] of stale) {
    console.log(`client-sdk/src/generated/${name} is not what the server says: npm run generate -w client-sdk`);
  }
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of stale) {
    if (text === null) rmSync(path.join(FOLDER, name));
    else writeFileSync(path.join(FOLDER, name), text);
  }
  for (const [name] of stale) console.log(`wrote client-sdk/src/generated/${name}`);
}
