/** The stock tRPC client over each of its HTTP links, against the production bundle. Untyped: the router's types need those of Workers. */
import superjson from 'superjson';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_BATCH } from '../../../server/src/contract/limits.ts';
import { PHOTO } from '../../world/bundle/jobs.ts';
import { World } from '../../world/bundle/world.ts';
import { CLIENTS, HTTP_LINKS, refusalOf } from './clients.ts';

let world: World;
beforeAll(async () => {
  world = await World.start({});
});
afterAll(() => world?.stop());

test('the clients are the first of version 11, one from the middle, and the newest that is used here', () => {
  const versions = CLIENTS.map(({ version }) => version);
  expect(versions.slice(0, 2)).toEqual(['11.0.0', '11.10.0']);
  expect(versions.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))).toEqual(versions);
});

const PAIRS = CLIENTS.flatMap((stock) => HTTP_LINKS.map((link) => ({ ...stock, link })));

describe.each(PAIRS)('@trpc/client $version with $link', ({ client, link }) => {
  /** What every call carries is asked for each time, as an app does that signs in meanwhile. */
  function connect(token = '', maxItems = MAX_BATCH) {
    const asked: { session: string; requests: number } = { session: token, requests: 0 };
    const api = client.createTRPCUntypedClient({
      links: [
        client[link]({
          url: `${world.url}/trpc`,
          transformer: superjson,
          headers: () => (asked.session === '' ? {} : { authorization: `Bearer ${asked.session}` }),
          fetch: (url, init) => {
            asked.requests++;
            return fetch(url as string, init as RequestInit);
          },
          ...(link === 'httpLink' ? {} : { maxItems }),
        }),
      ],
    });
    return { api, asked };
  }

  async function signedIn() {
    const { api, asked } = connect();
    const session = (await api.mutation('auth.anon', {})) as { token: string; expiresAt: Date };
    asked.session = session.token;
    return { api, asked, session };
  }

  test('signs in, creates a job and reads it, with dates that are dates', async () => {
    const { api, session } = await signedIn();
    expect(session.expiresAt).toBeInstanceOf(Date);
    const photos = [{ contentType: 'image/jpeg', bytes: PHOTO.length }];
    // A client leaves a field empty by naming it.
    const input = { preset: 'interior', photos, idempotencyKey: undefined };
    const { jobId } = (await api.mutation('jobs.create', input)) as { jobId: string };
    expect(await api.query('jobs.get', { jobId })).toMatchObject({
      jobId,
      status: 'created',
      createdAt: expect.any(Date),
      keptUntil: null,
    });
    expect(await api.query('user.me')).toMatchObject({ credits: { balance: 9, held: 1 } });
  });

  test('an error is a TRPCClientError with the code, the details and the id of the request', async () => {
    const { api } = await signedIn();
    const refused = await refusalOf(api.mutation('rules.create', { name: '', presetId: 'interior' }));
    expect(refused).toBeInstanceOf(client.TRPCClientError);
    expect(refused.data).toMatchObject({
      errorCode: 'VALIDATION_ERROR',
      httpStatus: 400,
      path: 'rules.create',
      details: { field: 'name', issues: [{ field: 'name' }, { field: 'concepts' }] },
      requestId: expect.stringMatching(/^req_/),
    });
    const unknown = await refusalOf(connect().api.query('user.me'));
    expect(unknown.data).toMatchObject({ errorCode: 'AUTH_REQUIRED', httpStatus: 401 });
  });

  test('of calls that go out together, each has its own answer', async () => {
    const { api, asked } = await signedIn();
    const before = asked.requests;
    const answers = await Promise.allSettled([
      api.query('presets.list'),
      api.query('rules.get', { id: 'none' }),
      api.query('user.me'),
      api.query('presets.get', { id: 'office' }),
      api.mutation('rules.delete', { id: 'none' }),
      api.mutation('rules.create', { name: 'Oak', presetId: 'interior', concepts: { Floor: { action: 'remove' } } }),
    ]);
    expect(answers.map((one) => (one.status === 'fulfilled' ? 'ok' : one.reason.data.errorCode))).toEqual([
      'ok',
      'RULE_NOT_FOUND',
      'ok',
      'PRESET_NOT_FOUND',
      'RULE_NOT_FOUND',
      'ok',
    ]);
    expect(asked.requests - before).toBe(link === 'httpLink' ? 6 : 2);
  });

  test('45 calls at once come through in batches of at most 20', async () => {
    const { api, asked } = await signedIn();
    const before = asked.requests;
    const answers = await Promise.all(Array.from({ length: 45 }, () => api.query('user.me')));
    expect(answers.every((me) => (me as { plan: string }).plan === 'free')).toBe(true);
    expect(asked.requests - before).toBe(link === 'httpLink' ? 45 : 3);
  });

  test('a call that is given up ends, and the next one is served', async () => {
    const { api } = await signedIn();
    const leave = new AbortController();
    const left = refusalOf(api.query('presets.list', undefined, { signal: leave.signal }));
    leave.abort();
    expect(await left).toBeInstanceOf(client.TRPCClientError);
    expect(await api.query('user.me')).toMatchObject({ plan: 'free' });
  });
});
