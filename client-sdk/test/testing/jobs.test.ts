/** The double's jobs are the server's own: what these do beside answering, on memory and the test's clock alone. */
import { expect, test, vi } from 'vitest';
import { createTestServer } from '../../src/testing/index.ts';
import { jpegs } from '../support.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const DAY = 86_400_000;
const concepts = { Floor: { action: 'recolor', value: 'oak' } } as const;
const run = { preset: 'interior', files: jpegs(2), concepts } as const;

/** A server whose clock stands still, and a job of two photos that its GPU worker has taken. */
async function atWork() {
  const server = createTestServer({ gpu: 'manual', now: NOW });
  const client = server.createClient();
  const handle = client.jobs.start(run);
  const ended = handle.result().catch((error: unknown) => error);
  for (let turn = 0; turn < 50 && server.gpu.messages.length === 0; turn++) await server.clock.advance(10);
  return { server, client, handle, ended, jobId: handle.id ?? '' };
}

test('what was reported shows in the next answer, charge and all, while the clock stands still', async () => {
  const { server, client, jobId } = await atWork();
  expect(server.gpu.done(jobId, 0)).toBe('accepted');
  expect(server.gpu.done(jobId, 0)).toBe('duplicate');
  expect(server.gpu.fail(jobId, 1, 'too dark')).toBe('accepted');
  const [job, me] = await Promise.all([client.jobs.get({ jobId }), client.user.me()]);
  expect(job).toMatchObject({ status: 'done', charged: 1, items: [{ status: 'done' }, { error: 'too dark' }] });
  expect(me).toMatchObject({ activeJobs: 0, credits: { balance: 9, held: 0, spent: 1 } });
  expect(server.gpu.done(jobId, 1)).toBe('duplicate');
});

test('results are kept for 30 days; then the job is still told of, without them', async () => {
  const { server, client, jobId } = await atWork();
  server.gpu.done(jobId);
  const { items } = await client.jobs.get({ jobId });
  const resultUrl = items[0]?.status === 'done' ? items[0].resultUrl : undefined;
  expect((await server.fetch(resultUrl ?? '')).status).toBe(200);
  await server.clock.advance(30 * DAY);
  const kept = await client.auth.renew().then(() => client.jobs.get({ jobId }));
  expect(kept).toMatchObject({ status: 'done', charged: 2, items: [{ status: 'done' }, { status: 'done' }] });
  expect(kept.items[0]).not.toHaveProperty('resultUrl');
  expect((await client.jobs.list()).jobs).toMatchObject([{ jobId, progress: { done: 2 } }]);
  expect(await client.jobs.delete({ jobId })).toEqual(await client.jobs.delete({ jobId }));
  await expect(client.jobs.get({ jobId })).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  expect((await client.jobs.list()).jobs).toEqual([]);
});

test('a job that is canceled stops its run: the GPU worker reports no more of it', async () => {
  const server = createTestServer({ gpu: { delayMs: 1000 }, now: NOW });
  const client = server.createClient();
  const handle = client.jobs.start(run);
  const ended = handle.result().catch((error: unknown) => error);
  for (let turn = 0; turn < 50 && server.gpu.messages.length === 0; turn++) await server.clock.advance(10);
  await server.clock.advance(1000);
  expect(await client.jobs.cancel({ jobId: handle.id ?? '' })).toEqual({ status: 'canceled', charged: 1, refunded: 1 });
  await server.clock.advance(10_000);
  expect((await client.jobs.get({ jobId: handle.id ?? '' })).progress).toEqual({ done: 1, failed: 0, total: 2 });
  await ended;
});

test('whoever watches a job whose user is deleted is told that it is gone', async () => {
  const { server, client, handle, ended } = await atWork();
  for (let turn = 0; turn < 50 && handle.state.connection !== 'live'; turn++) await server.clock.advance(10);
  await client.user.delete();
  for (let turn = 0; turn < 50 && handle.state.error === null; turn++) await server.clock.advance(1000);
  expect(await ended).toMatchObject({ code: 'JOB_NOT_FOUND' });
});

test('a socket without a subscription is closed after its minute, by the server', async () => {
  const { server, client, jobId } = await atWork();
  const { ticket } = await client.jobs.get({ jobId });
  const socket = new server.WebSocket(`${server.baseUrl}/trpc/watch/${jobId}?ticket=${ticket}`);
  const closed: unknown[] = [];
  socket.addEventListener('close', (event) => closed.push((event as { code?: number }).code));
  await server.clock.advance(59_000);
  expect(closed).toEqual([]);
  await server.clock.advance(1_000);
  expect(closed).toEqual([1008]);
});

test('the console stays the app’s own, whatever the server would log', async () => {
  const spies = (['log', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name));
  const server = createTestServer({ gpu: 'manual', now: NOW, settings: { dailyPhotos: 1 } });
  const client = server.createClient();
  await expect(client.jobs.run(run)).rejects.toMatchObject({ code: 'CEILING_REACHED' });
  const ended = await atWork();
  await ended.handle.cancel();
  expect(ended.server.gpu.done(ended.jobId, 0)).toBe('ignored');
  await ended.server.clock.advance(31 * DAY);
  for (const spy of spies) expect(spy).not.toHaveBeenCalled();
});
