/** The studio as the Worker serves it: a page at `/`, and everything else as it is without one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../../../start/local/stack.ts';
import { buildStudio } from '../../../studio/build/if-stale.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ gpu: 'none', site: { studio: await buildStudio(), panel: null } });
});
afterAll(() => stack?.stop());

const get = (path: string, init?: RequestInit) => fetch(`${stack.baseUrl}${path}`, { redirect: 'manual', ...init });

test('the page is served at /, with a policy that lets it talk to its own origin and the storage alone', async () => {
  const page = await get('/');
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  const policy = Object.fromEntries(
    (page.headers.get('content-security-policy') ?? '').split('; ').map((one) => {
      const [name = '', ...sources] = one.split(' ');
      return [name, sources];
    }),
  );
  const storage = new URL(stack.s3.endpoint).origin;
  expect(policy).toMatchObject({
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'connect-src': ["'self'", 'blob:', storage],
    'img-src': ["'self'", 'blob:', 'data:', storage],
    'frame-ancestors': ["'none'"],
  });
});

test('its files are kept by browsers for good, since their names change with their content', async () => {
  const html = await (await get('/')).text();
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? '';
  const answer = await get(script);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('javascript');
  expect(answer.headers.get('cache-control')).toContain('immutable');
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('what the API answers by 404 is its JSON and no page', async () => {
  for (const path of [
    '/nothing',
    '/trpc/nothing',
    '/jobs',
    '/jobs/x/callback',
    '/assets/nothing.js',
    '/_headers',
    '/.vite/manifest.json',
  ]) {
    const answer = await get(path);
    expect([path, answer.status]).toEqual([path, 404]);
    expect(await answer.text()).toContain('NOT_FOUND');
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
  }
});

test("the addresses of the API are the Worker's", async () => {
  const health = await get('/health');
  expect(health.status).toBe(200);
  expect(health.headers.get('x-request-id')).toMatch(/^req_/);
  const presets = await get('/trpc/presets.list');
  expect(presets.status).toBe(200);
});
