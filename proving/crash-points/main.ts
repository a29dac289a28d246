/**
 * `npm run crash-points`: stops the server before and after every await that it has, and shows that each run ends settled.
 *
 *     --scenarios N   each point in that many of the scenarios that pass it (2)
 *     --only TEXT     only points whose name holds TEXT, such as queue/consumer
 *
 * Ends with an error when one did not settle, or when no scenario passes it.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { onInterrupt } from '../../start/ending.ts';
import { optionsGiven, refuse, text, whole } from '../../start/options.ts';
import { GENERATED } from '../../start/paths.ts';
import { endSteps, runVitest } from '../../start/run-step.ts';
import { allPoints, ONLY_SETTING, SCENARIOS_SETTING } from './plugin.ts';
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

const options = optionsGiven({ scenarios: whole(2, 1, 99), only: text('') });
const interruption = onInterrupt(endSteps);
const started = performance.now();
const names = allPoints(options.only).map(({ name }) => name);
if (names.length === 0) refuse(`--only: no point's name holds "${options.only}"`);
console.log(`${names.length} crash points, each in up to ${options.scenarios} scenarios`);
rmSync(RESULTS, { force: true });
const env = { ...process.env, [SCENARIOS_SETTING]: String(options.scenarios), [ONLY_SETTING]: options.only };
// What the runtime says about the crashes is of interest only when there are no results.
const { output } = await runVitest(['--project', 'crash', ...REPORTERS], { env });
const results = read();
if (results === null) {
  console.log(output);
  console.log(interruption.code === null ? '✘ vitest wrote no results' : 'stopped');
  process.exitCode = 1;
} else {
  const points = names.map((name): PointResult => resultOf(name, results));
  const seconds = (performance.now() - started) / 1000;
  console.log(table(points, seconds));
  process.exitCode = points.every(({ problem }) => problem === null) ? 0 : 1;
}
if (interruption.code !== null) process.exitCode = interruption.code;

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
