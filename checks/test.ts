/**
 * `npm test`: every test, through Vitest. Its last line counts them. `npm test -- FILTER` runs those of the files that match.
 * `npm run test:studio` runs those of the studio in a browser.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildClientSdk } from '../client-sdk/build-if-stale.ts';
import { onInterrupt, temporaryFolder } from '../start/ending.ts';
import { endSteps, runTests, runVitest } from '../start/run-step.ts';
import { RESULTS_VARIABLE, type RunResults } from './test-results.ts';

/** A run of everything that finds fewer has lost some: Vitest ends well when a glob matches nothing. */
const FEWEST_TESTS = 3850;
/**
 * Projects whose files run one at a time, and mostly wait: for a browser, a whole stack, what ends after seconds. Alone at the end they
 * would leave the machine idle for minutes, so a run of everything has them in a Vitest of their own, beside the others.
 */
const BESIDE = ['e2e', 'suites'];
/** For `npm run test:studio`: the short way through it is among the end-to-end tests. */
const ELSEWHERE = ['studio'];
const REPORTERS = ['--reporter=default', '--reporter=./checks/test-results.ts'];

type Count = { passed: number; failed: number; skippedNames: string[]; problems: string[] };

const args = process.argv.slice(2);
const kept = temporaryFolder('s3-test-results-');
// Vitest has the signal too, and ends its workers.
const interruption = onInterrupt(endSteps);
await buildClientSdk();
const counts = await (args.length === 0 ? runEverything() : runPart('some', args).then((count) => [count]));
const count: Count = {
  passed: counts.reduce((sum, { passed }) => sum + passed, 0),
  failed: counts.reduce((sum, { failed }) => sum + failed, 0),
  skippedNames: counts.flatMap(({ skippedNames }) => skippedNames),
  problems: counts.flatMap(({ problems }) => problems),
};
if (args.length === 0 && count.passed + count.failed < FEWEST_TESTS) {
  count.problems.push(`only ${count.passed + count.failed} tests ran, and there are at least ${FEWEST_TESTS}`);
}
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

async function runEverything(): Promise<Count[]> {
  const beside = BESIDE.map((name) => `--project=${name}`);
  const others = [...BESIDE, ...ELSEWHERE].map((name) => `--project=!${name}`);
  const [first, second] = await Promise.all([runPart('others', others), runBeside(beside)]);
  // Two that speak at once cannot be read: what ran beside is shown when both have ended.
  console.log(second.output);
  return [first, second.count];
}

async function runPart(name: string, given: readonly string[]): Promise<Count> {
  const results = path.join(kept.path, name);
  const code = await runTests([...REPORTERS, ...given], { ...process.env, [RESULTS_VARIABLE]: results });
  return countTests(results, code);
}

async function runBeside(given: readonly string[]): Promise<{ count: Count; output: string }> {
  const results = path.join(kept.path, 'beside');
  const env = { ...process.env, [RESULTS_VARIABLE]: results };
  const { ok, output } = await runVitest([...REPORTERS, ...given], { env });
  return { count: countTests(results, ok ? 0 : 1), output };
}

/** @param code what Vitest ended with */
function countTests(results: string, code: number): Count {
  if (!existsSync(results)) return { passed: 0, failed: 0, skippedNames: [], problems: ['vitest wrote no results'] };
  const { modules, errors, ended }: RunResults = JSON.parse(readFileSync(results, 'utf8'));
  if (!ended) console.log('All tests were over and vitest did not end: it was ended.');
  const tests = modules.flatMap((module) => module.tests);
  const broken = modules.filter((module) => module.broken);
  const problems = [...broken.map(({ file }) => `${file} could not be loaded, or failed beside its tests`), ...errors];
  const failed = tests.filter(({ state }) => state === 'failed').length + broken.length;
  if (code !== 0 && failed === 0) problems.push(`vitest ended with ${code}`);
  return {
    passed: tests.filter(({ state }) => state === 'passed').length,
    failed,
    skippedNames: tests.flatMap(({ name, state }) => (state === 'skipped' ? [name] : [])),
    problems,
  };
}
