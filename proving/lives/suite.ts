/**
 * Many runs in one test, and what is printed when one fails: the promise, the commands left after shrinking, and how to have
 * it again. The figures of all parts go to standard output as one line each, for proving/soak/main.ts.
 */
import { env } from 'cloudflare:workers';
import { expect, test, vi } from 'vitest';
import { type Command, commandsOf } from './commands.ts';
import { installSwitches } from './outside.ts';
import { run } from './run.ts';
import { Broken } from './world.ts';

/** Commands of a run; where more runs are asked for than the suite has, up to that many, since short lives come to rest as well. */
const LENGTH = 50;
/** Runs of the whole suite, over all parts. */
const RUNS = 1_000;
export const PARTS = 2;
/** Time for shrinking, milliseconds. */
const SHRINK_MS = 45_000;

const number = (text: string | undefined, otherwise: number): number => (text ? Number(text) : otherwise);

export function modelRuns(part: number): void {
  const first = number(env.MODEL_SEED, 1);
  const path = env.MODEL_PATH ? env.MODEL_PATH.split(',').map(Number) : null;
  const runs = path === null ? number(env.MODEL_RUNS, RUNS) : 1;
  const seeds = Array.from({ length: runs }, (_, at) => first + at).filter((_, at) => at % PARTS === part);
  test.runIf(seeds.length > 0)(
    `${seeds.length} random lives of users and jobs keep every promise (part ${part + 1})`,
    { timeout: 3_600_000 },
    async () => {
      installSwitches();
      const say = silence();
      const started = performance.now();
      let commands = 0;
      for (const seed of seeds) {
        const all = commandsOf(seed, lengthOf(seed));
        const mine = path === null ? all : all.filter((_, at) => path.includes(at));
        const outcome = await run(seed, mine);
        commands += outcome.commands;
        vi.clearAllMocks();
        if (seed % 50 === part)
          say(
            `MODEL ${JSON.stringify({ part, seed, commands, seconds: Math.round((performance.now() - started) / 1000) })}`,
          );
        if (outcome.broken !== null) {
          say(`MODEL ${JSON.stringify({ part, runs: seeds.indexOf(seed) + 1, commands, failures: 1 })}`);
          say(`seed ${seed}: ${outcome.broken.message}\n${outcome.trace.join('\n')}\n${outcome.broken.stack}`);
          throw new Error(await story(seed, all, path, outcome.broken));
        }
      }
      const seconds = Math.round((performance.now() - started) / 1000);
      say(`MODEL ${JSON.stringify({ part, runs: seeds.length, commands, failures: 0, seconds })}`);
      expect(commands).toBe(path?.length ?? seeds.reduce((sum, seed) => sum + lengthOf(seed), 0));
    },
  );
}

/** A soak draws it: 1 to `LENGTH`, the shorter the likelier. */
function lengthOf(seed: number): number {
  const drawn = ((seed * 7919) % 1000) / 1000;
  return env.MODEL_RUNS ? 1 + Math.floor(LENGTH * drawn ** 3.5) : LENGTH;
}

/** Our own logs would drown the figures. */
function silence(): (line: string) => void {
  const say = console.log.bind(console);
  for (const level of ['log', 'warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
  return say;
}

async function story(seed: number, all: Command[], path: number[] | null, broken: Error): Promise<string> {
  const kept = path ?? (await shrink(seed, all, broken));
  const last = await run(
    seed,
    kept.flatMap((at) => all[at] ?? []),
  );
  const error = last.broken ?? broken;
  return [
    `${error.message}`,
    `replay: MODEL_SEED=${seed} MODEL_PATH=${kept.join(',')} ${env.MODEL_RUNS ? 'MODEL_RUNS=1 ' : ''}npx vitest run --config vitest.workspace.ts --project model`,
    last.broken === null ? '(it did not fail again when it was run once more)' : '',
    ...last.trace.map((line) => `  ${line}`),
    error instanceof Broken ? '' : String(error.stack),
  ].join('\n');
}

/** Leaves out halves, quarters, … single commands, as long as the same promise stays broken. */
async function shrink(seed: number, all: Command[], broken: Error): Promise<number[]> {
  const until = performance.now() + SHRINK_MS;
  const nameOf = (error: Error | null) => (error instanceof Broken ? error.promise : error?.message.slice(0, 60));
  let kept = all.map((_, at) => at);
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < kept.length && performance.now() < until; ) {
      const fewer = [...kept.slice(0, from), ...kept.slice(from + size)];
      const outcome = await run(
        seed,
        fewer.flatMap((at) => all[at] ?? []),
      );
      if (nameOf(outcome.broken) === nameOf(broken)) kept = fewer;
      else from += size;
    }
  }
  return kept;
}
