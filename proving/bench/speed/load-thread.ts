/**
 * The load generator's thread: sends the calls that it is given over so many connections, each its next one when the answer to the
 * last has come. In a thread of its own because Miniflare reads the Worker's log lines in the main one, which would count as latency of
 * whatever writes a line.
 */
import { parentPort } from 'node:worker_threads';
import { Http } from '../../world/bundle/http.ts';
import type { Call } from '../api.ts';

export type Load = { calls: readonly Call[]; connections: number };
/** Latencies in milliseconds, in the order of the answers, and the time of all of it. */
export type Measured = { latencies: number[]; seconds: number };
export type Outcome = { ok: true; measured: Measured } | { ok: false; error: unknown };

async function measure({ calls, connections }: Load): Promise<Measured> {
  const pool = new Http({ sockets: connections });
  const latencies: number[] = [];
  let next = 0;
  const connection = async () => {
    for (let call = calls[next++]; call !== undefined; call = calls[next++]) {
      const sent = performance.now();
      const { status, body } = await pool.send(call.url, call);
      latencies.push(performance.now() - sent);
      // What failed fast would look like speed.
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
  return { latencies, seconds: (performance.now() - started) / 1000 };
}

parentPort?.on('message', (load: Load) => {
  const tell = (outcome: Outcome) => parentPort?.postMessage(outcome);
  measure(load).then(
    (measured) => tell({ ok: true, measured }),
    (error: unknown) => tell({ ok: false, error }),
  );
});
