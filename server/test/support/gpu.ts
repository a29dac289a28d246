/**
 * The GPU provider at https://gpu.test, scripted: it takes what it is told to take and remembers what it was asked. Every
 * other outgoing request is unexpected and fails the test.
 */
import { env } from 'cloudflare:workers';
import { expect, vi } from 'vitest';
import type { DispatchMessage } from '../../src/contract/gpu-message.ts';

type Script = {
  dispatch: (message: DispatchMessage) => Response | Promise<Response>;
  status: (runId: string) => Response;
  cancel: (runId: string) => Response | Promise<Response>;
};

export const gpu = {
  dispatches: [] as DispatchMessage[],
  statusAsked: [] as string[],
  canceled: [] as string[],
  unexpected: [] as string[],
  /** Names under which it was called. */
  agents: new Set<string | null>(),
  script: acceptingScript(),

  dispatchesOf(jobId: string): DispatchMessage[] {
    return gpu.dispatches.filter(({ job_id }) => job_id === jobId);
  },
};

/** Accepts every run under an id of its own, and knows nothing of any run afterwards. */
function acceptingScript(): Script {
  return {
    dispatch: ({ job_id, attempt }) => Response.json({ id: `run-${job_id.slice(0, 8)}-${attempt}` }),
    status: () => new Response(null, { status: 404 }),
    cancel: () => new Response(null, { status: 200 }),
  };
}

export const answering = (status: number) => () => new Response('no', { status });
export const losingTheAnswer = () => Promise.reject(new TypeError('network connection lost'));

async function provider(request: Request): Promise<Response> {
  const { origin, pathname } = new URL(request.url);
  if (origin !== env.GPU_URL || request.headers.get('authorization') !== `Bearer ${env.GPU_API_KEY}`) {
    gpu.unexpected.push(`${request.method} ${request.url}`);
    throw new Error(`unexpected request to ${request.url}`);
  }
  gpu.agents.add(request.headers.get('user-agent'));
  const [, verb, runId] = pathname.split('/');
  if (verb === 'status' && runId !== undefined) {
    gpu.statusAsked.push(runId);
    return gpu.script.status(runId);
  }
  if (verb === 'cancel' && runId !== undefined) {
    gpu.canceled.push(runId);
    return gpu.script.cancel(runId);
  }
  const message = await request.json<DispatchMessage>();
  gpu.dispatches.push(message);
  return gpu.script.dispatch(message);
}

export function startGpu(): void {
  const asked = { dispatches: [], statusAsked: [], canceled: [], unexpected: [], agents: new Set() };
  Object.assign(gpu, { ...asked, script: acceptingScript() });
  vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => provider(new Request(input, init)));
}

export function expectNoUnexpectedRequests(): void {
  expect(gpu.unexpected).toEqual([]);
}
