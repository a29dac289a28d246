/** A reference GPU worker behind the provider front: a process of its own, started when it is needed, that is given its runs by HTTP. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Children } from '../local/children.ts';
import { type ReferenceGpu, startReferenceGpu } from '../local/gpu-worker.ts';
import { type GpuWorker, WorkerDied } from './gpu-worker.ts';

/** Between two questions how a run goes, in milliseconds. */
const PAUSE_MS = 100;
/** The front keeps the time; the worker is to have no shorter limits of its own. */
const POLICY = { executionTimeout: 7 * 86_400_000, ttl: 7 * 86_400_000 };

/** @param threads that one worker decodes, segments and paints with */
export function referenceWorker(children: Children, threads: number): GpuWorker {
  const apiKey = crypto.randomUUID();
  let process: ReferenceGpu | null = null;
  return {
    start: async () => {
      process = await startReferenceGpu(children, { port: 0, apiKey, threads });
    },
    work: async (input, signal) => {
      if (process === null) throw new WorkerDied('the GPU worker is not up');
      const { url, ended } = process;
      return Promise.race([
        runAt({ url, apiKey }, input, signal),
        ended.then((why) => Promise.reject(new WorkerDied(why))),
      ]);
    },
    stop: async () => {
      process?.end();
      await process?.ended;
      process = null;
    },
  };
}

export type WorkerDoor = { url: string; apiKey: string };
type Said = { id?: string; status?: string; output?: unknown; error?: unknown };

/** Has the worker at `door` do one run, and waits for its end: with its output, or rejects with the worker's own reason. */
export async function runAt(door: WorkerDoor, input: unknown, signal: AbortSignal): Promise<unknown> {
  const { id } = await ask(door, 'POST', '/run', JSON.stringify({ input, policy: POLICY }));
  const cancel = () => void ask(door, 'POST', `/cancel/${id}`).catch(() => undefined);
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  try {
    for (;;) {
      const { status, output, error } = await ask(door, 'GET', `/status/${id}`);
      if (status === 'COMPLETED') return output;
      if (status !== 'IN_QUEUE' && status !== 'IN_PROGRESS') throw new Error(reasonOf(error) ?? `the run is ${status}`);
      await sleep(PAUSE_MS);
    }
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

async function ask({ url, apiKey }: WorkerDoor, method: string, path: string, body?: string): Promise<Said> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  let answer: Response;
  try {
    answer = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  } catch (error) {
    throw new WorkerDied('the GPU worker cannot be reached', { cause: error });
  }
  const said = (await answer.json().catch(() => ({}))) as Said;
  if (!answer.ok) throw new Error(`the GPU worker answered ${answer.status}: ${reasonOf(said.error) ?? 'no reason'}`);
  return said;
}

/** A text, or an object with one, such as workers answer. */
function reasonOf(error: unknown): string | null {
  if (typeof error === 'string') return error;
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : null;
  return typeof message === 'string' ? message : null;
}
