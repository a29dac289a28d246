/** The process is killed in the middle of a job; what is owed stands in the objects, so the job ends all the same. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { createClient, memoryStorage } from '../../../client-sdk/dist/index.js';
import { type Stack, type StackOptions, startStack } from '../../../start/local/stack.ts';
import { hasEnded, samplePhotos, sampleRule, until } from './support.ts';

const persistTo = mkdtempSync(path.join(tmpdir(), 's3-restart-'));
afterAll(() => rmSync(persistTo, { recursive: true, force: true }));

let stack: Stack | undefined;
afterEach(() => stack?.stop());

it('a job whose stack is killed right after execute is finished by the next one', async () => {
  // The local queue forgets what it holds when it is killed, so the lease is what brings the job back: short here.
  const options: StackOptions = { persistTo, vars: { JOB_LEASE_MS: '4000', JOB_EFFECT_GRACE_MS: '1000' } };
  stack = await startStack(options);
  const storage = memoryStorage();
  const client = createClient({ baseUrl: stack.baseUrl, storage });
  const photos = samplePhotos('seller').slice(0, 3);
  const rule = sampleRule('seller');

  const described = photos.map(({ data }) => ({ contentType: 'image/jpeg' as const, bytes: data.length }));
  const { jobId, uploads } = await client.jobs.create({ preset: 'seller', photos: described });
  for (const { idx, url, headers } of uploads) {
    const body = photos[idx]?.data.slice().buffer;
    const put = await fetch(url, { method: 'PUT', headers, body: body as ArrayBuffer });
    expect(put.status).toBe(200);
  }
  await client.jobs.confirmUpload({ jobId });
  await client.jobs.execute({ jobId, ...rule });
  await stack.kill();

  const gpuPort = Number(new URL(stack.gpuUrl).port);
  stack = await startStack({ ...options, port: stack.port, storagePort: stack.storagePort, gpuPort });
  const again = createClient({ baseUrl: stack.baseUrl, storage });
  const job = await until(() => again.jobs.get({ jobId }), hasEnded);
  expect(job, stack.tail()).toMatchObject({ status: 'done', progress: { done: 3, failed: 0, total: 3 }, charged: 3 });
  const { credits, activeJobs } = await again.user.me();
  expect({ credits, activeJobs }).toEqual({
    credits: { balance: 7, held: 0, spent: 3, granted: 10 },
    activeJobs: 0,
  });
});
