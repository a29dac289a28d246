/**
 * `npm test`: every test, through Vitest. Its last line counts them. `npm test -- FILTER` runs those of the files that match.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildClientSdk } from './client-sdk.ts';
import { fromRoot, GENERATED, ROOT } from './paths.ts';

/** A run of everything that finds fewer has lost some: Vitest ends well when a glob matches nothing. */
const FEWEST_TESTS = 1150;
const RESULTS = path.join(GENERATED, 'test-results.json');

type Results = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name: string; status: string; assertionResults: unknown[] }[];
};
type Count = { passed: number; failed: number; skipped: number; problems: string[] };

const args = process.argv.slice(2);
await buildClientSdk();
const code = await vitest();
const count = countTests();
if (args.length === 0 && count.passed + count.failed < FEWEST_TESTS) {
  count.problems.push(`only ${count.passed + count.failed} tests ran, and there are at least ${FEWEST_TESTS}`);
}
if (code !== 0 && count.failed === 0) count.problems.push(`vitest ended with ${code}`);
// What went wrong outside a test counts as one that failed, so that the last line never looks better than the run.
if (count.problems.length > 0 && count.failed === 0) count.failed = 1;

for (const problem of count.problems) console.log(`✘ ${problem}`);
const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
console.log(`${count.passed} passed, ${count.failed} failed${skipped}`);
process.exitCode = count.failed > 0 ? 1 : 0;

function vitest(): Promise<number> {
  rmSync(RESULTS, { force: true });
  const program = fromRoot('node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${RESULTS}`];
  const run = [program, 'run', '--config', 'vitest.workspace.ts', ...reporters, ...args];
  const child = spawn(process.execPath, run, { cwd: ROOT, stdio: 'inherit' });
  // It has the signal too, and ends its workers.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (status) => resolve(status ?? 1));
  });
}

function countTests(): Count {
  if (!existsSync(RESULTS)) return { passed: 0, failed: 0, skipped: 0, problems: ['vitest wrote no results'] };
  const results: Results = JSON.parse(readFileSync(RESULTS, 'utf8'));
  const broken = results.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + broken.length,
    skipped: results.numPendingTests + results.numTodoTests,
    problems: broken.map((file) => `${path.relative(ROOT, file.name)} could not be loaded`),
  };
}
