/**
 * A GPU worker that does what a case says, in Node: takes dispatches, stores results where they tell, and reports with `./webhooks`.
 * It listens on 127.0.0.1 only, and serves `POST /control` for cases that run in another process.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PREVIEW, RESULTS } from '../../src/testing/pictures.ts';
import { createReporter, type DispatchMessage, type GpuResult, parseDispatch } from '../../src/webhooks/index.ts';
import { VERBS } from './control.ts';
import type { Control, Outcome } from './env.ts';
import { within } from './expect.ts';

export interface ScriptedGpu {
  /** For the Worker's GPU_URL, and for `controlOver`. */
  url: string;
  control: Control;
  close(): void;
}

/** @param operator the API's address and its ADMIN_SECRET; a function, since the stack starts after its GPU worker */
export async function startScriptedGpu(operator: () => { baseUrl: string; adminSecret: string }): Promise<ScriptedGpu> {
  const messages = new Map<string, DispatchMessage>();
  const waiting = new Map<string, ((message: DispatchMessage) => void)[]>();
  const nameOf = (jobId: string, attempt: number) => `${jobId} ${attempt}`;

  const take = (message: DispatchMessage): void => {
    const name = nameOf(message.job_id, message.attempt);
    messages.set(name, message);
    for (const resolve of waiting.get(name) ?? []) resolve(message);
    waiting.delete(name);
  };
  const messageOf = (jobId: string, attempt = 1): Promise<DispatchMessage> => {
    const name = nameOf(jobId, attempt);
    const known = messages.get(name);
    if (known !== undefined) return Promise.resolve(known);
    const coming = new Promise<DispatchMessage>((resolve) => {
      waiting.set(name, [...(waiting.get(name) ?? []), resolve]);
    });
    return within(coming, `the dispatch of ${name}`);
  };
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

  const server = createServer(async (request, response) => {
    const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type' };
    const answer = (status: number, json: unknown) =>
      response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(json));
    try {
      const body = await textOf(request);
      if (request.method === 'OPTIONS') answer(200, {});
      else if (request.url === '/control') answer(200, { value: (await asked(control, body)) ?? null });
      else if (request.method === 'POST' && request.url === '/') {
        take(parseDispatch(body));
        answer(200, {});
      } else answer(404, {});
    } catch (error) {
      answer(request.url === '/control' ? 200 : 400, { error: String(error) });
    }
  });
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, control, close };
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
  const headers = { authorization: `Bearer ${adminSecret}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ json: { userId, plan: 'pro' } });
  const answer = await fetch(`${baseUrl}/trpc/admin.setPlan`, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`admin.setPlan answered ${answer.status}: ${await answer.text()}`);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString();
}
