/** Uploads that are paused and gone on with. */
import { afterEach, expect, test, vi } from 'vitest';
import type { FakeApi, Fault } from './fake-api.ts';
import { turns, until } from './manual-clock.ts';
import { caught, jpegs, setUp } from './support.ts';

afterEach(() => vi.unstubAllGlobals());

const body = { Body: { action: 'remove' } } as const;
const puts = (api: FakeApi) => api.log.filter((entry) => entry.startsWith('PUT'));

test('pause stops the uploads at once, resume sends what was half sent again, and each photo is there once', async () => {
  const { api, client } = setUp();
  let open = 0;
  const hanging: Fault = (request) => {
    if (request.method !== 'PUT') return undefined;
    open += 1;
    return new Promise<Response>(() => {});
  };
  api.faults = [hanging];
  const job = client.jobs.start({ preset: 'seller', files: jpegs(8), concepts: body });
  await until(() => open === 6);
  job.pause();
  expect(job.state.paused).toBe(true);
  api.faults = [];
  await turns(50);
  expect(puts(api)).toHaveLength(0);
  expect(job.state.uploadedBytes).toBe(0);
  job.resume();
  expect(job.state.paused).toBe(false);
  expect((await job.result()).status).toBe('done');
  expect(puts(api)).toHaveLength(8);
});

test('a pause is no failure: it may last, and be repeated more often than an upload is retried', async () => {
  const { api, client } = setUp();
  let open = 0;
  api.faults = [
    (request) => {
      if (request.method !== 'PUT') return undefined;
      open += 1;
      return new Promise<Response>(() => {});
    },
  ];
  const job = client.jobs.start({ preset: 'seller', files: jpegs(1), concepts: body });
  for (let times = 1; times <= 15; times++) {
    await until(() => open === times);
    job.pause();
    await turns(5);
    job.resume();
  }
  api.faults = [];
  job.pause();
  await turns(5);
  job.resume();
  expect((await job.result()).status).toBe('done');
});

test('a job that is paused before it begins waits, and can be canceled', async () => {
  const { api, client } = setUp();
  const job = client.jobs.start({ preset: 'seller', files: jpegs(2), concepts: body });
  job.pause();
  await until(() => job.id !== null);
  await turns(50);
  expect(puts(api)).toHaveLength(0);
  await job.cancel();
  expect((await job.result()).status).toBe('canceled');
});

test('abort while paused rejects at once', async () => {
  const { client } = setUp();
  const controller = new AbortController();
  const job = client.jobs.start({ preset: 'seller', files: jpegs(2), concepts: body, signal: controller.signal });
  job.pause();
  await until(() => job.id !== null);
  controller.abort();
  expect(await caught(job.result())).toMatchObject({ code: 'ABORTED' });
});
