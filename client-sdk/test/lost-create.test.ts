/** Pages that end, and lines that break, between `jobs.create` and its answer: the job that was made all the same is found by its key. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createClientWith } from '../src/client.ts';
import { type ClientOptions, memoryStorage, type S3Client } from '../src/index.ts';
import { createTestServer } from '../src/testing/index.ts';
import { body } from './left.ts';
import { ManualClock, turns, until } from './manual-clock.ts';
import { caught, jpegs } from './support.ts';

// The locks of Node itself are those of one page, which these tests leave.
beforeEach(() => void vi.stubGlobal('navigator', {}));
afterEach(() => void vi.unstubAllGlobals());

const MINUTE = 60_000;

/** Pages of one browser, the server's own rules behind them, and the creates that the server has heard of. */
function browser() {
  const server = createTestServer({ gpu: 'manual', plan: 'pro' });
  const storage = memoryStorage();
  const clock = new ManualClock();
  let creates = 0;
  const open = (answer: (url: string, response: Response) => Promise<Response> = async (_, response) => response) => {
    const fetch: ClientOptions['fetch'] = async (url, init) => {
      const response = await server.fetch(url, init);
      if (url.includes('jobs.create')) creates += 1;
      return answer(url, response);
    };
    return createClientWith({ baseUrl: server.baseUrl, fetch, WebSocket: null, storage }, clock);
  };
  const held = async (client: S3Client) => (await client.user.me()).credits.held;
  return { server, open, held, clock, creates: () => creates };
}
/** A page that is gone when the create is answered. */
const gone = (url: string, response: Response): Promise<Response> =>
  url.includes('jobs.create') ? new Promise(() => {}) : Promise.resolve(response);

test('after a reload between create and its answer, unfinished names the job, with its photos, and goes on with it', async () => {
  const { open, held, creates } = browser();
  const files = jpegs(3);
  const first = open(gone);
  const lost = first.jobs.start({ preset: 'seller', files, concepts: body });
  await until(() => creates() === 1);
  expect(lost.id).toBeNull();
  expect(await first.jobs.unfinished()).toEqual([]);

  const client = open();
  const [unfinished, ...others] = await client.jobs.unfinished();
  expect(others).toEqual([]);
  expect(unfinished).toMatchObject({ status: 'created', preset: 'seller', names: files.map(({ name }) => name) });
  expect(await held(client)).toBe(3);
  const job = unfinished?.resume(files);
  await until(() => job?.state.phase === 'processing');
  expect(job?.id).toBe(unfinished?.jobId);
  expect(await held(client)).toBe(3);
  expect(await client.jobs.unfinished()).toEqual([]);
});

test('the same photos started again after such a reload are that job', async () => {
  const { open, held, creates } = browser();
  const files = jpegs(2);
  open(gone).jobs.start({ preset: 'seller', files, concepts: body });
  await until(() => creates() === 1);
  const client = open();
  const job = client.jobs.start({ preset: 'seller', files, concepts: body });
  await until(() => job.state.phase === 'processing');
  expect(await held(client)).toBe(2);
});

test('a create that never arrived makes no job by being asked for after it, and is forgotten in the end', async () => {
  const { server, open, held, clock, creates } = browser();
  const first = open();
  await first.auth.anon();
  server.faults.offline();
  const failed = caught(first.jobs.run({ preset: 'seller', files: jpegs(2), concepts: body }));
  await turns();
  await clock.advance(10 * MINUTE);
  expect(await failed).toMatchObject({ code: 'NETWORK_ERROR' });
  server.faults.online();
  const client = open();
  expect(await client.jobs.unfinished()).toEqual([]);
  expect(await held(client)).toBe(0);
  await clock.advance(11 * MINUTE);
  expect(await client.jobs.unfinished()).toEqual([]);
  const asked = creates();
  expect(await client.jobs.unfinished()).toEqual([]);
  expect(creates()).toBe(asked);
});

test('a create whose answers were all lost, on a page that stays, is found by the next click', async () => {
  const { open, held, clock, creates } = browser();
  let lose = true;
  const client = open((url, response) =>
    lose && url.includes('jobs.create') ? Promise.reject(new TypeError('fetch failed')) : Promise.resolve(response),
  );
  const files = jpegs(2);
  const failed = caught(client.jobs.run({ preset: 'seller', files, concepts: body }));
  await until(() => creates() === 1);
  await clock.advance(10 * MINUTE);
  expect(await failed).toMatchObject({ code: 'NETWORK_ERROR' });
  lose = false;
  expect(await client.jobs.unfinished()).toMatchObject([{ names: files.map(({ name }) => name) }]);
  const job = client.jobs.start({ preset: 'seller', files, concepts: body });
  await until(() => job.state.phase === 'processing');
  expect(await held(client)).toBe(2);
});

test('a fork whose answer was lost with its page is found as well, and needs no photos', async () => {
  const { server, open, creates } = browser();
  const client = open();
  const first = client.jobs.start({ preset: 'seller', files: jpegs(2), concepts: body });
  await until(() => server.gpu.messages.length === 1);
  open(gone).jobs.fork(first.id as string, { concepts: body });
  await until(() => creates() === 2);
  const later = open();
  const [unfinished] = await later.jobs.unfinished();
  expect(unfinished?.status).toBe('uploaded');
  unfinished?.resume();
  await until(() => server.gpu.messages.length === 2);
});

test('of a create that another user of this browser left nothing is shown, and nothing is made for who comes after', async () => {
  const { open, held, creates } = browser();
  const first = open(gone);
  first.jobs.start({ preset: 'seller', files: jpegs(2), concepts: body });
  await until(() => creates() === 1);
  const client = open();
  await client.auth.forget();
  expect(await client.jobs.unfinished()).toEqual([]);
  expect(await held(client)).toBe(0);
});

test('a create that is refused leaves nothing behind', async () => {
  const { server, open, creates } = browser();
  const client = open();
  server.faults.once('jobs.create', { code: 'CREDITS_EXHAUSTED', data: { needed: 2, balance: 0 } });
  await caught(client.jobs.run({ preset: 'seller', files: jpegs(2), concepts: body }));
  const asked = creates();
  expect(await client.jobs.unfinished()).toEqual([]);
  expect(creates()).toBe(asked);
});
