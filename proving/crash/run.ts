/** One run: a scenario with one crash in it or none, and the promise checked at its end. */
import { expect } from 'vitest';
import { timedKey } from '../../client-sdk/src/unique-key.ts';
import { DAY, START } from '../world/workerd/clock.ts';
import { d1 } from '../world/workerd/objects.ts';
import { type Crash, isArmed, reachedPoints } from './control.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { expectNothingLeft, settledEnding } from './settled.ts';
import { World } from './world.ts';

/** When everything that the scenarios do is over, but results are still kept. */
const SETTLED = START + 6 * DAY;
/** When results are kept no longer. */
const OUTLIVED = START + 45 * DAY;

/** How often each point was reached, and when each job was over (milliseconds since the start; `null` when D1 shows none). */
export type Ran = { points: Map<string, number>; finished: (number | null)[] };

/** Throws when something is not settled, or the armed crash never came. */
export async function run(scenario: Scenario, crash: Crash | null): Promise<Ran> {
  const world = new World(crash);
  // Nothing is stored for a key that tells its time, and the first change of the life opens the account.
  await world.signUp(scenario.opensAtOnce === true ? crypto.randomUUID() : timedKey(Date.now()));
  await scenario.play(world);
  await world.runUntil(SETTLED);
  expect(await settledEnding(world)).toEqual(scenario.ending);
  const finished = await Promise.all(world.jobIds.map(finishedAfter));
  await world.runUntil(OUTLIVED);
  await expectNothingLeft(world);
  await scenario.later?.(world);
  expect(isArmed(), 'a crash that never came').toBe(false);
  return { points: reachedPoints(), finished };
}

async function finishedAfter(jobId: string): Promise<number | null> {
  const [row] = await d1('SELECT finished_at FROM jobs_log WHERE job_id = ?', jobId);
  return row === undefined ? null : Number(row.finished_at) - START;
}
