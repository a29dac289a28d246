/** Masks are asked for, and never by this package itself. */
import { expect, test } from 'vitest';
import { createClient } from '../src/index.ts';
import { createTestServer } from '../src/testing/index.ts';
import { jpegs, setUp } from './support.ts';

const concepts = { Body: { action: 'remove' } } as const;
const run = { preset: 'seller', files: jpegs(1), concepts } as const;

test('a run and a fork ask for masks where they are told to, and say nothing of them otherwise', async () => {
  const { client, api } = setUp();
  const { jobId } = await client.jobs.run({ ...run, masks: true });
  await client.jobs.run(run);
  await client.jobs.fork(jobId, { concepts, masks: true }).result();
  await client.jobs.fork(jobId, { concepts }).result();
  const executed = api.inputs.filter(({ path }) => path === 'jobs.execute').map(({ input }) => input);
  expect(executed.map((input) => (input as { masks?: boolean }).masks)).toEqual([true, undefined, true, undefined]);
  expect(executed.map((input) => Object.hasOwn(input as object, 'masks'))).toEqual([true, false, true, false]);
});

test('the GPU worker of the test server is told whether masks are wanted, at a retry as well', async () => {
  const server = createTestServer();
  server.gpu.auto({ fail: () => 'no' });
  const job = createClient(server).jobs.start({ ...run, masks: true });
  await job.result();
  server.gpu.auto();
  await job.retryFailed().result();
  await createClient(server).jobs.run(run);
  expect(server.gpu.messages.map(({ masks }) => masks)).toEqual([true, true, false]);
});
