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
import { writeFileSync } from 'node:fs';
import { endInOrderWhenInterrupted } from '../../start/ending.ts';
import { flag, optionsOf } from '../../start/options.ts';
import { fromRoot } from '../../start/paths.ts';
import { startFloor } from './floor.ts';
import { runScale } from './scale/main.ts';
import { median } from './speed/closed-loop.ts';
import { CpuBench, type CpuRow, executeToProvider, floorCpu, medianRows } from './speed/cpu.ts';
import { measureLatency, type Plan } from './speed/latency.ts';
import { type Report, tablesOf } from './speed/report.ts';
import { bundleFigures } from './speed/start-up.ts';
import { floorTargets, serviceTargets } from './speed/targets.ts';
import { quiet } from './speed/workerd-cpu.ts';
import { startBench } from './start.ts';
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

endInOrderWhenInterrupted();
if (words[0] === 'scale') await runScale(values);
else if (words.length > 0) throw new Error(`unknown: ${words.join(' ')}`);
else await runSpeed();

async function runSpeed(): Promise<void> {
  const report = await measure();
  publish(tablesOf(report), values.write ? ['PERFORMANCE.md', 'bench'] : null, 'npm run bench --');
  if (values.write) writeFileSync(fromRoot('docs', 'performance.json'), `${JSON.stringify(report, null, 2)}\n`);
}

async function measure(): Promise<Report> {
  const effort = values.smoke ? SMOKE : values.quick ? QUICK : FULL;
  const started = performance.now();
  const progress = (text: string) =>
    console.log(`${String(Math.round((performance.now() - started) / 1000)).padStart(4)} s  ${text}`);
  const floor = await startFloor();
  const bench = await startBench({ limiter: values['disk-limiter'] ? 'disk' : 'memory' });
  try {
    progress('bundle and start-up');
    const bundle = bundleFigures(bench.production.bundle, effort.starts);
    const targets = [...floorTargets(floor), ...(await serviceTargets(bench.api))];
    const rest = (ms: number) => quiet(bench.pid, ms);
    const latency = await measureLatency(targets, effort.latency, rest, progress);
    const cpu = new CpuBench(bench, effort.cpu.requests);
    progress('CPU, floor');
    const rows = await floorCpu(floor, effort.cpu.floor);
    const rounds: CpuRow[][] = [];
    for (let round = 1; round <= effort.cpu.rounds; round++) {
      progress(`CPU, round ${round} of ${effort.cpu.rounds}`);
      const found: CpuRow[] = [];
      for (const photos of effort.cpu.photos) found.push(...(await cpu.rows(photos)));
      rounds.push(found);
    }
    rows.push(...medianRows(rounds));
    progress('CPU, dispatch');
    rows.push(await cpu.dispatch(200, effort.dispatches));
    progress('execute → provider');
    const dispatch = await executeToProvider(bench, effort.executes);
    progress('done');
    return { bundle, latency, cpu: rows, executeToProviderMs: median(dispatch) };
  } finally {
    await bench.stop();
    await floor.stop();
  }
}
