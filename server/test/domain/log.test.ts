/** What logs never say: secrets of the settings, and whatever looks like a credential. */
import { afterEach, expect, test, vi } from 'vitest';
import type { Env } from '../../src/bindings.ts';
import { failure, log, reasonOf, redact } from '../../src/log.ts';
import { settingsOf } from '../../src/settings/settings.ts';

afterEach(() => void vi.restoreAllMocks());
const lineOf = (fields: Record<string, string>): string => {
  const lines = vi.spyOn(console, 'log').mockReturnValue();
  log('info', 'test', fields);
  return String(lines.mock.calls.at(-1)?.[0]);
};

test.for([
  ['Bearer abc.def-ghi', 'abc.def-ghi'],
  ['authorization: basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'],
  ['a token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJl here', 'eyJzdWIiOiJ1c3JfMSJ9'],
  ['cb_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_abcde', 'AbCdEfGhIjKl'],
  ['signed with whsec_Y2JfTVpqNGMxcm1fbDl5ZEtVa05vUi1U/+=', 'Y2JfTVpqNGMxcm1f'],
  ['usr_abcdefghijklmnop.1893456600.AbCdEfGhIjKlMnOpQrStUv', 'AbCdEfGhIjKlMnOpQrStUv'],
  ['usr_abcdefghijklmnop.1893456600.1893456540123.AbCdEfGhIjKlMnOpQrStUv', 'AbCdEfGhIjKlMnOpQrStUv'],
  ['https://r2.test/s3-images/k.jpg#X-Amz-Signature=0123abcd&x=1', '0123abcd'],
  ['X-Amz-Credential=key-id/20300101/auto', 'key-id'],
  ['/trpc/watch/1#ticket=sesame', 'sesame'],
  ['webhook-signature v1,AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/AbCdE=', 'AbCdEfGhIjKl'],
] as const)('in "%s" the credential is blacked out', ([text, credential]) => {
  expect(redact(text)).not.toContain(credential);
  expect(lineOf({ reason: text })).not.toContain(credential);
  expect(reasonOf(new Error(text))).not.toContain(credential);
  expect(failure(new Error(text)).stack).not.toContain(credential);
});

test('secrets of the settings are blacked out wherever they stand, quotes and all', () => {
  const secret = (name: string) => `${name}-"quoted"\\with a \\backslash and 32 bytes`;
  const names = [
    'JWT_SECRET',
    'GPU_CALLBACK_SECRET',
    'R2_SECRET_ACCESS_KEY',
    'GPU_API_KEY',
    'ADMIN_SECRET',
    'TURNSTILE_SECRET',
  ];
  const env = Object.fromEntries(names.map((name) => [name, secret(name)]));
  settingsOf({ ...env, R2_ACCOUNT_ID: 'a', R2_ACCESS_KEY_ID: 'b', R2_BUCKET_NAME: 'c' } as Env);
  for (const name of names) {
    const line = lineOf({ reason: `failed with ${secret(name)}, sorry` });
    expect(JSON.parse(line).reason).toBe('failed with █, sorry');
  }
});

test('ids and plain words stay as they are', () => {
  const fields = {
    jobId: 'a'.repeat(64),
    userId: 'usr_AbCdEfGhIjKlMnOpQrStUv',
    requestId: 'req_1',
    reason: 'the token has expired',
  };
  expect(JSON.parse(lineOf(fields))).toMatchObject(fields);
});

test('what should not have happened says where it did, without query strings, and no longer than a screen', () => {
  const error = new TypeError(`GET https://r2.test/k.jpg?X-Amz-Expires=60&x=y failed ${'x'.repeat(9_000)}`);
  error.stack = `${error.name}: ${error.message.slice(0, 60)}\n    at sign (https://x.test/a.ts?v=12:3:4)\n${'    at more (a.ts:1:2)\n'.repeat(999)}`;
  const { reason, stack } = failure(error);
  expect(reason).toMatch(/^TypeError: GET https:\/\/r2\.test\/k\.jpg\?… failed x+$/);
  expect(stack).toContain('at sign (https://x.test/a.ts?…');
  expect(stack).not.toContain('X-Amz');
  expect([reason.length, stack?.length]).toEqual([500, 4_000]);
  expect(failure('a text')).toEqual({ reason: 'a text', stack: null });
});

test('a credential at the limit of length is not cut in half, which would hide it from who blacks it out', () => {
  const token = `cb_${'A'.repeat(43)}`;
  const error = new Error('short');
  error.stack = `${'x'.repeat(3_990)} ${token}`;
  expect(failure(error).stack).not.toContain('cb_');
});
