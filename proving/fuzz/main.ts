/**
 * `npm run fuzz`: random and mutated callbacks, calls of every procedure and tokens, against the production bundle. No answer may be
 * a 500, show internals or hang, and the ledgers must add up. A failure prints the seed and the shrunk case, and ends with 1.
 */
import fc from 'fast-check';
import { endInOrderWhenInterrupted } from '../../start/ending.ts';
import { runCommand } from '../../start/options.ts';
import { proceduresOfRouter } from '../attacks/router.ts';
import { faultsOf } from '../world/bundle/faults.ts';
import { World } from '../world/bundle/world.ts';
import { lookUntil, SECOND } from '../world/clock.ts';
import { casesOf } from './arbitrary/cases.ts';
import type { Case } from './case.ts';
import { Crowd } from './crowd.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { type Sender, send } from './send.ts';
import { Tally } from './tally.ts';

/** Cases of different lanes are under way at once; each lane shrinks by itself. */
const LANES = 8;
/** How long what is under way may take to end. */
const PATIENCE = 15 * SECOND;
/** Cases between two looks at the ledgers. */
const ROUND = 2000;

/** Holds and leases are left alone, so that what changes is what was called. */
const VARS = { HOLD_CHECK_MS: '86400000', JOB_LEASE_MS: '86400000' } as const;

endInOrderWhenInterrupted();
await runCommand(parseOptions, USAGE, main);

async function main(options: Options): Promise<number> {
  console.log(`${options.cases.toLocaleString('en-US')} cases, seed ${options.seed}`);
  const cases = casesOf(await proceduresOfRouter());
  const world = await World.start(VARS);
  const tally = new Tally();
  try {
    const crowd = new Crowd(world);
    await crowd.gather();
    const sender: Sender = { world, crowd, count: (kind, reply) => tally.add(kind, reply) };
    const problems = await runRounds(cases, sender, options, tally);
    console.log(`\n${tally.table()}`);
    for (const problem of problems) console.log(problem);
    console.log(problems.length === 0 ? '✔ no 500, no hang, every ledger adds up' : `✘ seed ${options.seed}`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    await world.stop();
  }
}

async function runRounds(
  cases: fc.Arbitrary<Case>,
  sender: Sender,
  { cases: total, seed }: { cases: number; seed: number },
  tally: Tally,
): Promise<string[]> {
  const started = performance.now();
  for (let done = 0, round = 0; done < total; round++) {
    const count = Math.min(ROUND, total - done);
    const lanes = Array.from({ length: LANES }, (_, lane) =>
      runLane(cases, sender, Math.ceil((count - lane) / LANES), seed + round * LANES + lane),
    );
    const failed = (await Promise.all(lanes)).filter((problem) => problem !== null);
    const wrong = (await faults(sender.world)).map((fault) => `✘ after ${tally.cases} cases: ${fault}`);
    if (failed.length > 0 || wrong.length > 0) return [...failed, ...wrong];
    done += count;
    const rate = tally.cases / ((performance.now() - started) / 1000);
    console.log(`  ${done.toLocaleString('en-US').padStart(9)} cases, ${rate.toFixed(0)} a second, ledgers add up`);
    if (done < total) await sender.crowd.refresh();
  }
  return [];
}

/** Looks until everything adds up, since dispatches, flushes and clean-ups go on for a moment; returns what still does not. */
function faults(world: World): Promise<string[]> {
  world.release();
  const look = async () => faultsOf(await world.snapshot());
  return lookUntil(look, (found) => found.length === 0, { patience: PATIENCE, pause: 250 });
}

/** Null when every case held. */
async function runLane(
  cases: fc.Arbitrary<Case>,
  sender: Sender,
  numRuns: number,
  seed: number,
): Promise<string | null> {
  if (numRuns <= 0) return null;
  const property = fc.asyncProperty(cases, (one) => send(one, sender));
  const run = await fc.check(property, { numRuns, seed });
  if (!run.failed) return null;
  const { errorInstance, counterexample, numShrinks } = run;
  const shown = JSON.stringify(counterexample?.[0], null, 2);
  const reason = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return `✘ ${reason}\n  lane seed ${seed}, shrunk ${numShrinks} times to\n${shown}`;
}
