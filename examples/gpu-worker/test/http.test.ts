// The doors: key, bad messages, cancel, time limits, and callbacks that meet trouble.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { messageFor, photo } from './bench.ts';
import { OwnBench } from './own-bench.ts';

const own = OwnBench.forEachTest();

const small = photo('seller/cookie-box.jpg');
const message = (photos = [small]) => messageFor(own.storage, 'seller', photos);

test('with a key set, every route but GET /health asks for it', async () => {
  await own.restart({ apiKey: 'gpu-key' });
  expect((await own.bench.get('/health')).status).toBe(200);
  for (const authorization of ['', 'Bearer wrong', 'Basic gpu-key']) {
    expect((await own.bench.post('/run', { input: message() }, { authorization })).status).toBe(401);
    expect((await own.bench.post('/', message(), { authorization })).status).toBe(401);
  }
  expect((await own.bench.get('/status/x')).status).toBe(401);
  expect((await own.bench.post('/cancel/x')).status).toBe(401);
  expect((await own.bench.post('/run', { input: message() }, { authorization: 'Bearer gpu-key' })).status).toBe(200);
  await own.bench.ended();
});

test.each<[string, (m: ReturnType<typeof messageFor>) => object]>([
  ['job_id', (m) => ({ ...m, job_id: '' })],
  ['attempt', (m) => ({ ...m, attempt: 0 })],
  ['preset', (m) => ({ ...m, preset: 'garden' })],
  ['concepts', (m) => ({ ...m, concepts: {} })],
  ['concepts.Floor', (m) => ({ ...m, concepts: { Floor: { action: 'remove' } } })],
  ['concepts.Body.action', (m) => ({ ...m, concepts: { Body: { action: 'explode' } } })],
  ['concepts.Body.value', (m) => ({ ...m, concepts: { Body: { action: 'recolor', value: 'oak' } } })],
  ['concepts.Body.value', (m) => ({ ...m, concepts: { Body: { action: 'texture', value: 'lava' } } })],
  ['protect[0]', (m) => ({ ...m, protect: ['Grout'] })],
  ['items', (m) => ({ ...m, items: [] })],
  ['items', (m) => ({ ...m, items: [m.items[0], m.items[0]] })],
  ['items[0].input_url', (m) => ({ ...m, items: [{ ...m.items[0], input_url: 'file:///etc/passwd' }] })],
  ['items[0].mask_urls.Body', (m) => ({ ...m, items: [{ ...m.items[0], mask_urls: { Body: 'nowhere' } }] })],
  ['output_type', (m) => ({ ...m, output_type: 'image/gif' })],
  ['callback_url', (m) => ({ ...m, callback_url: 'nowhere' })],
  ['batch_concurrency', (m) => ({ ...m, batch_concurrency: 0 })],
])('a message with a bad %s is refused with 400 and the name of the field', async (field, spoil) => {
  const answer = await own.bench.post('/', spoil(message()));
  const { error } = (await answer.json()) as { error: { code: string; field: string; message: string } };
  expect([answer.status, error.code, error.field]).toEqual([400, 'VALIDATION_ERROR', field]);
  expect(error.message).toContain(field);
});

test('what is no JSON, no input, no route or too large is refused as such', async () => {
  expect((await own.bench.post('/', '{')).status).toBe(400);
  expect(await (await own.bench.post('/run', message())).json()).toMatchObject({ error: { field: 'input' } });
  expect((await own.bench.post('/nothing')).status).toBe(404);
  expect((await own.bench.get('/status/unknown')).status).toBe(404);
  expect((await own.bench.post('/cancel/unknown')).status).toBe(404);
  expect((await own.bench.get('/run')).status).toBe(405);
  expect((await own.bench.post('/', ' '.repeat(10 * 1024 * 1024 + 1))).status).toBe(413);
});

test('a callback that met 503 and 429 is sent again under the same key with the same body', async () => {
  own.storage.answers.push({ status: 503 }, { status: 429, headers: { 'retry-after': '0' } });
  await own.bench.post('/', message());
  expect(await own.bench.ended()).toBe('COMPLETED');
  expect(own.storage.callbacks.map(({ answered }) => answered)).toEqual([503, 429, 200]);
  expect(new Set(own.storage.callbacks.map(({ key }) => key))).toEqual(new Set(['job-1:1:0']));
  expect(own.storage.callbacks[2]!.body).toEqual(own.storage.callbacks[0]!.body);
});

test('a callback refused with 400 is not repeated, and the other photos are still reported', async () => {
  own.storage.answers.push({ status: 400 });
  await own.bench.post('/', message([small, small]));
  expect(await own.bench.ended()).toBe('FAILED');
  expect(own.storage.callbacks.map(({ answered }) => answered)).toEqual([400, 200]);
});

test('when the job is unknown to the receiver, the rest of its photos are left alone', async () => {
  own.storage.answers.push({ status: 404 }, { status: 404 });
  await own.bench.post('/', { ...message(Array(6).fill(small)), batch_concurrency: 1 });
  expect(await own.bench.ended()).toBe('FAILED');
  expect(own.storage.callbacks).toHaveLength(1);
  expect(own.storage.requests.filter((line) => line.startsWith('GET'))).toHaveLength(1);
});

test('callbacks are given up after the last try', async () => {
  await own.restart({ retry: { baseMs: 1, capMs: 2, tries: 3 } });
  own.storage.answers.push(...Array(3).fill({ status: 500 }));
  await own.bench.post('/', message());
  expect(await own.bench.ended()).toBe('FAILED');
  expect(own.storage.callbacks).toHaveLength(3);
});

test('with groups asked for, results travel together, each with its own key', async () => {
  await own.restart({ callbackBatch: 2 });
  await own.bench.post('/', message([small, small, small]));
  expect(await own.bench.ended()).toBe('COMPLETED');
  const groups = own.storage.callbacks.map(({ body }) => body.items as { idx: number; idempotency_key: string }[]);
  expect(groups.map((items) => items.length)).toEqual([2, 1]);
  for (const item of groups.flat()) expect(item.idempotency_key).toBe(`job-1:1:${item.idx}`);
});

test('an upload whose link has expired fails the photo at once', async () => {
  const job = message();
  const items = [{ ...job.items[0]!, output_url: own.storage.signed('outputs/0_result.png', 'image/gif') }];
  await own.bench.post('/', { ...job, items });
  await own.bench.ended();
  expect(own.storage.callbacks[0]!.body).toMatchObject({
    status: 'failed',
    error: 'the link for the result has expired',
  });
  expect(own.storage.requests.filter((line) => line === 'PUT outputs/0_result.png')).toHaveLength(1);
});

test('a cancelled job stops and sends nothing more', async () => {
  own.storage.held.add('inputs/0.jpg');
  const { id } = (await (await own.bench.post('/', { ...message(), batch_concurrency: 1 })).json()) as { id: string };
  await own.storage.until(() => own.storage.requests.length === 1);
  expect(await (await own.bench.get(`/status/${id}`)).json()).toEqual({ id, status: 'IN_PROGRESS' });
  expect(await (await own.bench.post(`/cancel/${id}`)).json()).toEqual({ id, status: 'CANCELLED' });
  expect(await own.bench.ended()).toBe('CANCELLED');
  await own.bench.worker.close();
  expect(own.storage.requests).toEqual(['GET inputs/0.jpg']);
});

test('a job cancelled while it waits never starts', async () => {
  await own.restart({ concurrency: 1 });
  own.storage.held.add('inputs/0.jpg');
  const first = (await (await own.bench.post('/', message())).json()) as { id: string };
  const second = (await (await own.bench.post('/', message())).json()) as { id: string };
  expect(await (await own.bench.get(`/status/${second.id}`)).json()).toMatchObject({ status: 'IN_QUEUE' });
  await own.bench.post(`/cancel/${second.id}`);
  await own.storage.until(() => own.storage.requests.length === 1);
  await own.bench.post(`/cancel/${first.id}`);
  expect([await own.bench.ended(), await own.bench.ended()]).toEqual(['CANCELLED', 'CANCELLED']);
  expect(own.storage.requests).toHaveLength(1);
});

test('a job that runs longer than executionTimeout is timed out', async () => {
  own.storage.held.add('inputs/0.jpg');
  await own.bench.post('/v2/endpoint/run', { input: message(), policy: { executionTimeout: 50 } });
  expect(await own.bench.ended()).toBe('TIMED_OUT');
  expect(own.storage.callbacks).toEqual([]);
});

test('the log holds neither signatures nor tokens', async () => {
  const job = message();
  own.storage.objects.clear();
  own.storage.answers.push({ status: 400 });
  await own.bench.post('/', job);
  await own.bench.ended();
  expect(own.bench.lines.join('\n')).toContain('download-failed');
  expect(own.bench.lines.join('\n')).not.toMatch(/SECRET|signature|callback-token/);
});

test('the command says where it listens and stops on SIGTERM', async () => {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { event, port } = JSON.parse(line) as { event: string; port: number };
  expect(event).toBe('listening');
  expect(await (await fetch(`http://127.0.0.1:${port}/health`)).json()).toMatchObject({ ok: true });
  const exit = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
});
