/** One whole job of a known user, counted: from create to its end, with a watcher, as a client and a GPU worker do it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DispatchMessage } from '../../../server/src/contract/gpu-message.ts';
import { inputKey, instancesKey, maskKey, outputKey, previewKey } from '../../../server/src/domain/keys.ts';
import { PICTURE } from '../../world/gpu.ts';
import { type Account, CHOICE, type Job, range } from '../api.ts';
import { cpuMs, quiet, TOLD_MS } from '../speed/workerd-cpu.ts';
import type { Bench } from '../start.ts';
import type { Counts } from '../workers/counts.ts';
import { r2GbDays } from './storage.ts';

export type Variant = { photos: number; perCallback: number; evicted: boolean };

export type Usage = Counts & {
  /** From client and GPU worker: API calls, the watcher's upgrade, callbacks. */
  httpRequests: number;
  /** Bodies of those requests, and of their answers. */
  bytesIn: number;
  bytesOut: number;
  /** Body of the dispatch to the provider. */
  dispatchBytes: number;
  /** PUTs and GETs at storage itself, by client and GPU worker. */
  storageClassA: number;
  storageClassB: number;
  /** CPU of the whole workerd process, local D1, R2 and queue included. */
  cpuMs: number;
  /** The part of it from the answer to `execute` to the provider's call: the queue and its consumer. */
  dispatchCpuMs: number;
  /** From `execute` to the provider's door, milliseconds. */
  dispatchMs: number;
  /** By which D1 has grown, in pages of 4,096 bytes. */
  d1Bytes: number;
  /** What lies in R2, by the sizes of storage.ts. */
  r2GbDays: number;
};

const MASKED = [...Object.keys(CHOICE.concepts), ...CHOICE.protect];

export async function runJob(bench: Bench, account: Account, variant: Variant): Promise<Usage> {
  const { api, gpu, production, pid } = bench;
  const { photos } = variant;
  // What was prepared is not the job's, such as what a sign-up tells D1 a moment later.
  await quiet(pid, TOLD_MS);
  const d1Before = await d1Size(bench);
  await takeCounts(bench);
  const [cpuBefore, traffic] = [cpuMs(pid), { ...api.traffic }];
  const job = await api.jobs.at('created', account, photos);
  const call = (path: string, input: object = {}) =>
    api.ask<{ status: string; ticket: string }>(api.mutationCall(path, { jobId: job.jobId, ...input }, account.token));
  await putAll(
    bench,
    range(0, photos).map((idx) => [inputKey(job, idx), 'image/jpeg']),
  );
  await call('jobs.confirmUpload');
  const executed = performance.now();
  const { ticket } = await call('jobs.execute', CHOICE);
  const dispatchCpu = cpuMs(pid);
  const { message, at, bytes } = await gpu.dispatchOf(job.jobId);
  await settleDown();
  const dispatchCpuMs = cpuMs(pid) - dispatchCpu;
  const watcher = await watch(production.url, job, ticket);
  await work(bench, job, message, variant);
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
    dispatchBytes: bytes,
    storageClassA: photos * (4 + MASKED.length),
    // The GPU worker reads the photo; the user looks at preview and result once.
    storageClassB: photos * 3,
    cpuMs: cpuMs(pid) - cpuBefore,
    dispatchCpuMs,
    dispatchMs: at - executed,
    d1Bytes: (await d1Size(bench)) - d1Before,
    r2GbDays: r2GbDays(photos, MASKED.length),
  };
}

/** As a GPU worker does: everything that a photo may have is put, then it is reported. */
async function work(
  bench: Bench,
  job: Job,
  message: DispatchMessage,
  { photos, perCallback, evicted }: Variant,
): Promise<void> {
  const { api, production } = bench;
  await putAll(
    bench,
    range(0, photos).flatMap((idx) => [
      [outputKey(job, idx), message.output_type],
      [previewKey(job, idx), 'image/jpeg'],
      [instancesKey(job, idx), 'application/json'],
      ...MASKED.map((concept): [string, string] => [maskKey(job, idx, concept), 'image/png']),
    ]),
  );
  for (let from = 0; from < photos; from += perCallback) {
    if (evicted) {
      await production.evict('JOB_COORDINATOR', { id: job.jobId });
      await production.evict('USER_LIMITER', { name: job.userId });
    }
    await api.ask(api.callbackCall(job, message.callback_token, range(from, Math.min(photos, from + perCallback))));
  }
}

/** Objects as the client and the GPU worker would put them: past the Worker, so nothing of it is counted. */
async function putAll({ production }: Bench, objects: [key: string, contentType: string][]): Promise<void> {
  const r2 = await production.mf.getR2Bucket('R2');
  for (const [key, contentType] of objects)
    await r2.put(key, contentType === 'image/png' ? PICTURE : 'abcd', { httpMetadata: { contentType } });
}

async function d1Size({ production }: Bench): Promise<number> {
  const db = await production.mf.getD1Database('DB');
  return (await db.prepare('SELECT 1').run()).meta.size_after;
}

async function takeCounts({ production }: Bench): Promise<Counts> {
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
