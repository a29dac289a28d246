/** No two files import each other, by whatever way and be it for types alone: `npm run check` says so of a copy of the server with a circle in it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../start/ending.ts';
import { fromRoot } from '../../start/paths.ts';

const BIOME = fromRoot('node_modules', '@biomejs', 'biome', 'bin', 'biome');
const copy = temporaryFolder('s3-circles-');
const PLANTED = path.join(copy.path, 'server', 'src', 'planted');

/** What lint says of the copy, as `npm run check` calls it. */
function lint(): { ok: boolean; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIOME, 'check', '--colors=off', '.'], {
    cwd: copy.path,
    encoding: 'utf8',
  });
  return { ok: status === 0, said: stdout + stderr };
}

function plant(files: Record<string, string>): void {
  mkdirSync(PLANTED, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(PLANTED, `${name}.ts`), text);
}

beforeAll(() => {
  cpSync(fromRoot('server', 'src'), path.join(copy.path, 'server', 'src'), { recursive: true });
  for (const name of ['biome.json', '.gitignore']) cpSync(fromRoot(name), path.join(copy.path, name));
});
afterAll(() => copy.remove());

test('the server as it is has no circle', () => {
  expect(lint()).toMatchObject({ ok: true });
});

const value = (name: string, from: string) =>
  `import { ${from} } from './${from}.ts';\n\nexport const ${name} = (): string => ${from}.name;\n`;
const type = (name: string, from: string) =>
  `import type { ${from} } from './${from}.ts';\n\nexport type ${name} = ${from}[];\n`;

test.for([
  ['of two files at run time', { a: value('a', 'b'), b: value('b', 'a') }],
  ['of types alone', { A: type('A', 'B'), B: type('B', 'A') }],
  [
    'of types one way and values the other',
    {
      a: `${value('a', 'b')}export type T = string;\n`,
      b: `import type { T } from './a.ts';\n\nexport const b = (t: T): string => t;\n`,
    },
  ],
  ['of three files', { a: value('a', 'b'), b: value('b', 'c'), c: value('c', 'a') }],
  [
    'by way of an index',
    {
      index: `export { a } from './a.ts';\n`,
      a: `import { index } from './b.ts';\n\nexport const a = index;\n`,
      b: `import * as all from './index.ts';\n\nexport const index = () => all.a;\n`,
    },
  ],
  [
    'of a file that hands on what it imports',
    {
      a: `export type { B } from './b.ts';\nexport type A = string;\n`,
      b: `import type { A } from './a.ts';\n\nexport type B = A;\n`,
    },
  ],
] as [string, Record<string, string>][])('a circle %s is an error', ([, files]) => {
  plant(files);
  const { ok, said } = lint();
  for (const name of Object.keys(files)) writeFileSync(path.join(PLANTED, `${name}.ts`), 'export {};\n');
  expect(ok).toBe(false);
  expect(said).toContain('lint/suspicious/noImportCycles');
});
