/** The tests of one share of the crash points: one test a point, so that each fails by its own name. */
import { depth, names } from 'virtual:crash-points';
import { beforeAll, expect, test } from 'vitest';
import { MINUTE } from '../world/workerd/clock.ts';
import type { Crash, Harm, Side } from './control.ts';
import { type Ran, run } from './run.ts';
import { SCENARIOS } from './scenarios/index.ts';
import type { Scenario } from './scenarios/scenario.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** Runs of a crash point that ended settled, by side: for the table of `npm run crash-points`. */
    crash?: { name: string; before: number; after: number };
  }
}

/** A scenario without a crash. */
type Baseline = Ran & { scenario: Scenario };

/** How long a scenario is, in points reached: the short ones are taken first, and always the same ones. */
const lengthOf = ({ points }: Baseline): number => [...points.values()].reduce((sum, times) => sum + times, 0);

export function testPoints(share: number, shares: number): void {
  const baselines: Baseline[] = [];

  beforeAll(async () => {
    for (const scenario of SCENARIOS) {
      baselines.push({ ...(await run(scenario, null)), scenario });
    }
    baselines.sort((a, b) => lengthOf(a) - lengthOf(b));
  }, 600_000);

  for (const name of names.filter((_, at) => at % shares === share)) {
    test(name, { timeout: 300_000 }, async ({ task }) => {
      const passing = baselines.filter(({ points }) => points.has(name));
      expect(passing.length, 'scenarios that pass this point; write one for it').toBeGreaterThan(0);
      const settled = { name, before: 0, after: 0 };
      task.meta.crash = settled;
      for (const baseline of passing.slice(0, depth.scenarios)) {
        for (const [side, harm] of harmsAt(name)) {
          await crashIn(baseline, { name, side, harm, occurrence: 1 });
          settled[side]++;
        }
      }
    });
  }
}

/** Where an answer that is lost matters most: the steps of the sagas themselves. */
const SAGA = /^(durable-objects|queue)\/|^rpc\/jobs\/create(-saga)?:|^doors\/(callback|health|watch):/;
/** Storage does not fail alone: the platform resets the object, which is the stop. */
const STORAGE = /:storage\.\w+$|alarm\.\w+$|^durable-objects\/next-alarm:/;

function harmsAt(name: string): [Side, Harm][] {
  const stops: [Side, Harm][] = [
    ['before', 'stop'],
    ['after', 'stop'],
  ];
  const loses = !STORAGE.test(name) && (depth.loseAll || SAGA.test(name));
  return loses ? [...stops, ['after', 'lose']] : stops;
}

/**
 * How much later than without a crash a job may be over. What a stopped object or client owes is done within moments of
 * the restart; when a consumer stops with a claim in its hand, only the lease tells.
 */
const SOON = 2 * MINUTE;
const LEASE = 17 * MINUTE;
const patienceAt = (name: string): number => (/^(durable-objects|rpc)\//.test(name) ? SOON : LEASE);

async function crashIn({ scenario, finished }: Baseline, crash: Crash): Promise<void> {
  try {
    const ran = await run(scenario, crash);
    for (const [nth, at] of ran.finished.entries()) {
      expect((at ?? 0) - (finished[nth] ?? 0), 'how late the job is').toBeLessThanOrEqual(patienceAt(crash.name));
    }
  } catch (error) {
    const what = crash.harm === 'stop' ? `stopped ${crash.side}` : 'answer lost';
    throw new Error(`${what}, in "${scenario.name}": ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
