/** The contracts need none of our code: a job by curl and jq, a GPU worker with Python's standard library. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stack, startStack } from '../../../start/local/stack.ts';
import { type Program, ROOT, run, samplePhotos, startListening } from './support.ts';

const API_KEY = 'e2e-gpu-key';
const JOB = path.join(ROOT, 'examples', 'job.sh');
const out = mkdtempSync(path.join(tmpdir(), 's3-job-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

/** How a file of each format begins. */
const MAGIC = { png: /^89504e470d0a1a0a/, jpeg: /^ffd8ff/, webp: /^52494646.{8}57454250/ };
const EXTENSION = { png: '.png', jpeg: '.jpg', webp: '.webp' };
const magic = (file: string) => readFileSync(file).subarray(0, 12).toString('hex');

describe('with the reference GPU worker', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.stop());

  it.each([
    'jpeg',
    'png',
    'webp',
  ] as const)('curl and jq run a whole job and fetch a %s for every photo', async (format) => {
    const folder = path.join(out, format);
    const FORMAT = format === 'jpeg' ? '' : format;
    const ran = await run(JOB, [], { BASE_URL: stack.baseUrl, OUT: folder, FORMAT });
    expect(ran, stack.tail()).toMatchObject({ code: 0, stderr: '' });
    const photos = samplePhotos('seller');
    expect(ran.stdout).toContain(`charged ${photos.length}, ${10 - photos.length} credits left`);
    expect(readdirSync(folder).sort()).toEqual(photos.map(({ name }) => name.replace('.jpg', EXTENSION[format])));
    for (const name of readdirSync(folder)) expect(magic(path.join(folder, name))).toMatch(MAGIC[format]);
  });

  it('files that are no photos it can send are all named, and nothing is held', async () => {
    const heic = path.join(ROOT, 'client-sdk/test/files/photos/IMG_0001.HEIC');
    const args = [
      path.join(ROOT, 'examples/photos/seller/apple.jpg'),
      heic,
      path.join(ROOT, 'README.md'),
      '/nowhere.jpg',
      out,
    ];
    const ran = await run(JOB, args, { BASE_URL: stack.baseUrl, OUT: out });
    expect(ran.code).toBe(1);
    for (const name of args.slice(1)) expect(ran.stderr).toContain(`${name}: no JPEG, PNG or WebP photo`);
    expect(ran.stdout).not.toContain('job ');
  });

  it('a rule that names a concept of another preset is refused by name, and the script says so', async () => {
    const ran = await run(JOB, [], {
      BASE_URL: stack.baseUrl,
      OUT: out,
      PRESET: 'interior',
      RULE: 'examples/rules/seller.json',
    });
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain('VALIDATION_ERROR: concepts.Body:');
  });
});

describe.each(['http', 'runpod'] as const)('with the Python GPU worker over %s', (gpuProvider) => {
  let worker: Program;
  let stack: Stack;
  beforeAll(async () => {
    worker = await startListening('python3', ['examples/gpu_worker.py'], { PORT: '0', GPU_API_KEY: API_KEY });
    stack = await startStack({ gpu: { url: `http://127.0.0.1:${worker.port}`, apiKey: API_KEY }, gpuProvider });
  });
  afterAll(async () => {
    await stack?.stop();
    await worker?.stop();
  });

  it('every photo comes back as it went in', async () => {
    const folder = path.join(out, gpuProvider);
    const ran = await run(JOB, [], { BASE_URL: stack.baseUrl, OUT: folder });
    expect(ran, stack.tail()).toMatchObject({ code: 0, stderr: '' });
    for (const photo of samplePhotos('seller')) {
      const copy = readFileSync(path.join(folder, photo.name));
      expect(copy.equals(photo.data), photo.name).toBe(true);
    }
  });

  it('each photo has a result of its own, whatever it is called', async () => {
    const folder = mkdtempSync(path.join(out, 'names-'));
    const names = {
      'a/IMG_1.jpg': 'IMG_1.jpg',
      'b/IMG_1.jpg': 'IMG_1-2.jpg',
      'b/img_1.JPG': 'img_1-3.jpg',
      'b/IMG_1.png': 'IMG_1-4.jpg',
      '-rf.jpg': '-rf.jpg',
      '-': '-.jpg',
      'a b\n%s 50%.jpg': 'a b_%s 50%.jpg',
      "[1]{2}#3 'q'.jpg": "[1]{2}#3 'q'.jpg",
      [`a/${'é'.repeat(122)}.jpg`]: `${'é'.repeat(100)}.jpg`,
      [`b/${'é'.repeat(122)}.jpg`]: `${'é'.repeat(100)}-2.jpg`,
    };
    const photos = [...samplePhotos('seller'), ...samplePhotos('interior')];
    for (const sub of ['a', 'b']) mkdirSync(path.join(folder, sub));
    for (const [at, name] of Object.keys(names).entries())
      writeFileSync(path.join(folder, name), photos[at]?.data ?? '');
    const env = { BASE_URL: stack.baseUrl, OUT: 'out', RULE: path.join(ROOT, 'examples/rules/seller.json') };
    const there = ['-c', 'cd "$0" && exec "$@"', folder, JOB, ...Object.keys(names)];
    const ran = await run('bash', there, env);
    expect(ran, stack.tail()).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(path.join(folder, 'out')).sort()).toEqual(Object.values(names).sort());
    for (const [at, name] of Object.values(names).entries()) {
      expect(readFileSync(path.join(folder, 'out', name)).equals(photos[at]?.data ?? Buffer.of()), name).toBe(true);
    }
  });
});

it('the Python GPU worker gets through a door that refuses programs without a name of their own, as Cloudflare does (1010)', async () => {
  const { promise: reported, resolve } = Promise.withResolvers<unknown>();
  const refused: string[] = [];
  const door = createServer(async (request, response) => {
    const body = await text(request);
    const { 'user-agent': name = '' } = request.headers;
    const isRefused = name === '' || /^python/i.test(name);
    if (isRefused) refused.push(`${request.method} ${request.url} by "${name}"`);
    else if (request.method === 'POST') resolve(JSON.parse(body));
    response.writeHead(isRefused ? 403 : 200).end('photo');
    // It gives a photo up at once, and a report as well: nothing more would come.
    if (isRefused && request.method === 'POST') resolve(null);
  });
  await new Promise<void>((listening) => door.listen(0, '127.0.0.1', listening));
  const at = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
  const worker = await startListening('python3', ['examples/gpu_worker.py'], { PORT: '0', GPU_API_KEY: '' });
  try {
    const item = { idx: 0, input_url: `${at}/in`, output_url: `${at}/out`, preview_url: `${at}/preview` };
    const message = {
      job_id: 'job',
      attempt: 1,
      idempotency_prefix: 'job:1',
      callback_url: `${at}/callback`,
      callback_token: 'token',
      items: [{ ...item, output_key: 'out', preview_key: 'preview' }],
    };
    await fetch(`http://127.0.0.1:${worker.port}/`, { method: 'POST', body: JSON.stringify(message) });
    expect(await reported).toMatchObject({ idx: 0, status: 'done' });
    expect(refused).toEqual([]);
  } finally {
    await worker.stop();
    door.close();
  }
});
