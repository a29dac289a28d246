/** Latencies of every target in interleaved rounds, so that what else the machine does hits all of them alike. */
import { closedLoop, type Figures, median } from './closed-loop.ts';
import { FLOOR_A, type Target } from './targets.ts';
import { EVICTED_MS, PAUSE_MS, TOLD_MS } from './workerd-cpu.ts';

export type LatencyRow = {
  target: string;
  connections: number;
  requests: number;
  p50: number;
  p95: number;
  p99: number;
  rps: number;
  /** p50 as a multiple of floor (a) with as many connections, the median of the rounds. */
  multiple: number;
};

export type Plan = {
  connections: number[];
  rounds: number;
  requests: number;
  warmUp: number;
  /**
   * At one connection, for which the limits are: waits until objects of loops before have left memory. Hundreds at once would be seen
   * in whatever runs just then, and a few are not worth the time.
   */
  waitForEviction: boolean;
};

/** @param rest waits until the service has done nothing for that long: only the calls are timed, and not what was left before them */
export async function measureLatency(
  targets: readonly Target[],
  plan: Plan,
  rest: (ms: number) => Promise<void>,
  progress: (text: string) => void,
): Promise<LatencyRow[]> {
  for (const target of targets) await closedLoop(await target.prepare(plan.warmUp), 8);
  const rows: LatencyRow[] = [];
  for (const connections of plan.connections) {
    const figures = new Map<string, Figures[]>();
    const evicted = async () => {
      if (plan.waitForEviction && connections === 1) await rest(EVICTED_MS);
    };
    for (let round = 0; round < plan.rounds; round++) {
      progress(`${connections} connections, round ${round + 1} of ${plan.rounds}`);
      await evicted();
      for (const { name, changesUsers, prepare } of targets) {
        const calls = await prepare(plan.requests);
        await rest(changesUsers ? TOLD_MS : PAUSE_MS);
        const found = await closedLoop(calls, connections);
        if (changesUsers) await evicted();
        figures.set(name, [...(figures.get(name) ?? []), found]);
      }
    }
    const floor = figures.get(FLOOR_A) ?? [];
    for (const [target, found] of figures) rows.push(rowOf(target, connections, found, floor));
  }
  return rows;
}

function rowOf(target: string, connections: number, found: Figures[], floor: Figures[]): LatencyRow {
  const of = (name: keyof Figures) => median(found.map((figures) => figures[name]));
  return {
    target,
    connections,
    requests: found.reduce((sum, { requests }) => sum + requests, 0),
    p50: of('p50'),
    p95: of('p95'),
    p99: of('p99'),
    rps: of('rps'),
    multiple: median(found.map(({ p50 }, round) => p50 / (floor[round]?.p50 ?? Number.NaN))),
  };
}
