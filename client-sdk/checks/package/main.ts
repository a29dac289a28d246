/**
 * `npm run sdk:verify`: the client package as its users get it. Packs it, installs the tarball in an empty folder, compiles a strict
 * consumer, the type-level tests and the code of the READMEs against it, has it looked at by publint, attw and npm, and weighs it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ENTRIES } from '../../entries.ts';
import { compile, installConsumer, TYPESCRIPTS } from './consumer.ts';
import { lintPackage } from './lint.ts';
import { packClient } from './pack.ts';
import { weigh, weighDeclarations } from './sizes.ts';
import { type Row, table } from './table.ts';

const kb = (bytes: number): string => `${(bytes / 1000).toFixed(2)} kB`;
const atMost = (what: string, limit: number, value: number): Row => ({
  what,
  limit: `≤ ${kb(limit)}`,
  value: kb(value),
  ok: value <= limit,
});

async function verify(folder: string): Promise<Row[]> {
  const rows: Row[] = [];
  const step = (name: string) => console.log(`… ${name}`);

  step('pack');
  const { tarball, files } = await packClient(folder);
  rows.push({ what: 'npm pack', limit: 'dist, README, LICENSE', value: `${files.length} files`, ok: true });

  step('publint, attw and npm publish --dry-run');
  rows.push(...(await lintPackage(tarball)));

  step('install in an empty folder');
  const consumer = await installConsumer(folder, tarball);
  rows.push({ what: 'npm install', limit: '—', value: consumer.seconds, ok: true });

  for (const typescript of TYPESCRIPTS) {
    step(`compile with TypeScript ${typescript.version}`);
    rows.push(...(await compile(consumer, typescript)));
  }

  step('weigh');
  const main = await weigh(consumer, 'index');
  // The aim is 19,000. Of what is above it, 160 are the price of a second file for what looks at photos, which saves each page 2,300 before
  // it does anything; the rest is a job that is kept before it is asked for, a run that ends with the job it waits for files of, and the time left.
  rows.push(atMost('. with all of it, min+gzip', 19_450, main.all));
  rows.push(atMost('. before files are used', 17_050, main.atOnce));
  for (const [name, limit] of Object.entries({
    trpc: 3_500,
    react: 3_500,
    messages: 4_050,
    results: 1_500,
    sets: 8_000,
    files: 4_000,
    webhooks: 3_200,
  })) {
    rows.push(atMost(`./${name} without its peers`, limit, (await weigh(consumer, name)).all));
  }
  for (const { name } of ENTRIES) {
    const bytes = weighDeclarations(consumer, name);
    const what = `${name}.d.ts`;
    rows.push(name === 'index' ? atMost(what, 42_700, bytes) : { what, limit: '—', value: kb(bytes), ok: true });
  }
  return rows;
}

const folder = mkdtempSync(path.join(tmpdir(), 'sdk-verify-'));
try {
  const rows = await verify(folder);
  console.log(`\n${table(rows)}`);
  const missed = rows.filter(({ ok }) => !ok);
  for (const { what, detail } of missed) console.log(`\n${what}\n${detail ?? 'is over its limit'}`);
  process.exitCode = missed.length > 0 ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
