/** `./trpc` against the test double: the procedures as they are, on the client's session, retries and keys. */
import { TRPCClientError } from '@trpc/client';
import { expect, test } from 'vitest';
import { createClient, isS3Error, type WatchEvent } from '../../src/index.ts';
import { createTestServer } from '../../src/testing/index.ts';
import { createS3Trpc, type S3Router } from '../../src/trpc/index.ts';
import { jpegs } from '../support.ts';

const setUp = () => {
  const server = createTestServer({ gpu: 'manual' });
  const client = server.createClient();
  return { server, client, trpc: createS3Trpc(client) };
};
const job = { preset: 'interior', photos: [{ contentType: 'image/jpeg', bytes: 10 }] } as const;
const input = () => ({ ...job, photos: [...job.photos] });
const concepts = { Floor: { action: 'recolor', value: 'oak' } } as const;

/** What a call of tRPC's client rejects with. */
async function caught(call: Promise<unknown>): Promise<TRPCClientError<S3Router>> {
  const error: unknown = await call.then(
    () => null,
    (reason) => reason,
  );
  if (!(error instanceof TRPCClientError)) throw new Error(`is no TRPCClientError: ${error}`);
  return error as TRPCClientError<S3Router>;
}

test('the first call signs up, and the client and its procedures are one user', async () => {
  const { client, trpc } = setUp();
  const { userId } = await trpc.user.me.query();
  expect(await client.user.me()).toEqual(await trpc.user.me.query());
  expect((await trpc.auth.anon.mutate()).userId).toBe(userId);
});

test('a query is asked again, and a job whose answer was lost is made once', async () => {
  const { server, client, trpc } = setUp();
  server.faults.once('presets.list', { status: 503 });
  expect((await trpc.presets.list.query()).map(({ id }) => id)).toEqual(['interior', 'seller']);
  server.faults.once('jobs.create', 'lost-answer');
  const { jobId } = await trpc.jobs.create.mutate(input());
  expect((await client.jobs.list()).jobs.map((one) => one.jobId)).toEqual([jobId]);
});

test('retries and time of a call are told by its context', async () => {
  const { server, trpc } = setUp();
  server.faults.once('presets.list', { status: 503 });
  const error = await caught(trpc.presets.list.query(undefined, { context: { maxRetries: 0 } }));
  expect(error.cause).toMatchObject({ code: 'NETWORK_ERROR', attempts: 1 });
});

test('a revocation and a deletion leave the client with the right session', async () => {
  const { client, trpc } = setUp();
  await client.rules.create({ name: 'Oak', presetId: 'interior', concepts });
  const { userId } = await client.user.me();
  await trpc.auth.revoke.mutate();
  expect((await client.user.me()).userId).toBe(userId);
  await trpc.user.delete.mutate();
  expect((await client.user.me()).userId).not.toBe(userId);
});

test("a refusal has the server's data, and the client's error as its cause", async () => {
  const { trpc } = setUp();
  const error = await caught(trpc.rules.get.query({ id: 'rul_none' }));
  expect(error.data).toMatchObject({
    code: 'NOT_FOUND',
    httpStatus: 404,
    path: 'rules.get',
    errorCode: 'RULE_NOT_FOUND',
  });
  expect(error.shape?.code).toBe(-32004);
  expect(isS3Error(error.cause, 'RULE_NOT_FOUND') && error.cause.requestId).toBe(error.data?.requestId);
  const costly = { preset: 'interior' as const, photos: Array.from({ length: 11 }, () => ({ ...job.photos[0] })) };
  const { data } = await caught(trpc.jobs.create.mutate(costly));
  expect(data?.errorCode === 'ITEM_LIMIT' && data.details).toEqual({ field: 'photos', limit: 10, actual: 11 });
});

test('without an answer there is no data, and an aborted call ends at once', async () => {
  const { server, trpc } = setUp();
  await trpc.user.me.query();
  server.faults.offline();
  const error = await caught(trpc.user.me.query(undefined, { context: { maxRetries: 0 } }));
  expect([error.data, isS3Error(error.cause, 'NETWORK_ERROR')]).toEqual([undefined, true]);
  await expect(trpc.user.me.query(undefined, { signal: AbortSignal.abort() })).rejects.toThrow();
});

test('a watcher is told each photo once and then the end, over sockets that break', async () => {
  const { server, client, trpc } = setUp();
  const handle = client.jobs.start({ preset: 'interior', files: jpegs(3), concepts });
  await expect.poll(() => server.gpu.messages.length, { timeout: 15_000 }).toBe(1);
  const jobId = server.gpu.messages[0]?.job_id ?? '';
  handle.detach();
  const told: WatchEvent[] = [];
  const ids: string[] = [];
  const ended = new Promise<void>((onComplete, onError) => {
    const onData = ({ id, data }: { id: string; data: WatchEvent }) => {
      told.push(data);
      ids.push(id);
    };
    trpc.jobs.watch.subscribe({ jobId }, { onData, onComplete, onError });
  });
  const items = () => told.flatMap((event) => (event.type === 'item' ? [event.idx] : []));
  await expect.poll(() => told.length, { timeout: 15_000 }).toBeGreaterThan(0);
  await server.gpu.done(jobId, 0);
  await expect.poll(items).toEqual([0]);
  server.faults.dropSockets();
  await server.gpu.done(jobId, 1);
  await server.gpu.fail(jobId, 2, 'too dark');
  await ended;
  expect(items()).toEqual([0, 1, 2]);
  expect(told.at(-1)).toMatchObject({ type: 'done', done: 2, failed: 1, charged: 2 });
  expect(ids.at(-1)).toBe('end');
});

test('a watcher that leaves is told no more, and one of no job is told why', async () => {
  const { server, client, trpc } = setUp();
  const handle = client.jobs.start({ preset: 'interior', files: jpegs(2), concepts });
  await expect.poll(() => server.gpu.messages.length, { timeout: 15_000 }).toBe(1);
  const jobId = server.gpu.messages[0]?.job_id ?? '';
  let told = 0;
  const watching = trpc.jobs.watch.subscribe({ jobId }, { onData: () => void told++ });
  await expect.poll(() => told, { timeout: 15_000 }).toBe(1);
  watching.unsubscribe();
  await server.gpu.done(jobId);
  expect((await handle.result()).status).toBe('done');
  expect(told).toBe(1);
  const failed = new Promise((onError) => {
    trpc.jobs.watch.subscribe({ jobId: 'f'.repeat(64) }, { onData: () => {}, onError });
  });
  expect(await failed).toMatchObject({ data: { errorCode: 'JOB_NOT_FOUND', path: 'jobs.watch' } });
});

test('what a framework throws to steer keeps the mark that it knows it by', async () => {
  const steering = Object.assign(new Error('NEXT_REDIRECT'), { digest: 'NEXT_REDIRECT;replace;/login;307;' });
  const client = createClient({ baseUrl: 'https://api.test', fetch: () => Promise.reject(steering) });
  expect(await caught(createS3Trpc(client).presets.list.query())).toMatchObject({ digest: steering.digest });
});

test('an object that only looks like a client is refused', () => {
  const { client } = setUp();
  expect(() => createS3Trpc(JSON.parse(JSON.stringify(client)))).toThrow('createClient');
});
