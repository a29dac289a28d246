/** The test double beyond what the conformance suite shows: its clock, its faults and its script. */
import { expect, test } from 'vitest';
import { createTestServer } from '../../src/testing/index.ts';
import { jpegs } from '../support.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const photos = [{ contentType: 'image/jpeg', bytes: 10 } as const];
const run = { preset: 'interior', files: jpegs(2), concepts: { Floor: { action: 'recolor', value: 'oak' } } } as const;

test('an hour without photos cancels a job and gives its credits back', async () => {
  const server = createTestServer({ now: NOW });
  const client = server.createClient();
  const { jobId, deadline } = await client.jobs.create({ preset: 'interior', photos });
  expect(deadline?.getTime()).toBe(NOW + HOUR);
  await server.clock.advance(HOUR - 1);
  expect((await client.jobs.get({ jobId })).status).toBe('created');
  await server.clock.advance(1);
  expect(await client.jobs.get({ jobId })).toMatchObject({ status: 'canceled', error: 'upload expired', charged: 0 });
  expect((await client.user.me()).credits.balance).toBe(10);
});

test('an upload URL ends after 15 minutes, and a renewed one is good', async () => {
  const server = createTestServer({ now: NOW });
  const client = server.createClient();
  const { jobId, uploads } = await client.jobs.create({ preset: 'interior', photos });
  await server.clock.advance(15 * MINUTE + 1);
  const put = (url = '') =>
    server.fetch(url, {
      method: 'PUT',
      headers: { 'content-type': 'image/jpeg', 'if-none-match': '*' },
      body: new Uint8Array(10),
    });
  expect((await put(uploads[0]?.url)).status).toBe(403);
  const renewed = await client.jobs.renewUploads({ jobId, indexes: [0] });
  expect((await put(renewed.uploads[0]?.url)).status).toBe(200);
});

test('a GPU worker that shows no life is sent each photo three times, the last time alone, then they fail', async () => {
  const server = createTestServer({ gpu: 'manual', now: NOW });
  const client = server.createClient();
  const handle = client.jobs.start(run);
  for (let turn = 0; turn < 50 && server.gpu.messages.length === 0; turn++) await server.clock.advance(10);
  for (let lease = 0; lease < 5; lease++) await server.clock.advance(17 * MINUTE);
  for (let turn = 0; turn < 50 && handle.state.result === null; turn++) await server.clock.advance(1000);
  const result = await handle.result();
  expect(server.gpu.messages.map(({ items }) => items.map(({ idx }) => idx))).toEqual([[0, 1], [0], [1], [0], [1]]);
  expect(result).toMatchObject({ status: 'failed', charged: 0, refunded: 2, error: 'not processed within 3 attempts' });
});

test('a script works photo by photo, with reasons, on its own time', async () => {
  const fail = ({ idx }: { idx: number }) => (idx === 1 ? 'too dark' : undefined);
  const server = createTestServer({ gpu: { delayMs: 1000, fail }, now: NOW });
  const handle = server.createClient().jobs.start(run);
  for (let turn = 0; turn < 50 && handle.state.status !== 'running'; turn++) await server.clock.advance(10);
  expect(handle.state).toMatchObject({ done: 0, failed: 0 });
  await server.clock.advance(1000);
  expect(handle.state).toMatchObject({ done: 1, failed: 0 });
  await server.clock.advance(1000);
  for (let turn = 0; turn < 50 && handle.state.result === null; turn++) await server.clock.advance(100);
  expect((await handle.result()).items).toMatchObject([{ status: 'done' }, { status: 'failed', error: 'too dark' }]);
});

test('offline nothing arrives and sockets break; online the same job goes on, each photo told once', async () => {
  const server = createTestServer({ gpu: 'manual' });
  const handle = server.createClient().jobs.start(run);
  const items: number[] = [];
  const listening = (async () => {
    for await (const event of handle) if (event.type === 'item') items.push(event.item.idx);
  })();
  await expect.poll(() => handle.state.connection, { timeout: 15_000 }).toBe('live');
  server.gpu.done(handle.id ?? '', 0);
  server.faults.offline();
  await expect(server.fetch(server.baseUrl)).rejects.toThrow(TypeError);
  server.gpu.done(handle.id ?? '', 1);
  server.faults.online();
  await server.clock.advance(MINUTE);
  expect(await handle.result()).toMatchObject({ status: 'done', charged: 2 });
  await listening;
  expect(items.toSorted()).toEqual([0, 1]);
});

test('faults meet one request each: a lost answer, a proxy’s page, a refusal, an upload that does not arrive', async () => {
  const server = createTestServer();
  const client = server.createClient();
  server.faults.once('jobs.create', 'lost-answer');
  server.faults.once('upload', 'unreachable');
  server.faults.once('jobs.confirmUpload', { status: 502 });
  const running = client.jobs.run(run);
  await server.clock.advance(MINUTE);
  expect(await running).toMatchObject({ status: 'done', charged: 2 });
  expect((await client.jobs.list()).jobs).toHaveLength(1);
  server.faults.once('user.me', { code: 'RATE_LIMITED', data: { retryAfterSeconds: 60 } });
  await expect(client.user.me()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfter: 60 });
  expect((await client.user.me()).credits.spent).toBe(2);
});

test('an upload URL that is refused without CORS headers stays dead, and the run goes on with a new one', async () => {
  const server = createTestServer();
  const client = server.createClient();
  const { jobId, uploads } = await client.jobs.create({ preset: 'interior', photos });
  const put = (url = '') => server.fetch(url, { method: 'PUT', body: new Uint8Array(10) });
  server.faults.once('upload', 'opaque');
  await expect(put(uploads[0]?.url)).rejects.toThrow(TypeError);
  await expect(put(uploads[0]?.url)).rejects.toThrow(TypeError);
  const renewed = await client.jobs.renewUploads({ jobId, indexes: [0] });
  expect((await put(renewed.uploads[0]?.url)).status).toBe(403);
  await client.jobs.cancel({ jobId });

  server.faults.once('upload', 'opaque');
  const running = client.jobs.run(run);
  await server.clock.advance(MINUTE);
  expect(await running).toMatchObject({ status: 'done', charged: 2 });
});

test('a plan and credits can be given, and what is wrong in a script says so', async () => {
  const server = createTestServer({ plan: 'pro' });
  const client = server.createClient();
  const { userId, plan } = await client.user.me();
  server.grantCredits(userId, 5);
  expect([plan, (await client.user.me()).credits.granted]).toEqual(['pro', 215]);
  expect(() => server.gpu.done('nothing')).toThrow('there is no job nothing');
  expect(() => server.setPlan('nobody', 'free')).toThrow('there is no user nobody');
});

test('a day has an end to jobs, queries and photos that nobody pays for, and it goes on at midnight', async () => {
  const allowance = { dailyJobs: 4, dailyUnpaidPhotos: 2, hourlyQueries: 2, dailyRuleChanges: 1 };
  const settings = { allowances: { free: allowance, pro: allowance } };
  const server = createTestServer({ gpu: 'manual', now: NOW, settings });
  const client = server.createClient();
  const midnight = new Date(NOW + 24 * HOUR).toISOString();
  for (let nth = 0; nth < 2; nth++) await client.jobs.list();
  await expect(client.jobs.list()).rejects.toMatchObject({ code: 'RATE_LIMITED', data: { retryAfterSeconds: 3600 } });
  const rule = { name: 'oak', presetId: 'interior', concepts: run.concepts } as const;
  const { id } = await client.rules.create(rule);
  await expect(client.rules.update({ id, name: 'ash' })).rejects.toMatchObject({ data: { until: midnight } });
  expect(await client.rules.delete({ id })).toEqual(await client.rules.delete({ id }));

  const running = async () => {
    const handle = client.jobs.start(run);
    const ended = handle.result().catch((error: unknown) => error);
    for (let turn = 0; turn < 50 && handle.state.status !== 'running' && handle.state.error === null; turn++) {
      await server.clock.advance(10);
    }
    return { handle, ended };
  };
  const { handle } = await running();
  await handle.cancel();
  const second = await running();
  expect(await second.ended).toMatchObject({ code: 'ALLOWANCE_EXHAUSTED', data: { limit: 2, until: midnight } });
  const jobId = second.handle.id ?? '';
  expect((await client.jobs.get({ jobId })).status).toBe('uploaded');
  await client.jobs.cancel({ jobId });
  for (let nth = 2; nth < 4; nth++) {
    const { jobId: other } = await client.jobs.create({ preset: 'interior', photos });
    await client.jobs.cancel({ jobId: other });
  }
  const fifth = client.jobs.create({ preset: 'interior', photos });
  await expect(fifth).rejects.toMatchObject({ code: 'RATE_LIMITED', data: { until: midnight } });
  await server.clock.advance(24 * HOUR);
  expect((await client.jobs.create({ preset: 'interior', photos })).status).toBe('created');
});

test('when the day of all is full the job waits, and a job that is canceled unsent takes nothing of it', async () => {
  const server = createTestServer({ gpu: 'manual', now: NOW, settings: { dailyPhotos: 1 } });
  const client = server.createClient();
  const error = await client.jobs.run(run).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'CEILING_REACHED', data: { until: new Date(NOW + 24 * HOUR).toISOString() } });
});
