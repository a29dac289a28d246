/** A GPU provider that takes every run and does nothing: the door at which the time from `execute` is stopped. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { DispatchMessage } from '../../server/src/contract/gpu-message.ts';

export type Dispatched = {
  /** `performance.now()` when the request came in. */
  at: number;
  message: DispatchMessage;
  bytes: number;
};

export type GpuSink = {
  url: string;
  /** The first dispatch of a job, as soon as it comes; asked for before or after. */
  dispatchOf(jobId: string): Promise<Dispatched>;
  stop(): Promise<void>;
};

export async function startGpuSink(): Promise<GpuSink> {
  const waiting = new Map<string, PromiseWithResolvers<Dispatched>>();
  const slot = (jobId: string) => {
    const known = waiting.get(jobId) ?? Promise.withResolvers<Dispatched>();
    waiting.set(jobId, known);
    return known;
  };
  const server = createServer(async (request, response) => {
    const at = performance.now();
    const body = await text(request);
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ id: crypto.randomUUID() }));
    if (request.url !== '/') return;
    const message: DispatchMessage = JSON.parse(body);
    slot(message.job_id).resolve({ at, message, bytes: Buffer.byteLength(body) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    dispatchOf: (jobId) => slot(jobId).promise,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
