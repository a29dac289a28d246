/** The client package against the whole stack, with real photos and the reference GPU worker. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { RunProgress, WatchEvent } from '../../../client-sdk/dist/index.js';
import { createS3Trpc } from '../../../client-sdk/dist/trpc.js';
import { type Stack, startStack } from '../../../start/local/stack.ts';
import { clientOf, samplePhotos, sampleRule, truncated } from './support.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

it('one call turns an album into a finished set, with progress on the way', async () => {
  const client = clientOf(stack.baseUrl);
  const files = samplePhotos('interior');
  const seen: RunProgress[] = [];
  const rule = sampleRule('interior');
  const result = await client.jobs.run({ preset: 'interior', files, rule, onProgress: (step) => seen.push(step) });
  expect(result, stack.tail()).toMatchObject({ status: 'done', charged: files.length, refunded: 0, error: null });
  expect(result.items.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
  for (const { resultUrl, previewUrl } of result.items) {
    for (const url of [resultUrl, previewUrl]) expect((await fetch(url ?? '')).status).toBe(200);
  }
  expect(seen.at(-1)).toMatchObject({ phase: 'ended', done: files.length, total: files.length });
  expect(seen.some(({ phase, uploaded }) => phase === 'uploading' && uploaded > 0)).toBe(true);
  expect(await client.jobs.list()).toMatchObject({ jobs: [{ jobId: result.jobId, status: 'done' }] });
});

it('a photo that cannot be decoded fails with a reason and is refunded; the others are done', async () => {
  const client = clientOf(stack.baseUrl);
  const [good, ...rest] = samplePhotos('seller');
  if (good === undefined || rest.length === 0) throw new Error('no sample photos');
  const files = [good, truncated(good)];
  const result = await client.jobs.run({ preset: 'seller', files, rule: sampleRule('seller') });
  expect(result, stack.tail()).toMatchObject({ status: 'done', charged: 1, refunded: 1 });
  expect(result.items).toMatchObject([{ status: 'done' }, { name: 'truncated.jpg', status: 'failed' }]);
  expect(result.items[1]?.error).toMatch(/\w+ \w+/);
  expect((await client.user.me()).credits).toEqual({ balance: 9, held: 0, spent: 1, granted: 10 });
  const ledger = await client.user.ledger();
  expect(ledger.receipts.map(({ type, amount }) => [type, amount])).toEqual([
    ['charge', -1],
    ['grant', 10],
  ]);
});

it('a web page named .jpg and an empty file are refused by name before anything is reserved', async () => {
  const client = clientOf(stack.baseUrl);
  const page = { name: 'page.jpg', data: new TextEncoder().encode('<!doctype html><title>no photo</title>') };
  const empty = { name: 'empty.jpg', data: new Uint8Array() };
  const running = client.jobs.run({ preset: 'seller', files: [page, empty], rule: sampleRule('seller') });
  await expect(running).rejects.toMatchObject({
    code: 'INVALID_FILE',
    data: { files: [{ name: 'page.jpg' }, { name: 'empty.jpg' }] },
  });
  expect((await client.user.me()).credits).toMatchObject({ held: 0, balance: 10 });
});

it('a canceled run frees its slot, keeps and charges what was done, and stops at the provider', async () => {
  const client = clientOf(stack.baseUrl);
  const abort = new AbortController();
  const running = client.jobs.run({
    preset: 'seller',
    files: samplePhotos('seller'),
    rule: sampleRule('seller'),
    signal: abort.signal,
    onItem: () => abort.abort(),
  });
  await expect(running).rejects.toMatchObject({ code: 'ABORTED' });
  const { jobs } = await client.jobs.list();
  const { jobId } = jobs[0] ?? { jobId: '' };
  // Who aborts does not wait for the cancel, which is on its way.
  const job = await vi.waitFor(
    async () => {
      const found = await client.jobs.get({ jobId });
      expect(found).toMatchObject({ status: 'canceled', charged: found.progress.done });
      return found;
    },
    { timeout: 30_000, interval: 200 },
  );
  const me = await client.user.me();
  expect(me.activeJobs).toBe(0);
  expect(me.credits).toMatchObject({ held: 0, spent: job.progress.done, balance: 10 - job.progress.done });
});

it('./trpc calls the same procedures as they are, and hears of a job over the live line until its end', async () => {
  const client = clientOf(stack.baseUrl);
  const trpc = createS3Trpc(client);
  const [photo] = samplePhotos('seller');
  if (photo === undefined) throw new Error('no sample photos');
  const { jobId, uploads } = await trpc.jobs.create.mutate({
    preset: 'seller',
    photos: [{ contentType: 'image/jpeg', bytes: photo.data.byteLength }],
  });
  const [upload] = uploads;
  const put = await fetch(upload?.url ?? '', {
    method: 'PUT',
    headers: upload?.headers ?? {},
    body: new Uint8Array(photo.data),
  });
  expect(put.status).toBe(200);
  expect(await trpc.jobs.confirmUpload.mutate({ jobId })).toEqual({ status: 'uploaded' });
  const heard: WatchEvent[] = [];
  const over = new Promise<void>((resolve, reject) => {
    trpc.jobs.watch.subscribe(
      { jobId },
      { onData: ({ data }) => heard.push(data), onComplete: resolve, onError: reject },
    );
  });
  const concepts = { Body: { action: 'recolor', value: 'silver' } } as const;
  await trpc.jobs.execute.mutate({ jobId, concepts, format: 'jpeg' });
  await over;
  expect(heard, stack.tail()).toContainEqual(expect.objectContaining({ type: 'item', idx: 0, status: 'done' }));
  const job = await trpc.jobs.get.query({ jobId });
  expect(job).toMatchObject({ status: 'done', charged: 1 });
  expect(await client.jobs.get({ jobId })).toMatchObject({ status: 'done', createdAt: job.createdAt });
  await expect(trpc.jobs.get.query({ jobId: 'nobody-has-it' })).rejects.toMatchObject({
    data: { errorCode: 'JOB_NOT_FOUND' },
    cause: { code: 'JOB_NOT_FOUND' },
  });
});
