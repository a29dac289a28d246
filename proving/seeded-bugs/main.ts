/**
 * `npm run seeded-bugs [-- --only TEXT | --list]`: makes each known mistake (bugs/), one at a time, in a copy of the checkout, and
 * runs the tests that should notice until one fails. Before that the same tests have to pass without any mistake. Exits non-zero
 * when a mistake goes unnoticed, does not fit the code any more, or keeps the tests from running.
 */
import { availableParallelism } from 'node:os';
import { buildClientSdk } from '../../client-sdk/build-if-stale.ts';
import { onInterrupt } from '../../start/ending.ts';
import { flag, optionsGiven, refuse, text } from '../../start/options.ts';
import { endSteps } from '../../start/run-step.ts';
import { Copy } from '../world/copy.ts';
import type { Bug } from './bug.ts';
import { BUGS } from './bugs/index.ts';
import { type Outcome, runTests } from './run-tests.ts';

const NAME_WIDTH = 62;
const TEST_WIDTH = 56;

const { only, list } = optionsGiven({ only: text(''), list: flag() });
const bugs = BUGS.filter(({ name }) => name.includes(only));
if (bugs.length === 0) refuse(`--only: no bug's name contains "${only}"`);
if (list) {
  for (const { name, file } of bugs) console.log(`${cut(name, NAME_WIDTH)}  ${file}`);
  process.exit(0);
}

const started = performance.now();
// Tests of the whole stack use the built client, which the copies take with them.
await buildClientSdk();
const copies: Copy[] = [];
const interruption = onInterrupt(endSteps);
try {
  while (copies.length < Math.min(bugs.length, availableParallelism()))
    copies.push(await Copy.ofCheckout('s3-seeded-bugs-'));
  const caught = (await control()) && (await everyBug());
  process.exitCode = interruption.code ?? (caught ? 0 : 1);
} finally {
  for (const copy of copies) copy.remove();
}

/** A suite that fails anyway would seem to catch everything. */
async function control(): Promise<boolean> {
  const files = [...new Set(bugs.flatMap(({ tests }) => tests))];
  console.log(`${bugs.length} known mistakes; first their ${files.length} test files without any of them …`);
  const outcome = await runTests((copies[0] as Copy).folder, files, false);
  if (outcome.kind === 'passed') console.log(`without a bug: ${outcome.tests} tests in ${files.length} files pass`);
  else console.log(`without a bug: ${describe(outcome)}`);
  return outcome.kind === 'passed';
}

async function everyBug(): Promise<boolean> {
  const outcomes = new Map<Bug, Outcome>();
  const waiting = [...bugs];
  const work = async (copy: Copy): Promise<void> => {
    for (let bug = waiting.shift(); bug !== undefined && interruption.code === null; bug = waiting.shift()) {
      const begun = performance.now();
      const outcome = await tryOut(copy, bug);
      outcomes.set(bug, outcome);
      const seconds = Math.round((performance.now() - begun) / 1000);
      console.log(`${outcomes.size} of ${bugs.length}  ${cut(bug.name, NAME_WIDTH)}  ${mark(outcome)}, ${seconds} s`);
    }
  };
  await Promise.all(copies.map(work));

  console.log(`\n${cut('bug', NAME_WIDTH)}  caught by`);
  for (const bug of bugs) {
    const outcome = outcomes.get(bug);
    if (outcome !== undefined) console.log(`${cut(bug.name, NAME_WIDTH)}  ${describe(outcome)}`);
  }
  const caught = [...outcomes.values()].filter(({ kind }) => kind === 'failed').length;
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`\n${bugs.length} bugs, ${caught} caught, ${seconds} s${interruption.code === null ? '' : ', stopped'}`);
  return caught === bugs.length;
}

/** One test file after the other: the quick ones usually suffice. */
async function tryOut(copy: Copy, bug: Bug): Promise<Outcome> {
  let undo: () => void;
  try {
    undo = copy.mistake([bug]);
  } catch (error) {
    return { kind: 'broken', why: error instanceof Error ? error.message : String(error) };
  }
  try {
    let outcome: Outcome = { kind: 'broken', why: 'it names no test' };
    for (const file of bug.tests) {
      outcome = await runTests(copy.folder, [file], true);
      if (outcome.kind !== 'passed' || interruption.code !== null) return outcome;
    }
    return outcome;
  } finally {
    undo();
  }
}

function mark({ kind }: Outcome): string {
  return kind === 'failed' ? 'caught' : kind === 'passed' ? 'NOT CAUGHT' : 'NOT RUN';
}

function describe(outcome: Outcome): string {
  if (outcome.kind === 'failed') return cut(outcome.test, TEST_WIDTH).trimEnd();
  return outcome.kind === 'passed' ? 'NOTHING: all of its tests pass' : `NOT RUN: ${outcome.why}`;
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
