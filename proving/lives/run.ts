import { vi } from 'vitest';
import { DAY, START } from '../world/workerd/clock.ts';
import type { Command, Single } from './commands.ts';
import { doGpu } from './do-gpu.ts';
import { doJob } from './do-job.ts';
import { disturb, fire, objectAt, type Target } from './do-object.ts';
import { doUser, setPlan, signUp } from './do-user.ts';
import { LONGEST_LIMIT } from './limits.ts';
import { outside } from './outside.ts';
import type { ProviderAnswer, RunStatus } from './provider.ts';
import { comeToRest, outlive, visitAll } from './rest.ts';
import { watch } from './watch.ts';
import { must, newWorld, type Pending, type World } from './world.ts';
import { refuse, startArmed } from './writes.ts';

/** Steps after which what is held is let go: well before the effects' own time limit. */
const LONGEST_HOLD = 6;
/** Times that a command is asked whether it is over, a millisecond apart, before it counts as waiting for what is held. */
const PATIENCE = 12;
/** The same for what is not held any more: past it, it never ends. */
const MOST_PATIENCE = 5_000;
/** The same for late answers. */
const LATE_PATIENCE = 100;

/** Well before anything is old enough to be forgotten (HISTORY_DAYS). */
const LAST_DAY = START + 300 * DAY;

/** Milliseconds by which alarms are late at most while something is owed. */
const LONGEST_DELAY = 2 * DAY;

/** What the provider says at the end of the runs that nobody does: of each second seed, beginning with the first. */
const LAST_WORDS: RunStatus[] = [
  'unknown',
  'FAILED',
  'unknown',
  'forgotten',
  'unknown',
  'COMPLETED',
  'unknown',
  'IN_QUEUE',
  'unknown',
  'unknown',
];

/** What it answers to the first runs that are then still to be sent. */
const LAST_ANSWERS: ProviderAnswer[][] = [[], ['busy', 'refuse', 'unauthorized'], ['wrong', 'missing', 'refuse']];

const isOwing = ({ jobLooks }: World): boolean =>
  [...jobLooks.values()].some((look) => look.kind === 'job' && look.owes.length > 0);

const setClock = (time: number): void => void vi.setSystemTime(time);

export type Outcome = { broken: Error | null; trace: string[]; commands: number };

export async function run(seed: number, commands: readonly Command[]): Promise<Outcome> {
  const world = newWorld(seed);
  outside.start();
  startArmed();
  setClock(START);
  seedRandom(seed);
  let steps = 0;
  try {
    await signUp(world, false);
    const [first] = world.users;
    if (first !== undefined && seed % 3 !== 0) await setPlan(first, 'pro');
    await watch(world);
    for (const command of commands) {
      steps++;
      await step(world, command);
    }
    await rest(world, seed);
    return { broken: null, trace: world.trace, commands: steps };
  } catch (error) {
    outside.heal();
    const left = Promise.all([...world.pending].map(({ work }) => work.catch(() => undefined)));
    await Promise.race([left, scheduler.wait(MOST_PATIENCE)]);
    return { broken: error instanceof Error ? error : new Error(String(error)), trace: world.trace, commands: steps };
  }
}

async function step(world: World, command: Command): Promise<void> {
  world.touched = new Set();
  const singles = command.do === 'together' ? command.all : [command];
  world.alone = singles.length === 1 && world.pending.size === 0 && outside.held === 0;
  const at = world.trace.push(`${JSON.stringify(command)} → …`) - 1;
  // Chosen before any of them begins: a sign-up beside an alarm adds an object.
  const targets = singles.map((single) => ('object' in single ? objectAt(world, single.object) : null));
  const alarmsOf = singles.flatMap((single, place) => (single.do === 'alarm' ? (targets[place]?.id ?? []) : []));
  const answers = Promise.all(singles.map((single, place) => perform(world, single, targets[place] ?? null)));
  await overOrHeld(world, {
    work: answers.then((all) => {
      world.trace[at] = `${JSON.stringify(command)} → ${all.join('; ')}`;
    }),
    alarmsOf,
  });
  world.heldFor = outside.held > 0 ? world.heldFor + 1 : 0;
  await allOver(world, world.heldFor > LONGEST_HOLD);
  if (world.late !== null) throw world.late;
  await watch(world);
}

/** Waits for the work, unless it waits itself for something that is held: then it goes on beside what comes next. */
async function overOrHeld(world: World, pending: Pending): Promise<void> {
  if (!outside.mayHold) return pending.work;
  let over = false;
  const work = pending.work
    .catch((error: unknown) => {
      world.late ??= error instanceof Error ? error : new Error(String(error));
    })
    .finally(() => {
      over = true;
      world.pending.delete(entry);
    });
  const entry = { ...pending, work };
  world.pending.add(entry);
  for (let asked = 0; !over && !(outside.held > 0 && asked >= PATIENCE); asked++) {
    await scheduler.wait(1);
    if (!outside.isSlow) continue;
    // The answer is late: whoever waits for it gives up, and goes on.
    outside.isSlow = false;
    world.trace.push(`  slow: ${LONGEST_LIMIT} ms pass`);
    setClock(Date.now() + LONGEST_LIMIT);
    asked = 0;
  }
}

/** Waits for what is under way, until it is over or held. @param force whether what is held is let go */
async function allOver(world: World, force: boolean): Promise<void> {
  if (force) outside.letGo();
  for (let asked = 0; world.pending.size > 0 && (force || outside.held === 0); asked++) {
    must(asked < MOST_PATIENCE, 'what was let go comes to its end', () => `${outside.underWay} calls on their way`);
    if (force) outside.letGo();
    await scheduler.wait(1);
  }
  if (outside.held === 0 && outside.takeWasHeld()) await lateOver();
}

/**
 * Answers that nobody waited for any more have come: whatever follows from them is done within a moment. One that does not come went with
 * the object that had asked.
 */
async function lateOver(): Promise<void> {
  for (let asked = 0; outside.underWay > 0 && asked < LATE_PATIENCE; asked++) await scheduler.wait(1);
  outside.forgetUnderWay();
  await scheduler.wait(2);
}

async function rest(world: World, seed: number): Promise<void> {
  outside.heal();
  refuse('alarms', 0);
  await allOver(world, true);
  if (world.late !== null) throw world.late;
  for (const { id } of [...world.users, ...world.jobs]) world.touched.add(id);
  world.alone = true;
  await watch(world);
  await visitAll(world);
  outside.runStatuses = [LAST_WORDS[seed % LAST_WORDS.length] ?? 'unknown'];
  outside.nextAnswers = LAST_ANSWERS[seed % LAST_ANSWERS.length] ?? [];
  await comeToRest(world, seed % 2 === 0, setClock);
  if (seed % 6 === 0) await outlive(world, setClock);
}

async function perform(world: World, single: Single, target: Target | null): Promise<string> {
  const done = doUser(world, single) ?? doJob(world, single) ?? doGpu(world, single);
  if (done !== null) return done;
  switch (single.do) {
    case 'sign-up':
      return signUp(world, single.again);
    case 'wait':
      // No alarm is late by a month, so nothing stays owed for that long.
      if (Date.now() + single.ms > LAST_DAY) return 'time is over';
      setClock(Date.now() + (isOwing(world) ? Math.min(single.ms, LONGEST_DELAY) : single.ms));
      return 'waited';
    case 'alarm':
      if (target?.alarm == null) return 'no alarm';
      return fire(world, target, target.alarm, single);
    case 'evict':
    case 'lose-alarm':
    case 'stamp-later':
      if (world.pending.size > 0 || outside.held > 0 || !world.alone) return 'not now';
      return target === null ? 'not now' : disturb(world, target, single.do);
    case 'refuse-alarms':
      world.alarmsLost = true;
      refuse('alarms', single.times);
      return 'refused';
    case 'break':
      outside.fault(single.place, single.how, single.times);
      return 'broken';
    case 'let-go':
      outside.letGo();
      return 'let go';
    case 'heal':
      refuse('alarms', 0);
      outside.heal();
      return 'healed';
    default:
      return 'nothing';
  }
}

/** Jitter from the seed, so that a run can be had again. */
function seedRandom(seed: number): void {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  vi.spyOn(Math, 'random').mockImplementation(() => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  });
}
