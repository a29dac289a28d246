/**
 * `npm test`: every test, through Vitest. Its last line counts them. `npm test -- FILTER` runs those of the files that match.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { buildClientSdk } from '../client-sdk/build-if-stale.ts';
import { onInterrupt } from '../start/ending.ts';
import { endSteps, runTests } from '../start/run-step.ts';
import { RESULTS, type RunResults } from './test-results.ts';

/** A run of everything that finds fewer has lost some: Vitest ends well when a glob matches nothing. */
const FEWEST_TESTS = 1700;

type Count = { passed: number; failed: number; skippedNames: string[]; problems: string[] };

const args = process.argv.slice(2);
// Vitest has the signal too, and ends its workers.
const interruption = onInterrupt(endSteps);
await buildClientSdk();
rmSync(RESULTS, { force: true });
const code = await runTests(['--reporter=default', '--reporter=./checks/test-results.ts', ...args]);
const count = countTests();
if (args.length === 0 && count.passed + count.failed < FEWEST_TESTS) {
  count.problems.push(`only ${count.passed + count.failed} tests ran, and there are at least ${FEWEST_TESTS}`);
}
if (code !== 0 && count.failed === 0) count.problems.push(`vitest ended with ${code}`);
// What went wrong outside a test counts as one that failed, so that the last line never looks better than the run.
if (count.problems.length > 0 && count.failed === 0) count.failed = 1;

// A filter skips by its nature.
if (args.length === 0) for (const name of count.skippedNames) console.log(`↓ skipped: ${name}`);
if (count.skippedNames.some((name) => name.startsWith('in Chromium'))) await sayWhatBringsChromium();
for (const problem of count.problems) console.log(`✘ ${problem}`);
const skipped = count.skippedNames.length > 0 ? `, ${count.skippedNames.length} skipped` : '';
console.log(`${count.passed} passed, ${count.failed} failed${skipped}`);
process.exitCode = interruption.code ?? (count.failed > 0 ? 1 : 0);

/** Loaded late: Playwright takes its time, and it is seldom needed here. */
async function sayWhatBringsChromium(): Promise<void> {
  const { bringChromium, noChromium } = await import('../server/test/e2e/browser/chromium.ts');
  if (noChromium === null) return;
  console.log(`The tests in a browser were skipped: ${noChromium}. This brings it:  ${bringChromium()}`);
}

function countTests(): Count {
  if (!existsSync(RESULTS)) return { passed: 0, failed: 0, skippedNames: [], problems: ['vitest wrote no results'] };
  const { modules, errors, ended }: RunResults = JSON.parse(readFileSync(RESULTS, 'utf8'));
  if (!ended) console.log('All tests were over and vitest did not end: it was ended.');
  const tests = modules.flatMap((module) => module.tests);
  const broken = modules.filter((module) => module.broken);
  return {
    passed: tests.filter(({ state }) => state === 'passed').length,
    failed: tests.filter(({ state }) => state === 'failed').length + broken.length,
    skippedNames: tests.flatMap(({ name, state }) => (state === 'skipped' ? [name] : [])),
    problems: [...broken.map(({ file }) => `${file} could not be loaded, or failed beside its tests`), ...errors],
  };
}
