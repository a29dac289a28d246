/** The figures of `npm run bench` as tables, each limit with its verdict. */
import {
  BUNDLE_LIMITS,
  CPU_LIMITS,
  CPU_UNITS,
  DISPATCH_LIMIT_MS,
  LARGEST_JOB,
  LARGEST_RUN,
  LATENCY_LIMITS,
  RUN_SHARE_LIMIT,
} from '../limits.ts';
import { figure, type Table, verdict } from '../tables.ts';
import type { CpuRow } from './cpu.ts';
import type { LatencyRow } from './latency.ts';
import { APART, type Rounds } from './rounds.ts';
import type { BundleFigures } from './start-up.ts';

/** How many rounds were run again, and how far apart the floors of the others are. */
export type Agreement = Pick<Rounds<unknown>, 'again' | 'apart'>;

export type Report = {
  bundle: BundleFigures;
  latency: LatencyRow[];
  cpu: CpuRow[];
  rounds: { latency: Agreement; cpu: Agreement; dispatch: Agreement };
  executeToProviderMs: number;
};

/** @param others the last reports of other machines */
export const tablesOf = (report: Report, others: readonly Report[]): Table[] => [
  limits(report, others),
  agreements(report),
  latencies(report),
  cpu(report),
];

type Row = {
  name: string;
  floor: string;
  limit: number;
  of: (report: Report) => number;
  rounds?: keyof Report['rounds'];
};

const latencyOf = (target: string) => (report: Report) =>
  report.latency.find((row) => row.target === target && row.connections === 1)?.multiple ?? Number.NaN;
const cpuOf = (name: string) => (report: Report) => report.cpu.find((row) => row.name === name)?.multiple ?? Number.NaN;
const dispatchMs = (report: Report, photos: number) =>
  report.cpu.find(({ name }) => name.startsWith(`dispatch of ${photos} photos`))?.cpuMs ?? Number.NaN;
const unitOf = (name: string) => Object.entries(CPU_UNITS).find(([kind]) => name.startsWith(kind))?.[1] ?? '';

const ROWS: Row[] = [
  ...Object.entries(LATENCY_LIMITS).map(
    ([name, { floor, most }]): Row => ({ name, floor, limit: most, of: latencyOf(name), rounds: 'latency' }),
  ),
  ...Object.entries(CPU_LIMITS).map(
    ([name, limit]): Row => ({
      name: `CPU of ${name}`,
      floor: unitOf(name),
      limit,
      of: cpuOf(name),
      rounds: name.startsWith('dispatch') ? 'dispatch' : 'cpu',
    }),
  ),
  {
    name: `CPU of a run of ${LARGEST_RUN} ÷ ${LARGEST_JOB} photos at once`,
    floor: '',
    limit: RUN_SHARE_LIMIT,
    of: (all) => dispatchMs(all, LARGEST_RUN) / dispatchMs(all, LARGEST_JOB),
    rounds: 'dispatch',
  },
  { name: 'execute → provider, p50, ms', floor: '', limit: DISPATCH_LIMIT_MS, of: (all) => all.executeToProviderMs },
  {
    name: 'bundle, minified and gzipped, KB',
    floor: '',
    limit: BUNDLE_LIMITS.gzip / 1000,
    of: ({ bundle }) => bundle.gzip / 1000,
  },
  { name: 'start-up, CPU ms', floor: '', limit: BUNDLE_LIMITS.startUpMs, of: ({ bundle }) => bundle.startUpMs },
];

function limits(report: Report, others: readonly Report[]): Table {
  const machines = others.length + 1;
  return {
    title: 'Limits, as multiples of the floor that each is made of',
    head: ['', 'floor', 'limit', 'reached', `on ${machines} machine${machines === 1 ? '' : 's'}`, 'verdict'],
    rows: ROWS.map(({ name, floor, limit, of, rounds }) => {
      const reached = of(report);
      const all = [reached, ...others.map(of)].filter(Number.isFinite);
      const disagree = rounds !== undefined && report.rounds[rounds].apart > APART ? ', but the floors disagree' : '';
      const seen = all.length > 1 ? `${figure(Math.min(...all))} to ${figure(Math.max(...all))}` : figure(reached);
      return [name, floor, figure(limit), figure(reached), seen, verdict(reached, limit) + disagree];
    }),
  };
}

function agreements({ rounds }: Report): Table {
  return {
    title: 'Rounds',
    head: ['rounds of', 'run again', 'floors apart', 'at most', 'verdict'],
    rows: Object.entries(rounds).map(([name, { again, apart }]) => [
      name,
      String(again),
      figure(apart),
      figure(APART),
      verdict(apart, APART),
    ]),
  };
}

function latencies({ latency }: Report): Table {
  const rows = latency.map(({ target, connections, requests, p50, p95, p99, rps, floor, multiple }) => [
    target,
    String(connections),
    String(requests),
    ...[p50, p95, p99, rps].map(figure),
    floor,
    figure(multiple),
  ]);
  const head = ['request', 'connections', 'requests', 'p50 ms', 'p95 ms', 'p99 ms', 'a second', 'floor', '× floor'];
  return { title: 'Latency', head, rows };
}

function cpu({ cpu: rows }: Report): Table {
  return {
    title: 'CPU of workerd per request, local D1, R2 and queue included',
    head: ['request', 'requests', 'CPU ms', 'floor', '× floor'],
    rows: rows.map(({ name, requests, cpuMs, floor, multiple }) => [
      name,
      String(requests),
      figure(cpuMs),
      floor,
      figure(multiple),
    ]),
  };
}
