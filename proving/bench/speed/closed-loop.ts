/** A closed loop: each connection sends its next request when the answer to the last has come. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Call } from '../api.ts';
import type { Load, Outcome } from './load-thread.ts';

/** Latencies in milliseconds; `rps` answers a second over the whole loop. */
export type Figures = { requests: number; p50: number; p95: number; p99: number; rps: number };

let thread: Worker | undefined;

/** One thread for all loops, as they come one after the other. It keeps nobody alive. */
function loadThread(): Worker {
  if (thread !== undefined) return thread;
  thread = new Worker(new URL('./load-thread.ts', import.meta.url));
  thread.unref();
  return thread;
}

/** Sends `calls` in order over that many connections, one loop at a time. Throws at the first answer that is not expected. */
export async function closedLoop(calls: readonly Call[], connections: number): Promise<Figures> {
  const worker = loadThread();
  const answered = once(worker, 'message');
  // Waiting for an answer does keep us alive.
  worker.ref();
  const load: Load = { calls, connections };
  worker.postMessage(load);
  const [outcome]: Outcome[] = await answered;
  worker.unref();
  if (outcome === undefined) throw new Error('the load generator ended');
  if (!outcome.ok) throw outcome.error;
  const { latencies, seconds } = outcome.measured;
  const sorted = latencies.toSorted((one, other) => one - other);
  return {
    requests: sorted.length,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    rps: sorted.length / seconds,
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
