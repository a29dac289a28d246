/** What results are encoded as: what this package asks for, and what it hands on as it is given. */
import { expect, test } from 'vitest';
import { createClient, type ResultFormat } from '../src/index.ts';
import { createTestServer } from '../src/testing/index.ts';
import { jpegs, setUp } from './support.ts';

const concepts = { Body: { action: 'remove' } } as const;
const run = { preset: 'seller', files: jpegs(1), concepts } as const;
const formats = ({ api }: ReturnType<typeof setUp>) =>
  api.inputs.flatMap(({ path, input }) => (path === 'jobs.execute' ? [(input as { format?: string }).format] : []));

test('a run asks for JPEG unless it is told otherwise', async () => {
  const world = setUp();
  const { client } = world;
  await client.jobs.run(run);
  await client.jobs.run({ ...run, format: undefined });
  await client.jobs.run({ ...run, format: 'png' });
  await client.jobs.run({ preset: 'seller', files: jpegs(1), ruleId: 'r', format: 'webp' });
  const { jobId } = await client.jobs.run({ preset: 'seller', files: jpegs(1), rule: { concepts } });
  await client.jobs.fork(jobId, { concepts }).result();
  await client.jobs.fork(jobId, { concepts, format: 'png' }).result();
  expect(formats(world)).toEqual(['jpeg', 'jpeg', 'png', 'webp', 'jpeg', 'jpeg', 'png']);
});

test('execute sends what it is given, and nothing where it is given nothing', async () => {
  const world = setUp();
  const { client } = world;
  const { jobId } = await client.jobs.create({ preset: 'seller', photos: [{ contentType: 'image/png', bytes: 9 }] });
  await client.jobs.execute({ jobId, concepts });
  await client.jobs.execute({ jobId, concepts, format: 'webp' });
  expect(formats(world)).toEqual([undefined, 'webp']);
});

test.each([
  'jpeg',
  'png',
  'webp',
] as ResultFormat[])('the result says that it is %s, and so do its bytes', async (format) => {
  const server = createTestServer();
  const result = await createClient(server).jobs.run({ ...run, format });
  expect(result.format).toBe(format);
  const answer = await server.fetch(result.items[0]?.resultUrl ?? '');
  expect(answer.headers.get('content-type')).toBe(`image/${format}`);
});

test('a job that was never begun has no format', async () => {
  const server = createTestServer();
  const client = createClient(server);
  const { jobId } = await client.jobs.create({ preset: 'seller', photos: [{ contentType: 'image/png', bytes: 9 }] });
  await client.jobs.cancel({ jobId });
  expect(await client.jobs.attach(jobId).result()).toMatchObject({ status: 'canceled', format: null });
});
