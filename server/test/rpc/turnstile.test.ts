import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { countObjects } from '../../../proving/world/workerd/objects.ts';
import type { Env } from '../../src/bindings.ts';
import { anon, type Input, key, open } from './anon.ts';

describe('with TURNSTILE_SECRET set, beyond the burst of an address', () => {
  const burst = (success: boolean): Partial<Env> => ({ SIGNUP_LIMIT: { limit: () => Promise.resolve({ success }) } });
  const settings = {
    TURNSTILE_SECRET: 'turnstile-secret-of-the-tests',
    TURNSTILE_URL: 'https://turnstile.test/verify',
    // No limit of the hour where humans can be asked for.
    SIGNUP_ADDRESS_HOURLY: '1',
    ...burst(false),
  };
  const asked: { url: string; init: RequestInit; form: Record<string, string> }[] = [];
  let verdict: () => Response | Promise<Response>;
  beforeEach(() => {
    asked.length = 0;
    verdict = () => Response.json({ success: true });
    vi.spyOn(console, 'error').mockReturnValue();
    vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
      const form = Object.fromEntries(init?.body as URLSearchParams);
      asked.push({ url: String(input), init: init ?? {}, form });
      return Promise.resolve().then(verdict);
    });
  });
  afterEach(() => expect(asked.every(({ url }) => url === settings.TURNSTILE_URL)).toBe(true));

  test('nobody within it is asked, with a token or without', async () => {
    const within = { ...settings, ...burst(true) };
    for (const input of [{}, { turnstileToken: 'bad' }, {}]) expect((await anon(input, within)).status).toBe(200);
    expect(asked).toEqual([]);
  });

  test('a token that Turnstile takes lets the sign-up through, and it is asked without following redirects', async () => {
    expect((await anon({ turnstileToken: 'good' }, settings)).status).toBe(200);
    const form = asked[0]?.form ?? {};
    expect(asked[0]?.init).toMatchObject({ method: 'POST', redirect: 'manual' });
    expect(form).toMatchObject({ secret: settings.TURNSTILE_SECRET, response: 'good', remoteip: '192.0.2.1' });
    expect(form.idempotency_key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('a repeat of the same sign-up is verified under the same key, which Turnstile allows, and another is not', async () => {
    const input = { turnstileToken: 'good', idempotencyKey: key() };
    for (const each of [input, input, { ...input, idempotencyKey: key() }]) await anon(each, settings);
    const keys = asked.map(({ form }) => form.idempotency_key);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  const refusals: [string, Input, () => Response | Promise<Response>, number, string][] = [
    ['no token', {}, () => Response.json({ success: true }), 400, 'VALIDATION_ERROR'],
    [
      'a token that it refuses',
      { turnstileToken: 'bad' },
      () => Response.json({ success: false, 'error-codes': ['invalid-input-response'] }),
      400,
      'VALIDATION_ERROR',
    ],
    [
      'a token that was used',
      { turnstileToken: 'old' },
      () => Response.json({ success: false, 'error-codes': ['timeout-or-duplicate'] }),
      400,
      'VALIDATION_ERROR',
    ],
    [
      'a secret of ours that is wrong',
      { turnstileToken: 'good' },
      () => Response.json({ success: false, 'error-codes': ['invalid-input-secret'] }),
      503,
      'SERVICE_UNAVAILABLE',
    ],
    ['no answer', { turnstileToken: 'good' }, () => Promise.reject(new Error('lost')), 503, 'SERVICE_UNAVAILABLE'],
    ['a page', { turnstileToken: 'good' }, () => new Response('<html>'), 503, 'SERVICE_UNAVAILABLE'],
    [
      'a redirect',
      { turnstileToken: 'good' },
      () => new Response('{"success":true}', { status: 302, headers: { location: 'https://evil.test' } }),
      503,
      'SERVICE_UNAVAILABLE',
    ],
  ];
  test.for(refusals)('%s lets nobody through', async ([, input, answer, status, code]) => {
    const objects = await countObjects();
    verdict = answer;
    expect(await open(input, settings)).toMatchObject({ status, code });
    expect(await countObjects()).toBe(objects);
  });
});
