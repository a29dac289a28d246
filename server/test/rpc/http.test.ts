/** The tRPC door as HTTP: methods, batch and body limits, CORS, security headers, settings, and what errors give away. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ask,
  askWith,
  creditsOf,
  refusalOf,
  signUp,
  type User,
  without,
} from '../../../proving/world/workerd/client.ts';
import { PHOTO } from '../../../proving/world/workerd/jobs.ts';
import { countObjects } from '../../../proving/world/workerd/objects.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});

const bearer = () => ({ authorization: `Bearer ${user.token}` });
const json = () => ({ ...bearer(), 'content-type': 'application/json' });
const createBody = JSON.stringify({ json: { preset: 'interior', photos: [PHOTO] } });

type Body = { error: { json: { message: string; data: { errorCode: string; requestId: string; details: unknown } } } };
async function errorOf(answer: Response) {
  const { error } = await answer.json<Body>();
  expect(error.json.data.requestId).toBe(answer.headers.get('x-request-id'));
  return { status: answer.status, code: error.json.data.errorCode, details: error.json.data.details };
}

describe('methods', () => {
  test('a mutation by GET is refused and does nothing', async () => {
    const input = encodeURIComponent(createBody);
    const answer = await ask(`/trpc/jobs.create?input=${input}`, { headers: bearer() });
    expect(await errorOf(answer)).toMatchObject({ status: 405, code: 'VALIDATION_ERROR' });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });

  test('a query by POST is refused: no method override', async () => {
    const answer = await ask('/trpc/user.me', { method: 'POST', headers: json(), body: '{}' });
    expect(await errorOf(answer)).toMatchObject({ status: 405, code: 'VALIDATION_ERROR' });
  });

  test('a body of another content type is refused and does nothing', async () => {
    const headers = { ...bearer(), 'content-type': 'text/plain' };
    const answer = await ask('/trpc/jobs.create', { method: 'POST', headers, body: createBody });
    expect(await errorOf(answer)).toMatchObject({ status: 415, code: 'VALIDATION_ERROR' });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });

  test.for([
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'application/x-www-form-urlencoded',
    'application/jsonp',
  ])('%s is refused, although tRPC itself would take some of them', async (type) => {
    const headers = { ...bearer(), 'content-type': type };
    const answer = await ask('/trpc/jobs.create', { method: 'POST', headers, body: createBody });
    expect(await errorOf(answer)).toMatchObject({ status: 415, code: 'VALIDATION_ERROR' });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });

  test.for(['{', '[]', '"x"', 'null', '{"json":null}', ''])('the body %s is bad input, not a failure', async (body) => {
    const answer = await ask('/trpc/jobs.create', { method: 'POST', headers: json(), body });
    expect(await errorOf(answer)).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
  });
});

describe('limits', () => {
  test('a batch of 20 is answered and one of 21 is refused as a whole', async () => {
    const batch = (count: number) =>
      ask(`/trpc/${Array.from({ length: count }, () => 'presets.list').join(',')}?batch=1`);
    const taken = await batch(20);
    expect(taken.status).toBe(200);
    expect(await taken.json<unknown[]>()).toHaveLength(20);
    expect((await batch(21)).status).toBe(400);
  });

  test.for([true, false])('a body over 256 KB is PAYLOAD_TOO_LARGE (length announced: %s)', async (announced) => {
    const body = `{"json":"${'x'.repeat(256 * 1024)}"}`;
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(body));
        controller.close();
      },
    });
    const answer = await ask('/trpc/jobs.create', {
      method: 'POST',
      headers: json(),
      body: announced ? body : stream,
    });
    expect(await errorOf(answer)).toEqual({ status: 413, code: 'PAYLOAD_TOO_LARGE', details: { limit: 256 * 1024 } });
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });
});

test('an address over 16 KB is PAYLOAD_TOO_LARGE', async () => {
  const answer = await ask(`/trpc/jobs.get?input=${'x'.repeat(16 * 1024)}`, { headers: bearer() });
  expect(await errorOf(answer)).toEqual({ status: 413, code: 'PAYLOAD_TOO_LARGE', details: { limit: 16 * 1024 } });
});

test('an input that superjson would make something of is refused, and does nothing', async () => {
  const body = JSON.stringify({ json: { preset: 'interior', photos: '1' }, meta: { values: { photos: ['bigint'] } } });
  const answer = await ask('/trpc/jobs.create', { method: 'POST', headers: json(), body });
  expect(await errorOf(answer)).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
  expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
});

describe('settings', () => {
  test.for([
    'JWT_SECRET',
    'GPU_CALLBACK_SECRET',
    'R2_ACCESS_KEY_ID',
    'R2_BUCKET_NAME',
  ] as const)('every call says that %s is missing, and nothing is touched', async (name) => {
    const objects = await countObjects();
    const doctored = without(name);
    for (const [path, init] of [
      ['/trpc/presets.list', {}],
      ['/trpc/user.me', { headers: bearer() }],
      ['/trpc/auth.anon', { method: 'POST', headers: json(), body: '{}' }],
    ] as const) {
      const answer = await askWith(doctored, path, init);
      expect(await errorOf(answer)).toEqual({
        status: 503,
        code: 'SERVICE_UNAVAILABLE',
        details: { settings: [name] },
      });
    }
    const callback = await askWith(doctored, '/jobs/x/callback', { method: 'POST', body: '{}' });
    expect(callback.status).toBe(503);
    expect(await callback.json()).toMatchObject({ error: { details: { settings: [name] } } });
    expect(await countObjects()).toBe(objects);
  });

  test('a number out of its range is named, and a whole one within it is taken', async () => {
    const bad = { ...env, JOB_MAX_ATTEMPTS: '0', TOKEN_SECONDS: 'soon' };
    const answer = await askWith(bad, '/trpc/presets.list');
    expect((await errorOf(answer)).details).toEqual({ settings: ['JOB_MAX_ATTEMPTS', 'TOKEN_SECONDS'] });
    expect((await askWith({ ...env, JOB_MAX_ATTEMPTS: '10' }, '/trpc/presets.list')).status).toBe(200);
  });

  test('without ADMIN_SECRET every operator procedure is NOT_FOUND, whatever the bearer', async () => {
    const doctored = without('ADMIN_SECRET');
    for (const token of [env.ADMIN_SECRET, 'undefined', 'null', user.token]) {
      const answer = await askWith(doctored, '/trpc/admin.health', { headers: { authorization: `Bearer ${token}` } });
      expect(await errorOf(answer)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    }
  });
});

describe('what errors give away', () => {
  const secrets = [/at .*\.ts/, /stack/, /D1_ERROR/, /SELECT/, /secret-table/];
  test.for(['user.ledger', 'jobs.list'])('%s with a broken D1 is INTERNAL_ERROR without stack or SQL', async (path) => {
    vi.spyOn(console, 'error').mockReturnValue();
    vi.spyOn(env.DB, 'prepare').mockImplementation(() => {
      throw new Error('D1_ERROR: no such table: secret-table: SQLITE_ERROR in SELECT * FROM secret-table');
    });
    const answer = await ask(`/trpc/${path}`, { headers: bearer() });
    const text = await answer.text();
    expect(answer.status).toBe(500);
    expect(text).toContain('"errorCode":"INTERNAL_ERROR"');
    for (const secret of secrets) expect(text).not.toMatch(secret);
  });

  test('the log of a failure names the request that the client was told of, and no token', async () => {
    const lines = vi.spyOn(console, 'error').mockReturnValue();
    vi.spyOn(env.DB, 'prepare').mockImplementation(() => {
      throw new Error('D1_ERROR: broken');
    });
    const answer = await ask('/trpc/user.ledger', { headers: bearer() });
    const logged = lines.mock.calls.flat().join('\n');
    expect(logged).toContain(answer.headers.get('x-request-id'));
    expect(logged).toContain('D1_ERROR: broken');
    expect(logged).not.toContain(user.token);
  });

  test('bad input and unknown procedures carry no stack either', async () => {
    for (const path of ['/trpc/nope', '/trpc/jobs.get?input=%7B', '/trpc/jobs.get']) {
      const text = await (await ask(path, { headers: bearer() })).text();
      for (const secret of secrets) expect(text).not.toMatch(secret);
    }
  });

  test('an object that is overloaded is SERVICE_UNAVAILABLE and is not asked again', async () => {
    const overloaded = vi.spyOn(env.USER_LIMITER, 'get').mockImplementation(() => {
      throw Object.assign(new Error('overloaded'), { overloaded: true, retryable: true });
    });
    const create = user.client.jobs.create.mutate({ preset: 'interior', photos: [PHOTO] });
    expect(await refusalOf(create)).toMatchObject({ code: 'SERVICE_UNAVAILABLE', httpStatus: 503 });
    expect(overloaded).toHaveBeenCalledTimes(1);
  });

  test('a call that the platform says to repeat is repeated with a new stub', async () => {
    const get = vi.spyOn(env.USER_LIMITER, 'get').mockImplementationOnce(() => {
      throw Object.assign(new Error('moved'), { retryable: true });
    });
    expect((await user.client.auth.renew.mutate()).userId).toBe(user.userId);
    expect(get).toHaveBeenCalledTimes(2);
  });
});

describe('headers', () => {
  test.for([
    '/health',
    '/trpc/presets.list',
    '/nothing',
    '/trpc/nothing',
  ])('%s carries the security headers', async (path) => {
    const { headers } = await ask(path);
    expect(headers.get('x-request-id')).toMatch(/^req_/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('strict-transport-security')).toContain('max-age=');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  const from = (origin: string) => ({ headers: { origin } });
  test('an origin on the list may read answers, without credentials', async () => {
    const { headers } = await ask('/trpc/presets.list', from('https://app.test'));
    expect(headers.get('access-control-allow-origin')).toBe('https://app.test');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('vary')).toContain('Origin');
  });

  test.for([
    'https://evil.test',
    'https://app.test.evil.test',
    'http://app.test',
    'null',
  ])('the origin %s may not', async (origin) => {
    for (const method of ['GET', 'OPTIONS']) {
      const { headers } = await ask('/trpc/presets.list', { ...from(origin), method });
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('vary')).toContain('Origin');
    }
  });

  test('a preflight of an origin on the list allows what the client sends', async () => {
    const answer = await ask('/trpc/jobs.create', { ...from('https://app.test'), method: 'OPTIONS' });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.test');
    expect(answer.headers.get('access-control-allow-headers')?.split(', ')).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'traceparent', 'tracestate']),
    );
    expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
  });

  test('with * every origin may read, and with no list none', async () => {
    const get = (origins: string) => askWith({ ...env, CORS_ORIGINS: origins }, '/health', from('https://any.test'));
    expect((await get('*')).headers.get('access-control-allow-origin')).toBe('*');
    expect((await get('')).headers.get('access-control-allow-origin')).toBeNull();
  });
});
