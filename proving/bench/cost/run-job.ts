/** One whole job of a known user, counted: from create to its end, with a watcher, as a client and a GPU worker do it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DispatchItem, DispatchMessage } from '../../../server/src/contract/gpu-message.ts';
import { type Dispatched, PICTURE } from '../../world/gpu.ts';
import type { Account, Job } from '../api.ts';
import { cpuMs, quiet, TOLD_MS } from '../speed/workerd-cpu.ts';
import type { Bench } from '../start.ts';
import type { Counts } from '../workers/counts.ts';
import { r2GbDays } from './storage.ts';

export type Variant = { photos: number; perCallback: number; evicted: boolean; masks?: boolean };

export type Usage = Counts & {
  /** From client and GPU worker: API calls, the watcher's upgrade, callbacks. */
  httpRequests: number;
  /** Bodies of those requests, and of their answers. */
  bytesIn: number;
  bytesOut: number;
  /** Bodies of the dispatches to the provider. */
  dispatchBytes: number;
  /** PUTs and GETs at storage itself, by client and GPU worker. */
  storageClassA: number;
  storageClassB: number;
  /** CPU of the whole workerd process, local D1, R2 and queue included. */
  cpuMs: number;
  /** The part of it from the answer to `execute` to the provider's first call: the queue and its consumer. */
  dispatchCpuMs: number;
  /** From `execute` to the provider's door, milliseconds. */
  dispatchMs: number;
  /** By which D1 has grown, in pages of 4,096 bytes. */
  d1Bytes: number;
  /** What lies in R2, by the sizes of storage.ts. */
  r2GbDays: number;
};

/** With what its clean-up uses, when its results are kept no longer. */
export type WholeUsage = Usage & { cleanUp: Counts };

/** The Worker with a meter on it. */
export const METERED = { entry: 'proving/bench/workers/counting.ts', besides: ['proving/bench/workers'] };

export async function runJob(bench: Bench, account: Account, variant: Variant): Promise<Usage> {
  const { api, gpu, production, pid } = bench;
  const { photos } = variant;
  // What was prepared is not the job's, such as what a sign-up tells D1 a moment later.
  await quiet(pid, TOLD_MS);
  const d1Before = await d1Size(bench);
  await takeCounts(bench);
  const [cpuBefore, traffic] = [cpuMs(pid), { ...api.traffic }];
  const job = await api.jobs.at('created', account, photos);
  await api.jobs.upload(job);
  const executed = performance.now();
  const { ticket } = (await api.jobs.execute(job, { masks: variant.masks })) as { ticket: string };
  const dispatchCpu = cpuMs(pid);
  const first = await gpu.dispatchOf(job.jobId);
  await settleDown();
  const dispatchCpuMs = cpuMs(pid) - dispatchCpu;
  const watcher = await watch(production.url, job, ticket);
  const runs = await work(bench, job, variant);
  const items = runs.flatMap(({ message }) => message.items);
  const ended = await api.ask<{ status: string; charged: number }>(
    api.queryCall('jobs.get', { jobId: job.jobId }, account.token),
  );
  watcher.close();
  if (ended.status !== 'done' || ended.charged !== photos) throw new Error(`the job ended as ${JSON.stringify(ended)}`);
  await settleDown();
  return {
    ...(await takeCounts(bench)),
    httpRequests: api.traffic.requests - traffic.requests + 1,
    bytesIn: api.traffic.bytesIn - traffic.bytesIn,
    bytesOut: api.traffic.bytesOut - traffic.bytesOut,
    dispatchBytes: runs.reduce((sum, { bytes }) => sum + bytes, 0),
    // The user's PUT of each photo, and the GPU worker's of all that it was given a URL for.
    storageClassA: photos + items.flatMap(placesOf).length,
    // The GPU worker reads the photo; the user looks at preview and result once.
    storageClassB: photos * 3,
    cpuMs: cpuMs(pid) - cpuBefore,
    dispatchCpuMs,
    dispatchMs: first.at - executed,
    d1Bytes: (await d1Size(bench)) - d1Before,
    r2GbDays: r2GbDays(photos, Object.keys(items[0]?.mask_urls ?? {}).length),
  };
}

/** Where a GPU worker puts what it made of a photo, with its content type: that of results is the message's. */
const placesOf = ({
  output_url,
  preview_url,
  mask_urls,
  instances_url,
}: DispatchItem): [url: string, type?: string][] => [
  [output_url],
  [preview_url, 'image/jpeg'],
  ...Object.values(mask_urls).map((url): [string, string] => [url, 'image/png']),
  ...(instances_url === undefined ? [] : [[instances_url, 'application/json'] satisfies [string, string]]),
];
const BUCKET = /^.*\/s3-images\//;

/** As GPU workers do, run by run: everything that a photo may have is put, then it is reported. */
async function work(bench: Bench, job: Job, { photos, perCallback, evicted }: Variant): Promise<Dispatched[]> {
  const { api, gpu, production } = bench;
  const runs: Dispatched[] = [];
  for (let done = 0; done < photos; ) {
    const run = await gpu.dispatchOf(job.jobId, runs.length + 1);
    runs.push(run);
    await settleDown();
    const { message } = run;
    await api.putAll(message.items.flatMap((item) => placesOf(item).map((place) => filled(message, place))));
    const indexes = message.items.map(({ idx }) => idx);
    for (let from = 0; from < indexes.length; from += perCallback) {
      if (evicted) {
        await production.evict('JOB_COORDINATOR', { id: job.jobId });
        await production.evict('USER_LIMITER', { name: job.userId });
      }
      const reported = indexes.slice(from, from + perCallback);
      await api.ask(api.callbackCall(job, message.callback_token, reported, message.attempt));
      done += reported.length;
    }
  }
  return runs;
}

function filled(
  { output_type }: DispatchMessage,
  [url, type]: [url: string, type?: string],
): [string, string, Uint8Array] {
  return [decodeURIComponent(new URL(url).pathname).replace(BUCKET, ''), type ?? output_type, PICTURE];
}

async function d1Size({ production }: Bench): Promise<number> {
  const db = await production.mf.getD1Database('DB');
  return (await db.prepare('SELECT 1').run()).meta.size_after;
}

export async function takeCounts({ production }: Pick<Bench, 'production'>): Promise<Counts> {
  const answer = await fetch(`${production.url}/__counts`);
  return (await answer.json()) as Counts;
}

/** What goes on after an answer: the consumer tells the object of the dispatch, the queue deletes its message. */
const settleDown = () => sleep(300);

async function watch(url: string, job: Job, ticket: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/trpc/watch/${job.jobId}?ticket=${ticket}`);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.onerror = () => reject(new Error('the watcher was not let in'));
  socket.onmessage = () => resolve();
  socket.onopen = () => {
    const params = { input: { json: { jobId: job.jobId } }, path: 'jobs.watch' };
    socket.send(JSON.stringify({ id: 1, method: 'subscription', params }));
  };
  await promise;
  return socket;
}
