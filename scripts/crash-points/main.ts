/**
 * `npm run crash-points`: stops the server before and after every await that it has, and shows that each run ends settled.
 * `-- --scenarios N` takes each point in that many of the scenarios that pass it (2 when left out). Ends with an error when one did
 * not settle, or when no scenario passes it.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fromRoot, GENERATED, ROOT } from '../paths.ts';
import { allPoints, SCENARIOS_SETTING } from './plugin.ts';
import { type PointResult, table } from './table.ts';

const RESULTS = path.join(GENERATED, 'crash-points.json');
/** Progress is shown by file name alone: the table tells the rest. */
const REPORTERS = ['--reporter=dot', '--reporter=json', `--outputFile.json=${RESULTS}`];

type Assertion = {
  status: string;
  title: string;
  failureMessages: string[];
  meta: { crash?: { name: string; before: number; after: number } };
};

const { values } = parseArgs({ options: { scenarios: { type: 'string', default: '2' } } });
if (!/^[1-9]\d?$/.test(values.scenarios)) throw new Error('--scenarios is a number from 1');
const started = performance.now();
const names = allPoints().map(({ name }) => name);
console.log(`${names.length} crash points, each in up to ${values.scenarios} scenarios`);
const output = await vitest(values.scenarios);
const results = read();
if (results === null) {
  console.log(output);
  console.log('✘ vitest wrote no results');
  process.exitCode = 1;
} else {
  const points = names.map((name): PointResult => resultOf(name, results));
  const seconds = (performance.now() - started) / 1000;
  console.log(table(points, seconds));
  process.exitCode = points.every(({ problem }) => problem === null) ? 0 : 1;
}

function resultOf(name: string, all: Assertion[]): PointResult {
  const found = all.find(({ title }) => title === name);
  const { before = 0, after = 0 } = found?.meta.crash ?? {};
  const problem =
    found === undefined ? 'was not tested' : found.status === 'passed' ? null : firstLine(found.failureMessages);
  return { name, before, after, problem };
}

function firstLine(messages: string[]): string {
  return messages[0]?.split('\n')[0] ?? 'failed';
}

function read(): Assertion[] | null {
  if (!existsSync(RESULTS)) return null;
  const { testResults } = JSON.parse(readFileSync(RESULTS, 'utf8')) as {
    testResults: { assertionResults: Assertion[] }[];
  };
  return testResults.flatMap(({ assertionResults }) => assertionResults);
}

/** Runs the project `crash`; what the runtime says about the crashes is of interest only when there are no results. */
function vitest(scenarios: string): Promise<string> {
  rmSync(RESULTS, { force: true });
  const program = fromRoot('node_modules', 'vitest', 'vitest.mjs');
  const args = [program, 'run', '--config', 'vitest.workspace.ts', '--project', 'crash', ...REPORTERS];
  const env = { ...process.env, [SCENARIOS_SETTING]: scenarios };
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const { promise, resolve } = Promise.withResolvers<string>();
  child.on('error', (error) => resolve(error.message));
  child.on('close', () => resolve(output));
  return promise;
}
