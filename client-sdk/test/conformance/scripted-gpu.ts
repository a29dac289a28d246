/**
 * A GPU worker that does what a case says, in Node: takes dispatches, stores results where they tell, and reports with `./webhooks`.
 * It listens on 127.0.0.1 only, and serves `POST /control` for cases that run in another process.
 */

import { Deployment } from '../../../proving/world/bundle/deployment.ts';
import { Provider } from '../../../proving/world/gpu.ts';
import type { DispatchMessage as Sent } from '../../../server/src/contract/gpu-message.ts';
import { serve } from '../../../start/local/serve.ts';
import { PREVIEW, RESULTS } from '../../src/testing/pictures.ts';
import { createReporter, type DispatchMessage, type GpuResult, parseDispatch } from '../../src/webhooks/index.ts';
import { VERBS } from './control.ts';
import type { Control, Outcome } from './env.ts';

export interface ScriptedGpu {
  /** For the Worker's GPU_URL, and for `controlOver`. */
  url: string;
  control: Control;
  close(): void;
}

/** @param operator the API's address and its ADMIN_SECRET; a function, since the stack starts after its GPU worker */
export async function startScriptedGpu(operator: () => { baseUrl: string; adminSecret: string }): Promise<ScriptedGpu> {
  // Servers of earlier releases sent no secret; ours does.
  const provider = new Provider({ parse: (body) => parseDispatch(body) as Sent });
  // It names no run, so that nobody asks for one.
  provider.script.dispatch = () => Response.json({});
  const messageOf = async (jobId: string, attempt = 1) => (await provider.dispatchOf(jobId, attempt)).message;
  const report = async (jobId: string, result: GpuResult): Promise<Outcome> => {
    const answer = await createReporter(await messageOf(jobId)).report(result);
    return answer.items[0]?.outcome ?? 'ignored';
  };
  const control: Control = {
    dispatched: async (jobId, attempt) => {
      const { items } = await messageOf(jobId, attempt);
      return { indexes: items.map(({ idx }) => idx) };
    },
    done: async (jobId, idx) => {
      await store(await messageOf(jobId), idx);
      return report(jobId, { idx, status: 'done' });
    },
    fail: (jobId, idx, reason) => report(jobId, { idx, status: 'failed', error: reason }),
    upgrade: (userId) => upgrade(operator(), userId),
  };
  const { url, close } = await serve(async (request, at) => {
    const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type' };
    const isControl = new URL(request.url).pathname === '/control';
    try {
      if (request.method === 'OPTIONS') return Response.json({}, { headers });
      if (!isControl) return await provider.answer(request, at);
      return Response.json({ value: (await asked(control, await request.text())) ?? null }, { headers });
    } catch (error) {
      return Response.json({ error: String(error) }, { status: isControl ? 200 : 400, headers });
    }
  });
  return { url, control, close };
}

function asked(control: Control, body: string): Promise<unknown> {
  const { verb, args } = JSON.parse(body) as { verb: string; args: unknown[] };
  const known = VERBS.find((one) => one === verb);
  if (known === undefined) throw new Error(`there is no ${verb}`);
  return (control[known] as (...given: unknown[]) => Promise<unknown>)(...args);
}

const FORMATS = { 'image/png': 'png', 'image/jpeg': 'jpeg', 'image/webp': 'webp' } as const;

/** What a GPU worker would have made of the photo. */
async function store({ items, output_type }: DispatchMessage, idx: number): Promise<void> {
  const item = items.find((one) => one.idx === idx);
  if (item === undefined) throw new Error(`photo ${idx} was not dispatched`);
  const pictures = [
    [item.output_url, output_type, RESULTS[FORMATS[output_type]]],
    [item.preview_url, 'image/jpeg', PREVIEW],
  ] as const;
  for (const [url, type, body] of pictures) {
    const answer = await fetch(url, { method: 'PUT', headers: { 'content-type': type }, body });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`the storage answered ${answer.status}`);
  }
}

async function upgrade({ baseUrl, adminSecret }: { baseUrl: string; adminSecret: string }, userId: string) {
  const service = new Deployment(baseUrl, adminSecret);
  await service.makePro({ userId }).finally(() => service.http.close());
}
