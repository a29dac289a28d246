/** Latencies of every target in interleaved rounds, so that what else the machine does hits all of them alike. */
import type { Floor } from '../floor.ts';
import { LATENCY_LIMITS } from '../limits.ts';
import { closedLoop, type Figures, median } from './closed-loop.ts';
import { FLOOR_LETTERS, type FloorLetter, floorCalls, nameOfFloor, UNITS } from './floors.ts';
import { agreeing, type Readings, type Rounds } from './rounds.ts';
import type { Target } from './targets.ts';
import { EVICTED_MS, PAUSE_MS, TOLD_MS } from './workerd-cpu.ts';

export type LatencyRow = {
  target: string;
  connections: number;
  requests: number;
  p50: number;
  p95: number;
  p99: number;
  rps: number;
  /** The floor that it is told in, and p50 as a multiple of that floor's with as many connections, the median of the rounds. */
  floor: FloorLetter;
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

/** What is measured: the floors at both ends of it, the targets between. */
type Round = { before: Map<FloorLetter, Figures>; targets: Map<string, Figures>; after: Map<FloorLetter, Figures> };

export type Latencies = Pick<Rounds<unknown>, 'again' | 'apart'> & { rows: LatencyRow[] };

/** @param rest waits until the service has done nothing for that long: only the calls are timed, and not what was left before them */
export async function measureLatency(
  floor: Floor,
  targets: readonly Target[],
  plan: Plan,
  rest: (ms: number) => Promise<void>,
  progress: (text: string) => void,
): Promise<Latencies> {
  const floors = async (letters: readonly FloorLetter[], connections: number, requests: number) => {
    const figures = new Map<FloorLetter, Figures>();
    for (const letter of letters) {
      await rest(PAUSE_MS);
      figures.set(letter, await closedLoop(floorCalls(floor, letter, requests), connections));
    }
    return figures;
  };
  await floors(FLOOR_LETTERS, 8, plan.warmUp);
  for (const target of targets) await closedLoop(await target.prepare(plan.warmUp), 8);

  const measured: Latencies = { rows: [], again: 0, apart: 1 };
  for (const connections of plan.connections) {
    const evicted = async () => {
      if (plan.waitForEviction && connections === 1) await rest(EVICTED_MS);
    };
    const round = async (run: number): Promise<Round> => {
      progress(`${connections} connections, round ${run}`);
      await evicted();
      const before = await floors(FLOOR_LETTERS, connections, plan.requests);
      const found = new Map<string, Figures>();
      for (const { name, changesUsers, prepare } of targets) {
        const calls = await prepare(plan.requests);
        await rest(changesUsers ? TOLD_MS : PAUSE_MS);
        found.set(name, await closedLoop(calls, connections));
        if (changesUsers) await evicted();
      }
      return { before, targets: found, after: await floors(UNITS, connections, plan.requests) };
    };
    // The limits are for one connection. With many at once the floors themselves differ from one minute to the next.
    const { kept, again, apart } = await agreeing(plan.rounds, round, connections === 1 ? readingsOf : () => ({}));
    measured.rows.push(...rowsOf(connections, kept));
    measured.again += again;
    measured.apart = Math.max(measured.apart, apart);
  }
  return measured;
}

const p50sOf = ({ before, after }: Round, letter: FloorLetter): number[] =>
  [before, after].flatMap((figures) => figures.get(letter)?.p50 ?? []);
const readingsOf = (round: Round): Readings =>
  Object.fromEntries(UNITS.map((letter) => [letter, p50sOf(round, letter)]));

/** Floors are told in (a), each target in its own. */
function rowsOf(connections: number, rounds: readonly Round[]): LatencyRow[] {
  const row = (target: string, floor: FloorLetter, figures: (round: Round) => Figures | undefined): LatencyRow => {
    const found = rounds.flatMap((round) => figures(round) ?? []);
    const of = (name: keyof Figures) => median(found.map((one) => one[name]));
    const multiples = rounds.map((round) => (figures(round)?.p50 ?? Number.NaN) / median(p50sOf(round, floor)));
    return {
      target,
      connections,
      requests: found.reduce((sum, { requests }) => sum + requests, 0),
      p50: of('p50'),
      p95: of('p95'),
      p99: of('p99'),
      rps: of('rps'),
      floor,
      multiple: median(multiples),
    };
  };
  const limits = Object.entries(LATENCY_LIMITS);
  return [
    ...FLOOR_LETTERS.map((letter) => row(nameOfFloor(letter), 'a', ({ before }) => before.get(letter))),
    ...limits.map(([name, { floor }]) => row(name, floor, ({ targets }) => targets.get(name))),
  ];
}
