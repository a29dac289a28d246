/**
 * `npm run sdk:runtimes`: the client's suite against the local stack, in Node 20, the repository's own Node, Bun, Deno, workerd and
 * headless Chromium. Prints what failed and a table; `npm run sdk:runtimes -- Bun Deno` runs it in these only.
 */

import { endInOrderWhenInterrupted } from '../../../start/ending.ts';
import { freePort } from '../../../start/local/ports.ts';
import { type Stack, startStack } from '../../../start/local/stack.ts';
import { columns } from '../../../start/table.ts';
import { buildClientSdk } from '../../build-if-stale.ts';
import { startScriptedGpu } from '../../test/conformance/scripted-gpu.ts';
import { installPrograms } from './programs.ts';
import { type Runtime, runtimes } from './runtimes.ts';
import type { Target, Told } from './suite.ts';

type Row = { name: string; passed: number; failed: number; left: number; seconds: string; note: string };

/** What runs without client-sdk/checks/runtimes/programs/ being installed. */
const AT_HAND = new Set(['workerd', 'chromium']);

const wanted = process.argv.slice(2).map((name) => name.toLowerCase());
let stack: Stack | undefined;
endInOrderWhenInterrupted();

await buildClientSdk();
const port = await freePort();
if (wanted.length === 0 || wanted.some((name) => !AT_HAND.has(name))) await installPrograms();
const all = runtimes(port);
const chosen = all.filter(({ name }) => wanted.length === 0 || wanted.includes(name.toLowerCase()));
if (chosen.length === 0)
  throw new Error(`none of ${wanted.join(', ')} is among ${all.map(({ name }) => name).join(', ')}`);

const gpu = await startScriptedGpu(() => ({
  baseUrl: stack?.baseUrl ?? '',
  adminSecret: stack?.secrets.ADMIN_SECRET ?? '',
}));
stack = await startStack({ gpu: { url: gpu.url }, vars: { CORS_ORIGINS: `http://localhost:${port}` } });
const rows: Row[] = [];
try {
  for (const runtime of chosen) rows.push(await runIn(runtime, { baseUrl: stack.baseUrl, control: gpu.url }));
} finally {
  await stack.stop();
  gpu.close();
}
printTable(rows);
process.exitCode = rows.some(({ failed }) => failed > 0) ? 1 : 0;

async function runIn({ name, missing, run }: Runtime, target: Target): Promise<Row> {
  const row: Row = { name, passed: 0, failed: 0, left: 0, seconds: '-', note: '' };
  if (missing !== null) return { ...row, note: `not here: ${missing}` };
  const started = performance.now();
  process.stdout.write(`${name} …`);
  const problems: string[] = [];
  const tell = (told: Told): void => {
    if (told.left !== undefined) row.left += 1;
    else if (told.error === null) row.passed += 1;
    else problems.push(`${told.name}\n      ${told.error}`);
    if (told.left !== undefined) row.note = told.left;
  };
  try {
    await run(target, tell);
    if (row.passed + problems.length === 0) problems.push('no case ran');
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  row.failed = problems.length;
  row.seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(` ${row.passed} passed, ${row.failed} failed, ${row.seconds} s`);
  for (const problem of problems) console.log(`  ✘ ${problem}`);
  return row;
}

function printTable(all: Row[]): void {
  const cells = all.map((row) => [row.name, ...[row.passed, row.failed, row.left].map(String), row.seconds, row.note]);
  const head = ['runtime', 'passed', 'failed', 'left out', 'seconds', ''];
  console.log(`\n${columns([head, ...cells], [-10, 7, 7, 7, 7, -1])}`);
}
