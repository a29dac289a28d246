/** The double's accounts are the server's own: what they keep, while the clock stands still. */
import { expect, test } from 'vitest';
import { createTestServer } from '../../src/testing/index.ts';
import { jpegs } from '../support.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const concepts = { Floor: { action: 'recolor', value: 'oak' } } as const;
const run = { preset: 'interior', files: jpegs(2), concepts } as const;
const photos = [{ contentType: 'image/jpeg', bytes: 10 } as const];

test('after a revocation within the same millisecond the new token is good, renewed as well, and the old one is void', async () => {
  const server = createTestServer({ now: NOW });
  const client = server.createClient();
  const { token } = await client.auth.anon();
  const { userId } = await client.auth.revoke();
  expect((await client.user.me()).userId).toBe(userId);
  expect((await client.auth.renew()).userId).toBe(userId);
  expect((await client.user.me()).userId).toBe(userId);
  const stale = server.createClient({ auth: { token } });
  await expect(stale.user.me()).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
});

test('a revocation whose answer is lost is answered again, to the session that it ended', async () => {
  const server = createTestServer({ now: NOW });
  const client = server.createClient();
  const { userId } = await client.auth.anon();
  server.faults.once('auth.revoke', 'lost-answer');
  const revoking = client.auth.revoke();
  await server.clock.advance(60_000);
  expect((await revoking).userId).toBe(userId);
  expect((await client.user.me()).userId).toBe(userId);
});

test('photos that the GPU worker did not take are given back to the day of all', async () => {
  const server = createTestServer({ gpu: 'manual', now: NOW, settings: { dailyPhotos: 3 } });
  const [first, second] = [server.createClient(), server.createClient()];
  // Its message is taken only when the clock moves on.
  const queued = async (client: typeof first) => {
    const { jobId, uploads } = await client.jobs.create({ preset: 'interior', photos: [...photos, ...photos] });
    for (const { url, headers } of uploads) {
      await server.fetch(url, { method: 'PUT', headers, body: new Uint8Array(10) });
    }
    await client.jobs.confirmUpload({ jobId });
    await client.jobs.execute({ jobId, concepts });
    return jobId;
  };
  const jobId = await queued(first);
  await expect(queued(second)).rejects.toMatchObject({ code: 'CEILING_REACHED' });
  await first.jobs.cancel({ jobId });
  expect(await queued(server.createClient())).not.toBe(jobId);
});

test('what a job cost stands on the ledger at the time of its end, beside what was granted', async () => {
  const server = createTestServer({ now: NOW });
  const client = server.createClient();
  const running = client.jobs.run(run);
  await server.clock.advance(60_000);
  const { jobId } = await running;
  const { userId } = await client.user.me();
  server.setPlan(userId, 'pro');
  server.grantCredits(userId, 5);
  const { receipts } = await client.user.ledger();
  expect(receipts.map(({ type, amount }) => [type, amount]).sort()).toEqual([
    ['charge', -2],
    ['grant', 10],
    ['grant', 200],
    ['grant', 5],
  ]);
  const { finishedAt } = (await client.jobs.list()).jobs[0] ?? {};
  expect(receipts.find(({ ref }) => ref === jobId)?.createdAt).toEqual(finishedAt);
});

test('a job from photos that are kept no more is refused, and its credits are free at once', async () => {
  const server = createTestServer({ now: NOW, settings: { lendMs: 1000 } });
  const client = server.createClient();
  const running = client.jobs.run(run);
  await server.clock.advance(60_000);
  const { jobId } = await running;
  await expect(client.jobs.create({ from: { jobId } })).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
  expect(await client.user.me()).toMatchObject({ activeJobs: 0, credits: { balance: 8, held: 0 } });
  expect((await client.jobs.create({ preset: 'interior', photos })).status).toBe('created');
});
