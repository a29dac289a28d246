/**
 * The fake GPU worker: a server in the load process, so it lives on when the stack is killed. Takes both forms: `POST /run` as
 * Runpod does, and the message itself as `POST /`; `/status/{id}` and `/cancel/{id}` for both.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DispatchMessage } from '../../../server/src/contract/gpu-message.ts';
import { serve } from '../../../start/local/serve.ts';
import { Provider, Unexpected } from '../../world/gpu.ts';
import { PROVIDER_TIMEOUT_MS } from '../settings.ts';
import { dispatchFate, isBusy } from './fates.ts';
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

export async function startFakeGpu(deps: GpuDeps): Promise<FakeGpu> {
  const apiKey = `load-${crypto.randomUUID()}`;
  const parse = (body: string, path: string) => (path === '/run' ? parseRunpod(body) : parseMessage(body));
  const provider = new Provider({ apiKey, parse });
  const runs = new Map<string, Run>();
  const underWay = new Set<Run>();
  const start = (message: DispatchMessage): Run => {
    const run = new Run(message, deps);
    runs.set(run.id, run);
    underWay.add(run);
    void run.over.then(() => underWay.delete(run));
    return run;
  };
  const runOf = (id: string, act: (run: Run) => void): Response => {
    const run = runs.get(id);
    if (run === undefined || run.isForgotten) return new Response(null, { status: 404 });
    act(run);
    return Response.json({ id, status: run.status, ...(run.error === null ? {} : { error: run.error }) });
  };
  provider.script = {
    dispatch: (message) => meet(message, provider, deps, start),
    status: (id) => runOf(id, () => {}),
    cancel: (id) => runOf(id, (run) => run.cancel()),
  };
  const door = await serve((request, at) => answer(request, at, provider, deps));
  const idle = async () => {
    while (underWay.size > 0) await Promise.all([...underWay].map((run) => run.over));
  };
  return { url: door.url, apiKey, active: () => underWay.size, idle, close: door.close };
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
  start: (message: DispatchMessage) => Run,
): Promise<Response> {
  const { job_id, attempt } = message;
  const delivery = provider.dispatchesOf(job_id).filter((one) => one.attempt === attempt).length - 1;
  tally.add('dispatches');
  if (isBusy(provider.dispatched.length)) {
    tally.add('dispatchesRefused');
    return Response.json({}, { status: 429 });
  }
  const accepted = () => Response.json({ id: start(message).id, status: 'IN_QUEUE' });
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
      start(message);
      return Response.json({}, { status: 500 });
    case 'late': {
      tally.add('dispatchesLate');
      const taken = accepted();
      await sleep(PROVIDER_TIMEOUT_MS + 500);
      return taken;
    }
  }
}
