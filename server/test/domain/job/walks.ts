/** Random walks through a job's world: arbitraries of actions, and walks that start in any state. */
import * as fc from 'fast-check';
import { type Action, newWorld, type Report, type Step, step, type World } from './model.ts';

const EFFECTS = ['verify', 'settle', 'freeSlot', 'unsent', 'send', 'offer', 'flush', 'cancelRuns', 'cleanUp'] as const;

const age = fc.constantFrom(0 as const, 0 as const, 0 as const, 1 as const, 2 as const);
const random = fc.double({ min: 0, max: 0.999, noNaN: true });
const key = fc.constantFrom(null, 'key-1', 'key-2');
const report: fc.Arbitrary<Report> = fc.record({
  idx: fc.nat(8),
  failed: fc.boolean(),
  age: fc.option(age),
  preview: fc.boolean(),
});

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.oneof(fc.nat(800), fc.nat(5_000)) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wake'),
      run: fc.constantFrom('waiting', 'working', 'completed', 'failed', 'forgotten', 'unknown'),
      jump: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('report'),
      reports: fc.array(report, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('effect'),
      name: fc.constantFrom(...EFFECTS),
      works: fc.boolean(),
      random,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('beginDispatch'), age }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('confirmDispatch'), age, id: fc.constantFrom(null, 'run-1', 'run-2') }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('execute'), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('confirmUpload'), complete: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('refuseDispatch', 'deadLetter'), age, random }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rejectDispatch'), age }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel'), key }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('create', 'renewUploads', 'remove', 'lend') }),
  },
);

const dispatched = (id: string): Action[] => [
  { kind: 'beginDispatch', age: 0 },
  { kind: 'confirmDispatch', age: 0, id },
];
const runFailed: Action = { kind: 'wake', run: 'failed', jump: true };

/** How a job gets on, up to its last attempt; a walk starts after some of it. */
const HEAD: Action[] = [
  { kind: 'confirmUpload', complete: true },
  { kind: 'execute', key: 'key-1' },
  ...dispatched('run-1'),
  runFailed,
  ...dispatched('run-2'),
  runFailed,
  ...dispatched('run-3'),
];

/** How one comes to the end of its time without anybody who took it. */
const BURIED: Action[] = [
  { kind: 'confirmUpload', complete: true },
  { kind: 'execute', key: 'key-1' },
  { kind: 'effect', name: 'send', works: true, random: 0 },
  { kind: 'deadLetter', age: 0, random: 0 },
  { kind: 'wait', ms: 5_000 },
];

export type Walk = { total: number; lost: number[]; fromJob: boolean; actions: Action[] };

export const walks: fc.Arbitrary<Walk> = fc
  .record({
    total: fc.integer({ min: 1, max: 9 }),
    lost: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7, 8]),
    fromJob: fc.boolean(),
    head: fc.oneof(
      { weight: 9, arbitrary: fc.nat(HEAD.length).map((steps) => HEAD.slice(0, steps)) },
      { weight: 1, arbitrary: fc.constant(BURIED) },
    ),
    tail: fc.array(action, { minLength: 1, maxLength: 30, size: 'max' }),
  })
  .map(({ head, tail, ...rest }) => ({ ...rest, actions: [...head, ...tail] }));

/** All steps of a walk, in order. */
export function stepsOf({ total, lost, fromJob, actions }: Walk): Step[] {
  const steps: Step[] = [];
  let world: World = newWorld(total, lost, fromJob);
  for (const next of actions) {
    const taken = step(world, next);
    steps.push(taken);
    world = taken.after;
  }
  return steps;
}

export const RUNS = { numRuns: 800 };

/** Checks `rule` on every step of many walks. */
export function always(rule: (taken: Step) => void): void {
  fc.assert(
    fc.property(walks, (walk) => {
      for (const taken of stepsOf(walk)) rule(taken);
    }),
    RUNS,
  );
}

/** Follows the alarm alone: every effect works, no message and no worker ever arrives. Ends after `wakes` wake-ups. */
export function rest(start: World, wakes: number, isOver: (world: World) => boolean): Step[] {
  const steps: Step[] = [];
  let world = start;
  const go = (next: Action) => {
    const taken = step(world, next);
    steps.push(taken);
    world = taken.after;
  };
  for (let wake = 0; wake < wakes && !isOver(world); wake++) {
    go({ kind: 'wake', run: 'unknown', jump: true });
    for (const name of EFFECTS) go({ kind: 'effect', name, works: true, random: 0 });
  }
  return steps;
}
