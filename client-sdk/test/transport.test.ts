import { expect, test } from 'vitest';
import { fullJitter } from '../src/retry.ts';
import { refuse } from './refuse.ts';
import { caught, cut, first, loseAnswer, setUp, status } from './support.ts';

const onePhoto = { preset: 'seller', photos: [{ contentType: 'image/jpeg', bytes: 10 }] } as const;
const input = () => ({ ...onePhoto, photos: [...onePhoto.photos] });
const count = (log: string[], path: string) => log.filter((entry) => entry === path).length;

test('a query is asked again after a cut line and a 503, with growing jittered waits', async () => {
  const { api, clock, client } = setUp();
  api.faults = [first(2, 'presets.list', cut), first(1, 'presets.list', status(503))];
  await client.presets.list();
  expect(clock.slept).toEqual([125, 250, 500]);
});

test('a query is given up after four tries', async () => {
  const { api, clock, client } = setUp();
  api.faults = [cut];
  expect(await caught(client.presets.list())).toMatchObject({ code: 'NETWORK_ERROR' });
  expect(clock.slept).toHaveLength(3);
});

test('a refusal is never asked again', async () => {
  const { api, clock, client } = setUp();
  api.onCall = () => refuse('PRESET_NOT_FOUND', { field: 'id' });
  await caught(client.presets.list());
  expect(clock.slept).toEqual([]);
});

test('a lost answer to jobs.create never makes two jobs', async () => {
  const { api, client } = setUp();
  api.faults = [first(1, 'jobs.create', loseAnswer(api))];
  await client.jobs.create(input());
  expect(count(api.log, 'jobs.create')).toBe(2);
  expect(api.jobs.size).toBe(1);
});

test('two logical calls of jobs.create make two jobs', async () => {
  const { api, client } = setUp();
  await Promise.all([client.jobs.create(input()), client.jobs.create(input())]);
  expect(api.jobs.size).toBe(2);
});

test("the caller's own idempotency key is kept", async () => {
  const { client } = setUp();
  expect((await client.jobs.create({ ...input(), idempotencyKey: 'my-own-key' })).jobId).toBe('job-my-own-key');
});

test('execute and cancel carry an idempotency key as well', async () => {
  const { api, client } = setUp();
  const { jobId } = await client.jobs.create(input());
  await client.jobs.execute({ jobId, concepts: { Body: { action: 'remove' } } });
  await client.jobs.cancel({ jobId });
  const keys = api.inputs.filter(({ path }) => /execute|cancel/.test(path)).map(({ input: sent }) => sent);
  expect(keys).toEqual([
    expect.objectContaining({ idempotencyKey: expect.any(String) }),
    expect.objectContaining({ idempotencyKey: expect.any(String) }),
  ]);
});

test('a revocation whose answer was lost is asked for again under its key, and the client goes on with the session it gave', async () => {
  const { api, client } = setUp();
  api.faults = [first(1, 'auth.revoke', loseAnswer(api))];
  const { userId } = await client.user.me();
  expect((await client.auth.revoke()).userId).toBe(userId);
  const keys = api.inputs.filter(({ path }) => path === 'auth.revoke').map(({ input: sent }) => sent);
  expect(keys).toHaveLength(2);
  expect(keys[1]).toEqual(keys[0]);
  expect((await client.user.me()).userId).toBe(userId);
});

test('a rule is asked for again under the same key when its answer was lost', async () => {
  const { api, client } = setUp();
  api.faults = [first(1, 'rules.create', loseAnswer(api))];
  await client.rules.create({ name: 'r', presetId: 'seller', concepts: { Body: { action: 'remove' } } });
  const keys = api.inputs.filter(({ path }) => path === 'rules.create').map(({ input: sent }) => sent);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toMatchObject({ idempotencyKey: expect.any(String) });
  expect(keys[1]).toEqual(keys[0]);
});

test('RATE_LIMITED waits as long as the server asks, unless that is long', async () => {
  const { api, clock, client } = setUp();
  let refusals = 1;
  api.onCall = () => refusals-- > 0 && refuse('RATE_LIMITED', { retryAfterSeconds: 7 });
  await client.presets.list();
  expect(clock.slept).toEqual([7000]);
  api.onCall = () => refuse('RATE_LIMITED', { retryAfterSeconds: 60 });
  expect(await caught(client.presets.list())).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
  expect(clock.slept).toHaveLength(1);
});

test('an aborted call rejects at once, although the server never answers', async () => {
  const { api, client } = setUp();
  const controller = new AbortController();
  api.faults = [
    () => {
      controller.abort();
      return new Promise<Response>(() => {});
    },
  ];
  expect(await caught(client.presets.list({ signal: controller.signal }))).toMatchObject({
    code: 'ABORTED',
    status: null,
  });
});

test('aborting one call does not disturb another in its batch', async () => {
  const { api, client } = setUp();
  await client.auth.anon();
  const controller = new AbortController();
  api.onCall = () => controller.abort();
  const [gone, kept] = await Promise.allSettled([client.user.me({ signal: controller.signal }), client.user.me()]);
  expect(gone.status).toBe('rejected');
  expect(kept).toMatchObject({ status: 'fulfilled', value: { userId: 'user-1' } });
});

test('a call with a signal that has fired is not sent', async () => {
  const { api, client } = setUp();
  expect(await caught(client.user.me({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORTED' });
  expect(api.log).not.toContain('user.me');
});

test('attempts are the requests that were sent: those with the old session as well, and none for a call that was not begun', async () => {
  const { api, client } = setUp();
  const { token } = await client.auth.anon();
  api.expired.add(token);
  api.faults = [first(1, 'user.me', status(503))];
  let asked = 0;
  api.onCall = (path) => {
    if (path === 'user.me' && ++asked > 1) refuse('NOT_FOUND');
  };
  // 503, TOKEN_EXPIRED, NOT_FOUND.
  expect(await caught(client.user.me())).toMatchObject({ code: 'NOT_FOUND', attempts: 3 });
  expect(await caught(client.user.me({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORTED', attempts: 0 });
  const controller = new AbortController();
  const call = client.presets.list({ signal: controller.signal });
  controller.abort();
  expect(await caught(call)).toMatchObject({ code: 'ABORTED', attempts: 0 });
});

test('a call that is aborted while it waits for its next try says how many it has had', async () => {
  const { api, client, clock } = setUp();
  const controller = new AbortController();
  const { sleep } = clock;
  clock.sleep = (ms, signal) => {
    if (clock.slept.length === 1) controller.abort();
    return sleep.call(clock, ms, signal);
  };
  api.faults = [cut];
  expect(await caught(client.presets.list({ signal: controller.signal }))).toMatchObject({
    code: 'ABORTED',
    attempts: 2,
  });
});

test('a call that left before its turn is not in the request of the others', async () => {
  const { api, client } = setUp();
  await client.auth.anon();
  api.log.length = 0;
  const controller = new AbortController();
  const gone = client.presets.list({ signal: controller.signal });
  const kept = client.presets.list();
  controller.abort();
  expect(await caught(gone)).toMatchObject({ code: 'ABORTED' });
  await kept;
  expect(api.log).toEqual(['presets.list']);
});

test('a time limit is no abort: of the client, of the answer that ends in its middle, and of AbortSignal.timeout', async () => {
  const { api, client } = setUp();
  api.faults = [() => new Promise<Response>(() => {})];
  const fetch = (_: string, init?: RequestInit): Promise<Response> =>
    new Promise((_, reject) => {
      init?.signal?.addEventListener('abort', () =>
        reject(new DOMException('This operation was aborted', 'AbortError')),
      );
    });
  const hanging = setUp({ fetch }).client;
  const late = { code: 'NETWORK_ERROR', status: null, retryable: true, message: expect.stringContaining('20 ms') };
  expect(await caught(hanging.presets.list({ timeout: 20, maxRetries: 0 }))).toMatchObject(late);
  const half = setUp({
    fetch: async (_, init) =>
      new Response(
        new ReadableStream({
          start: (stream) => init?.signal?.addEventListener('abort', () => stream.error(init.signal?.reason)),
        }),
      ),
  }).client;
  expect(await caught(half.presets.list({ timeout: 20, maxRetries: 0 }))).toMatchObject(late);
  const error = await caught(client.presets.list({ signal: AbortSignal.timeout(20) }));
  expect(error).toMatchObject({ code: 'NETWORK_ERROR', status: null, retryable: true, attempts: 1 });
});

test.each<[string, object]>([
  ["Next's redirect", Object.assign(new Error('NEXT_REDIRECT'), { digest: 'NEXT_REDIRECT;replace;/login;307;' })],
  ["Next's word that a page is dynamic", Object.assign(new Error('x'), { digest: 'DYNAMIC_SERVER_USAGE' })],
  ["React's postpone", Object.assign(new Error('x'), { $$typeof: Symbol.for('react.postpone') })],
  // biome-ignore lint/suspicious/noThenProperty: what React throws to wait
  ['a promise that React waits for', { then: () => {} }],
])('%s passes as it is, at once', async (_, thrown) => {
  let asked = 0;
  const { client, clock } = setUp({
    fetch: () => {
      asked += 1;
      throw thrown;
    },
  });
  const seen = await client.presets.list().then(
    () => null,
    (error: unknown) => [error],
  );
  expect(seen?.[0]).toBe(thrown);
  expect([asked, clock.slept]).toEqual([1, []]);
});

test('full jitter draws from zero to a bound that doubles up to the cap', () => {
  const policy = { attempts: 9, baseMs: 100, capMs: 1000 };
  expect([1, 2, 3, 4, 5, 6].map((failures) => fullJitter(failures, policy, 0.999))).toEqual([
    99, 199, 399, 799, 999, 999,
  ]);
  expect(fullJitter(5, policy, 0)).toBe(0);
});
