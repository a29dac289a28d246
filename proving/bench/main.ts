/**
 * `npm run bench`: how fast the production bundle is in bare workerd, beside a floor Worker in the same run.
 *
 *     npm run bench                  all of it, about eleven minutes on two quiet cores
 *     npm run bench -- --quick       few requests, for a look
 *     npm run bench -- --smoke       a handful of them, to see that it runs: its figures say nothing
 *     npm run bench -- --disk-limiter   with Miniflare's own rate limiter, which the platform's is not like (limiter-plugin.ts)
 *     npm run bench -- --write       puts the tables into docs/PERFORMANCE.md, and the figures into docs/performance.json
 *     npm run bench -- scale         how it grows with photos and with history (scale/main.ts)
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { endInOrderWhenInterrupted } from '../../start/ending.ts';
import { flag, optionsOf } from '../../start/options.ts';
import { fromRoot } from '../../start/paths.ts';
import { bundleForProduction } from '../../start/production-bundle.ts';
import { startFloor } from './floor.ts';
import { LARGEST_JOB, LARGEST_RUN } from './limits.ts';
import { type Seen, seenWith, thisMachine } from './machine.ts';
import { runScale } from './scale/main.ts';
import { median } from './speed/closed-loop.ts';
import {
  CpuBench,
  type CpuRound,
  cpuReadings,
  cpuRows,
  dispatchReadings,
  dispatchRows,
  executeToProvider,
  floorCpu,
} from './speed/cpu.ts';
import { measureLatency, type Plan } from './speed/latency.ts';
import { type Agreement, type Report, tablesOf } from './speed/report.ts';
import { agreeing } from './speed/rounds.ts';
import { bundleFigures } from './speed/start-up.ts';
import { serviceTargets } from './speed/targets.ts';
import { quiet } from './speed/workerd-cpu.ts';
import { IN_ONE_RUN, startBench } from './start.ts';
import { publish } from './tables.ts';

const args = process.argv.slice(2);
const words = args.filter((arg) => !arg.startsWith('-'));
const values = optionsOf(
  { quick: flag(), smoke: flag(), 'disk-limiter': flag(), write: flag() },
  args.filter((arg) => arg.startsWith('-')),
);

type Effort = {
  starts: number;
  latency: Plan;
  /** Requests a row, roughly, for photos of a job; rounds of them one after the other: a garbage collection falls into one of them. */
  cpu: { floor: number; requests: number; photos: number[]; rounds: number };
  dispatches: number;
  executes: number;
};

const FULL: Effort = {
  starts: 9,
  latency: { connections: [1, 8, 32], rounds: 3, requests: 500, warmUp: 200, waitForEviction: true },
  cpu: { floor: 500, requests: 90, photos: [10, 30, 200], rounds: 3 },
  dispatches: 5,
  executes: 25,
};
const QUICK: Effort = {
  starts: 3,
  latency: { connections: [1], rounds: 3, requests: 100, warmUp: 50, waitForEviction: false },
  cpu: { floor: 100, requests: 15, photos: [10, 30, 200], rounds: 3 },
  dispatches: 1,
  executes: 5,
};
const SMOKE: Effort = {
  starts: 1,
  latency: { connections: [1], rounds: 1, requests: 5, warmUp: 5, waitForEviction: false },
  cpu: { floor: 5, requests: 3, photos: [10], rounds: 1 },
  dispatches: 1,
  executes: 1,
};

/** The Worker, and beside it the floor of what signs. */
const WORKERS = 'proving/bench/workers';
const SERVICE = `${WORKERS}/signing.ts`;
/** What each machine reached last. */
const SEEN = fromRoot('docs', 'performance.json');

endInOrderWhenInterrupted();
if (words[0] === 'scale') await runScale(values);
else if (words.length > 0) throw new Error(`unknown: ${words.join(' ')}`);
else await runSpeed();

async function runSpeed(): Promise<void> {
  const figures = await measure();
  const before: Seen<Report>[] = JSON.parse(readFileSync(SEEN, 'utf8'));
  const seen = seenWith(before, { machine: thisMachine(), day: new Date().toISOString().slice(0, 10), figures });
  const others = seen.slice(1).map((other) => other.figures);
  const command = values.quick ? 'npm run bench -- --quick' : 'npm run bench --';
  publish(tablesOf(figures, others), values.write ? ['PERFORMANCE.md', 'bench'] : null, command);
  if (values.write) writeFileSync(SEEN, `${JSON.stringify(seen, null, 2)}\n`);
}

async function measure(): Promise<Report> {
  const effort = values.smoke ? SMOKE : values.quick ? QUICK : FULL;
  const started = performance.now();
  const progress = (text: string) =>
    console.log(`${String(Math.round((performance.now() - started) / 1000)).padStart(4)} s  ${text}`);
  const floor = await startFloor();
  const limiter = values['disk-limiter'] ? 'disk' : 'memory';
  const bench = await startBench({ limiter, entry: SERVICE, besides: [WORKERS], vars: IN_ONE_RUN });
  try {
    progress('bundle and start-up');
    const bundle = bundleFigures(await bundleForProduction(), effort.starts);
    const rest = (ms: number) => quiet(bench.pid, ms);
    const targets = await serviceTargets(bench.api);
    const { rows: latency, ...latencyRounds } = await measureLatency(floor, targets, effort.latency, rest, progress);
    const service = new CpuBench(bench, effort.cpu.requests);
    const cpu = await agreeing(
      effort.cpu.rounds,
      async (run): Promise<CpuRound> => {
        progress(`CPU, round ${run}`);
        const floors = await floorCpu(floor, effort.cpu.floor);
        const rows: CpuRound['rows'] = [];
        for (const photos of effort.cpu.photos) rows.push(...(await service.rows(photos)));
        return { floors, rows };
      },
      cpuReadings,
    );
    progress('CPU, dispatch');
    const dispatchesOf = (photos: number) =>
      agreeing(effort.dispatches, () => service.dispatch(photos), dispatchReadings);
    const dispatch = await dispatchesOf(LARGEST_JOB);
    progress('CPU, a run');
    const run = await dispatchesOf(LARGEST_RUN);
    progress('execute → provider');
    const executeToProviderMs = median(await executeToProvider(bench, effort.executes));
    progress('done');
    return {
      bundle,
      latency,
      cpu: [...cpuRows(cpu.kept), ...dispatchRows(dispatch.kept, LARGEST_JOB), ...dispatchRows(run.kept, LARGEST_RUN)],
      rounds: { latency: latencyRounds, cpu: agreementOf(cpu), dispatch: agreementOf(dispatch) },
      executeToProviderMs,
    };
  } finally {
    await bench.stop();
    await floor.stop();
  }
}

function agreementOf({ again, apart }: Agreement): Agreement {
  return { again, apart };
}
