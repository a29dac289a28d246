/** Running test files in a copy, and what came of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

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
const children = new Set<ChildProcess>();

export function endTests(): void {
  for (const child of children) child.kill('SIGTERM');
}

/** @param bail whether the first failure ends it */
export async function runTests(folder: string, files: readonly string[], bail: boolean): Promise<Outcome> {
  const report = path.join(folder, REPORT);
  rmSync(report, { force: true });
  const vitest = path.join(folder, 'node_modules', 'vitest', 'vitest.mjs');
  const config = ['--config', 'vitest.workspace.ts', ...PATIENCE];
  const args = [vitest, 'run', ...config, '--reporter=json', `--outputFile=${report}`];
  const output = await toEnd([...args, ...(bail ? ['--bail=1'] : []), ...files], folder);
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

function toEnd(args: string[], cwd: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  children.add(child);
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-10_000);
  });
  child.on('error', (error) => resolve(error.message));
  child.on('close', () => {
    children.delete(child);
    resolve(output);
  });
  return promise;
}

const lastLineOf = (text: string): string => text.trim().split('\n').at(-1) ?? '';
