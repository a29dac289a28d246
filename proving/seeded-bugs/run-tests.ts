/** Running test files in a copy, and what came of it. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runVitest } from '../../start/run-step.ts';

/** `failed`: the first test that failed, in its own words. `broken`: the tests themselves could not run. */
export type Outcome =
  | { kind: 'passed'; tests: number }
  | { kind: 'failed'; test: string }
  | { kind: 'broken'; why: string };

type Report = {
  numTotalTests: number;
  numPassedTests: number;
  testResults: {
    name: string;
    message: string;
    status: string;
    assertionResults: { status: string; title: string }[];
  }[];
};

const REPORT = '.seeded-bugs.json';
/** A machine that is busy with other things must not look like a test that noticed something. */
const PATIENCE = ['--testTimeout=60000', '--hookTimeout=60000'];
/** Milliseconds after which a Vitest that still runs is taken for one that hangs: the slowest file takes a sixth of that. */
const LONGEST_RUN = 15 * 60_000;
/** @param bail whether the first failure ends it */
export async function runTests(folder: string, files: readonly string[], bail: boolean): Promise<Outcome> {
  const report = path.join(folder, REPORT);
  rmSync(report, { force: true });
  const args = [...PATIENCE, '--reporter=json', `--outputFile=${report}`, ...(bail ? ['--bail=1'] : []), ...files];
  const run = () => runVitest(args, { cwd: folder, kept: ['stderr'], limitMs: LONGEST_RUN });
  let ended = await run();
  // One that was over and did not end says nothing of the mistake: once more.
  if (ended.hung && !existsSync(report)) ended = await run();
  const output = ended.hung ? `vitest did not end within ${LONGEST_RUN / 60_000} minutes` : ended.output;
  let results: Report;
  try {
    results = JSON.parse(readFileSync(report, 'utf8')) as Report;
  } catch {
    return { kind: 'broken', why: lastLineOf(output) };
  }
  for (const file of results.testResults) {
    const failed = file.assertionResults.find(({ status }) => status === 'failed');
    if (failed !== undefined) return { kind: 'failed', test: failed.title };
  }
  const stopped = results.testResults.find(({ status }) => status === 'failed');
  if (stopped !== undefined) return { kind: 'broken', why: lastLineOf(stopped.message) };
  return results.numPassedTests > 0
    ? { kind: 'passed', tests: results.numPassedTests }
    : { kind: 'broken', why: 'no test ran' };
}

const lastLineOf = (text: string): string => text.trim().split('\n').at(-1) ?? '';
