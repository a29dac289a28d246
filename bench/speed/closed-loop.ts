/** A closed loop: each connection sends its next request when the answer to the last has come. */
import { type Call, Connections } from './http.ts';

/** Latencies in milliseconds; `rps` answers a second over the whole loop. */
export type Figures = { requests: number; p50: number; p95: number; p99: number; rps: number };

/**
 * Sends `calls` in order over that many connections. Throws at the first answer that is not expected: what failed fast would
 * look like speed.
 */
export async function closedLoop(calls: readonly Call[], connections: number): Promise<Figures> {
  const pool = new Connections(connections);
  const latencies: number[] = [];
  let next = 0;
  const connection = async () => {
    for (let call = calls[next++]; call !== undefined; call = calls[next++]) {
      const sent = performance.now();
      const { status, body } = await pool.send(call);
      latencies.push(performance.now() - sent);
      if (status !== 200)
        throw new Error(`${call.method ?? 'GET'} ${call.url} answered ${status}: ${body.slice(0, 300)}`);
    }
  };
  const started = performance.now();
  try {
    await Promise.all(Array.from({ length: connections }, connection));
  } finally {
    pool.close();
  }
  const seconds = (performance.now() - started) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    requests: latencies.length,
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
    p99: quantile(latencies, 0.99),
    rps: latencies.length / seconds,
  };
}

/** @param sorted ascending, not empty */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
