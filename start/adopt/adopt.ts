/** Looking at a database and bringing it to 0001, step by step. */
import { planOf, type Step } from './plan.ts';
import { readShape, type Shape } from './shape.ts';
import type { Database } from './sql.ts';
import { type Survey, survey } from './survey.ts';
import { type Which, whichOf } from './which.ts';

export type Looked = { shape: Shape; survey: Survey; which: Which; steps: Step[] };

/** Reads, and changes nothing. */
export async function look(db: Database): Promise<Looked> {
  const shape = await readShape(db);
  const surveyed = await survey(db, shape);
  const which = await whichOf(db, shape, surveyed);
  const touches = which.kind === 'older' || which.kind === 'ours';
  return { shape, survey: surveyed, which, steps: touches ? planOf(shape, surveyed) : [] };
}

/** A table that others refer to before it is there has to move out of their way once it is: that shows in a second round. */
const MOST_ROUNDS = 3;

/**
 * Brings it to 0001. Each statement is a commit of its own: whoever is stopped in between looks again, and goes on.
 * @param onStep before each step
 */
export async function bringTo0001(db: Database, onStep: (step: Step, at: number, of: number) => void): Promise<Looked> {
  let looked = await look(db);
  for (let round = 0; round < MOST_ROUNDS && looked.steps.length > 0; round++) {
    for (const [at, step] of looked.steps.entries()) {
      onStep(step, at + 1, looked.steps.length);
      await db.run(step.statements);
    }
    looked = await look(db);
  }
  const { which, steps } = looked;
  if (which.kind === 'broken') throw new Error(`${which.words}: restore it (npm run adopt changes nothing there)`);
  if (steps.length > 0) throw new Error(`still to do after all of it: ${steps.map(({ what }) => what).join('; ')}`);
  return looked;
}
