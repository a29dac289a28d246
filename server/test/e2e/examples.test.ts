/** The contracts need none of our code: a job by curl and jq, a GPU worker with Python's standard library. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stack, startStack } from '../../../scripts/local/stack.ts';
import { type Program, ROOT, run, samplePhotos, startListening } from './support.ts';

const API_KEY = 'e2e-gpu-key';
const JOB = path.join(ROOT, 'examples', 'job.sh');
const out = mkdtempSync(path.join(tmpdir(), 's3-job-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const PNG = '89504e470d0a1a0a';
const magic = (file: string) => readFileSync(file).subarray(0, 8).toString('hex');

describe('with the reference GPU worker', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.stop());

  it('curl and jq run a whole job and fetch a PNG for every photo', async () => {
    const folder = path.join(out, 'reference');
    const ran = await run(JOB, [], { BASE_URL: stack.baseUrl, OUT: folder });
    expect(ran, stack.tail()).toMatchObject({ code: 0, stderr: '' });
    const photos = samplePhotos('seller');
    expect(ran.stdout).toContain(`charged ${photos.length}, ${10 - photos.length} credits left`);
    expect(readdirSync(folder).sort()).toEqual(photos.map(({ name }) => name.replace('.jpg', '.png')));
    for (const name of readdirSync(folder)) expect(magic(path.join(folder, name))).toBe(PNG);
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
      const copy = readFileSync(path.join(folder, photo.name.replace('.jpg', '.png')));
      expect(copy.equals(photo.data), photo.name).toBe(true);
    }
  });
});
