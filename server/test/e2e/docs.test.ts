/**
 * docs/API.md and docs/schema, against the whole local stack: the page's shell lines run as they stand there, and what goes between the
 * service and both example GPU workers fits the schemas.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Stack, startStack } from '../../../start/local/stack.ts';
import { clientOf, type Program, ROOT, run, samplePhotos, sampleRule, startListening, truncated } from './support.ts';

const API_KEY = 'docs-gpu-key';
const out = mkdtempSync(path.join(tmpdir(), 's3-docs-'));

type Schema = { properties?: Record<string, unknown> };
const schemaOf = (name: string): Schema =>
  JSON.parse(readFileSync(path.join(ROOT, 'docs', 'schema', `${name}.json`), 'utf8'));
const ajv = new Ajv2020({ allErrors: true, strictTypes: false, validateFormats: false });
const validators = {
  message: ajv.compile(schemaOf('gpu-message')),
  callback: ajv.compile(schemaOf('callback')),
  answer: ajv.compile(schemaOf('callback-answer')),
};

/** Between the service and a GPU worker: passes everything on, callbacks included, and keeps what it saw. */
class Tap {
  /** Where messages go. */
  target = '';
  readonly seen = { message: [] as unknown[], callback: [] as unknown[], answer: [] as unknown[] };
  readonly #callbacks = new Map<string, string>();
  readonly #server: Server;
  url = '';

  constructor() {
    this.#server = createServer(async (request, response) => {
      const body = await text(request);
      const { host: _, 'content-length': __, ...headers } = request.headers as Record<string, string>;
      const original = this.#callbacks.get(request.url ?? '');
      const isMessage = original === undefined && request.method === 'POST' && request.url === '/';
      const passed = isMessage ? this.#rerouted(JSON.parse(body)) : body;
      if (original !== undefined) this.seen.callback.push(JSON.parse(body));
      const answer = await fetch(original ?? `${this.target}${request.url}`, {
        method: request.method ?? 'GET',
        headers,
        ...(passed === '' ? {} : { body: passed }),
      });
      const told = await answer.text();
      if (original !== undefined && answer.ok) this.seen.answer.push(JSON.parse(told));
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(told);
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #rerouted(message: { callback_url: string }): string {
    this.seen.message.push(message);
    const here = `/callbacks/${this.#callbacks.size}`;
    this.#callbacks.set(here, message.callback_url);
    return JSON.stringify({ ...message, callback_url: `${this.url}${here}` });
  }
}

const tap = new Tap();
let stack: Stack;
let reference: Program;
let python: Program;
beforeAll(async () => {
  await tap.listen();
  const env = { PORT: '0', GPU_API_KEY: API_KEY };
  reference = await startListening(process.execPath, ['examples/gpu-worker/src/main.ts'], {
    ...env,
    CALLBACK_BATCH: '2',
  });
  python = await startListening('python3', ['examples/gpu_worker.py'], env);
  stack = await startStack({ gpu: { url: tap.url, apiKey: API_KEY } });
});
afterAll(async () => {
  await stack?.stop();
  await reference?.stop();
  await python?.stop();
  tap.close();
  rmSync(out, { recursive: true, force: true });
});

it('the shell lines of the API page, one after the other, sign in, run a job and fetch its result', async () => {
  tap.target = `http://127.0.0.1:${reference.port}`;
  const page = readFileSync(path.join(ROOT, 'docs', 'API.md'), 'utf8');
  const blocks = Array.from(page.matchAll(/^```sh\n([\s\S]*?)^```$/gm), ([, code]) => code);
  const script = path.join(out, 'api.sh');
  writeFileSync(script, `set -euo pipefail\ncd '${out}'\n${blocks.join('\n')}`);
  const PHOTO = path.join(ROOT, 'examples', 'photos', 'seller', 'cookie-box.jpg');
  const ran = await run('bash', [script], { BASE: stack.baseUrl, PHOTO });
  expect(ran, stack.tail()).toMatchObject({ code: 0, stderr: '' });
  const lines = ran.stdout.trim().split('\n');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ id: 'black', hex: '#1E1E1E' });
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ code: 'AUTH_REQUIRED', details: null });
  expect(lines[2]).toBe('["ok","AUTH_REQUIRED"]');
  expect(JSON.parse(lines[3] ?? '')).toEqual({ status: 'uploaded' });
  expect(lines[4]).toMatch(/^(queued|running|done)$/);
  const progress = { done: 1, failed: 0, total: 1 };
  expect(JSON.parse(lines[5] ?? '')).toEqual({ status: 'done', charged: 1, progress });
  expect(readFileSync(path.join(out, 'result.jpg')).subarray(0, 3).toString('hex')).toBe('ffd8ff');
});

it.each([
  ['TypeScript', () => reference],
  ['Python', () => python],
])('what the example worker in %s is sent, reports and is answered fits the schemas', async (_, worker) => {
  tap.target = `http://127.0.0.1:${worker().port}`;
  for (const list of Object.values(tap.seen)) list.length = 0;
  const files = samplePhotos('seller').slice(0, 2);
  const [first] = files;
  if (first === undefined) throw new Error('no sample photos');
  const album = [...files, truncated(first)];
  const client = clientOf(stack.baseUrl);
  const result = await client.jobs.run({ preset: 'seller', files: album, rule: sampleRule('seller') });
  expect(result.status, stack.tail()).toBe('done');
  for (const kind of ['message', 'callback', 'answer'] as const) {
    expect(tap.seen[kind].length, kind).toBeGreaterThan(0);
    for (const one of tap.seen[kind]) {
      expect(validators[kind](one), `${kind}: ${ajv.errorsText(validators[kind].errors)}`).toBe(true);
    }
  }
  const known = Object.keys(schemaOf('gpu-message').properties ?? {});
  for (const message of tap.seen.message) {
    expect(known).toEqual(expect.arrayContaining(Object.keys(message as Record<string, unknown>)));
  }
});

it('the schemas take and refuse what the service does', () => {
  for (const status of ['done', ' SUCCEEDED ', 'Error'])
    expect(validators.callback({ idx: 0, status }), status).toBe(true);
  const [message] = tap.seen.message as Record<string, unknown>[];
  expect(validators.message({ ...message, items: [{ idx: 0 }] })).toBe(false);
  for (const wrong of [
    {},
    { idx: 200, status: 'done' },
    { idx: 0, status: 7 },
    { idx: 0, status: 'in progress' },
    { items: [] },
    { idx: 0, status: 'done', attempt: 0 },
  ]) {
    expect(validators.callback(wrong), JSON.stringify(wrong)).toBe(false);
  }
});
