/**
 * The fake GPU worker behind the provider front of start/provider: a server in the load process, so it lives on when the stack is killed. Takes both forms: `POST /run` as
 * Runpod does, and the message itself as `POST /`; `/status/{id}` and `/cancel/{id}` for both.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { DispatchMessage } from '../../../server/src/contract/gpu-message.ts';
import { serve } from '../../../start/local/serve.ts';
import { ProviderFront, type RunView } from '../../../start/provider/front.ts';
import type { GpuWorker } from '../../../start/provider/gpu-worker.ts';
import { Provider, Unexpected } from '../../world/gpu.ts';
import { PROVIDER_TIMEOUT_MS } from '../settings.ts';
import { dispatchFate } from './fates.ts';
import { parseMessage, parseRunpod } from './message.ts';
import { type GpuDeps, Run } from './run.ts';

export type FakeGpu = {
  url: string;
  apiKey: string;
  /** Runs that are under way. */
  active(): number;
  /** Resolves when no run is under way. */
  idle(): Promise<void>;
  close(): void;
};

/** As many as runs are under way at a time, so that none waits. */
const WORKERS = 500;
const LIMITS = { executionMs: 600_000, ttlMs: 86_400_000 };

export async function startFakeGpu(deps: GpuDeps): Promise<FakeGpu> {
  const apiKey = `load-${crypto.randomUUID()}`;
  const parse = (body: string, path: string) => (path === '/run' ? parseRunpod(body) : parseMessage(body));
  const provider = new Provider({ apiKey, parse });
  const underWay = new Set<Run>();
  const worker: GpuWorker = {
    start: async () => {},
    work: (message, signal) => {
      const run = new Run(message as DispatchMessage, deps, signal);
      underWay.add(run);
      void run.over.then(() => underWay.delete(run));
      return run.answered;
    },
    stop: async () => {},
  };
  const front = new ProviderFront({ workers: Array<GpuWorker>(WORKERS).fill(worker), scaleDelayMs: 0 });
  const shown = (view: object | null) => (view === null ? new Response(null, { status: 404 }) : Response.json(view));
  provider.script = {
    dispatch: (message) => meet(message, provider, deps, () => front.submit(message, LIMITS)),
    status: (id) => shown(front.status(id)),
    cancel: (id) => shown(front.cancel(id)),
  };
  const door = await serve((request, at) => answer(request, at, provider, deps));
  const active = () => underWay.size + front.health().jobs.inQueue;
  const idle = async () => {
    for (; active() > 0; await nextTurn()) await Promise.all([...underWay].map((run) => run.over));
  };
  const close = () => {
    door.close();
    void front.close();
  };
  return { url: door.url, apiKey, active, idle, close };
}

/** What does not fit the contract fails the load run. */
async function answer(request: Request, at: number, provider: Provider, { tally }: GpuDeps): Promise<Response> {
  try {
    return await provider.answer(request, at);
  } catch (error) {
    if (error instanceof Unexpected) {
      tally.problem('a call to the GPU worker came without its key', request.url);
      return new Response(null, { status: 401 });
    }
    tally.problem('a dispatch does not fit the contract', error instanceof Error ? error.message : '');
    return new Response(null, { status: 400 });
  }
}

async function meet(
  message: DispatchMessage,
  provider: Provider,
  { dice, tally, ordinalOf }: GpuDeps,
  submit: () => RunView,
): Promise<Response> {
  const { job_id, attempt } = message;
  const delivery = provider.dispatchesOf(job_id).filter((one) => one.attempt === attempt).length - 1;
  tally.add('dispatches');
  const accepted = () => Response.json(submit());
  switch (dispatchFate(dice, ordinalOf(job_id), attempt, delivery)) {
    case 'take':
      return accepted();
    case 'refuse': {
      tally.add('dispatchesRefused');
      const busy = dice.chance(0.5, 'how refused', `${job_id}:${attempt}`, delivery);
      return Response.json({}, { status: busy ? 503 : 429 });
    }
    case 'fail':
      tally.add('dispatchesFailed');
      return Response.json({}, { status: 500 });
    case 'fail-taken':
      tally.add('dispatchesFailed');
      submit();
      return Response.json({}, { status: 500 });
    case 'late': {
      tally.add('dispatchesLate');
      const taken = accepted();
      await sleep(PROVIDER_TIMEOUT_MS + 500);
      return taken;
    }
  }
}
