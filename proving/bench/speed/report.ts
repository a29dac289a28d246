/** The figures of `npm run bench` as tables, each limit with its verdict. */
import { BUNDLE_LIMITS, CPU_LIMITS, DISPATCH_LIMIT_MS, LATENCY_LIMITS } from '../limits.ts';
import { figure, type Table, verdict } from '../tables.ts';
import type { CpuRow } from './cpu.ts';
import type { LatencyRow } from './latency.ts';
import type { BundleFigures } from './start-up.ts';

export type Report = {
  bundle: BundleFigures;
  latency: LatencyRow[];
  cpu: CpuRow[];
  executeToProviderMs: number;
};

export const tablesOf = (report: Report): Table[] => [limits(report), latencies(report), cpu(report)];

function limits({ bundle, latency, cpu: rows, executeToProviderMs }: Report): Table {
  const line = (name: string, limit: number, value: number): string[] => [
    name,
    figure(limit),
    figure(value),
    verdict(value, limit),
  ];
  const multiple = (target: string) =>
    latency.find((row) => row.target === target && row.connections === 1)?.multiple ?? Number.NaN;
  const cpuOf = (name: string) => rows.find((row) => row.name === name)?.cpuMs ?? Number.NaN;
  return {
    title: 'Limits',
    head: ['', 'limit', 'reached', 'verdict'],
    rows: [
      ...Object.entries(LATENCY_LIMITS).map(([name, limit]) => line(`${name}: × floor (a)`, limit, multiple(name))),
      ...Object.entries(CPU_LIMITS).map(([name, limit]) => line(`${name}: CPU ms`, limit, cpuOf(name))),
      line('execute → provider, p50, ms', DISPATCH_LIMIT_MS, executeToProviderMs),
      line('bundle, minified and gzipped, KB', BUNDLE_LIMITS.gzip / 1000, bundle.gzip / 1000),
      line('start-up, CPU ms', BUNDLE_LIMITS.startUpMs, bundle.startUpMs),
    ],
  };
}

function latencies({ latency }: Report): Table {
  const rows = latency.map(({ target, connections, requests, p50, p95, p99, rps, multiple }) => [
    target,
    String(connections),
    String(requests),
    ...[p50, p95, p99, rps, multiple].map(figure),
  ]);
  const head = ['request', 'connections', 'requests', 'p50 ms', 'p95 ms', 'p99 ms', 'a second', '× floor (a)'];
  return { title: 'Latency', head, rows };
}

function cpu({ cpu: rows }: Report): Table {
  return {
    title: 'CPU of workerd per request, local D1, R2 and queue included',
    head: ['request', 'requests', 'CPU ms'],
    rows: rows.map(({ name, requests, cpuMs }) => [name, String(requests), figure(cpuMs)]),
  };
}
