/** The client's signatures and those of stock libraries: each verifies what the other one signed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { sign, verify, WebhookError } from '../../src/webhooks/index.ts';

/** The vector that the specification's own libraries are tested with: https://github.com/standard-webhooks/standard-webhooks */
const VECTOR = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  at: 1_614_265_330_000,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const BODY = JSON.stringify({ idx: 0, status: 'failed', error: '너무 어두워요 😀' });
const TOKEN = 'cb_bm90LWEtcmVhbC10b2tlbi1ub3QtYS1yZWFsLXRva2Vu';
const SECRET = `whsec_${btoa(TOKEN)}`;

describe("the specification's vector", () => {
  const headers = {
    'webhook-id': VECTOR.id,
    'webhook-timestamp': String(VECTOR.at / 1000),
    'webhook-signature': VECTOR.signature,
  };

  test('is what we sign, and we verify it', async () => {
    expect(await sign(VECTOR.id, VECTOR.body, VECTOR.secret, VECTOR.at)).toEqual(headers);
    expect(await verify(headers, VECTOR.body, VECTOR.secret, { now: VECTOR.at })).toBe(true);
    expect(await verify(headers, VECTOR.body, SECRET, { now: VECTOR.at })).toBe(false);
  });

  test('is what the stock library signs', () => {
    expect(new Webhook(VECTOR.secret).sign(VECTOR.id, new Date(VECTOR.at), VECTOR.body)).toBe(VECTOR.signature);
  });
});

test('what we sign with callback_secret, and with callback_token, the stock library verifies with callback_secret', async () => {
  for (const secret of [SECRET, TOKEN]) {
    const headers = await sign('msg_1', BODY, secret);
    expect(new Webhook(SECRET).verify(BODY, headers)).toEqual(JSON.parse(BODY));
    expect(() => new Webhook(VECTOR.secret).verify(BODY, headers)).toThrow();
  }
});

test('what the stock library signs with callback_secret we verify with it, and with callback_token', async () => {
  const at = new Date();
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(SECRET).sign('msg_1', at, BODY),
  };
  for (const secret of [SECRET, TOKEN, [VECTOR.secret, SECRET]]) expect(await verify(headers, BODY, secret)).toBe(true);
  expect(await verify(headers, BODY, VECTOR.secret)).toBe(false);
  const changing = { ...headers, 'webhook-signature': `v1a,AAAA ${VECTOR.signature} ${headers['webhook-signature']}` };
  expect(await verify(changing, BODY, SECRET)).toBe(true);
});

// Regression: a stock library given `callback_token` throws, or signs with whatever it makes of it.
test('the stock library takes callback_secret and throws on callback_token', () => {
  expect(() => new Webhook(TOKEN)).toThrow();
  expect(() => new Webhook(SECRET)).not.toThrow();
});

test('a secret in the alphabet of URLs is the same, and what is no base64 is no secret', async () => {
  const standard = `whsec_${btoa('\xfb\xff\xfe'.repeat(8))}`;
  const urls = standard.replaceAll('+', '-').replaceAll('/', '_');
  expect(await verify(await sign('m', BODY, urls), BODY, standard)).toBe(true);
  for (const secret of ['', 'whsec_', 'whsec_no base64!']) {
    await expect(sign('m', BODY, secret)).rejects.toBeInstanceOf(WebhookError);
    await expect(sign('m', BODY, secret)).rejects.toMatchObject({ code: 'VALIDATION_ERROR', field: 'secret' });
    expect(await verify(await sign('m', BODY, SECRET), BODY, secret)).toBe(false);
  }
});

const hasPython = spawnSync('python3', ['--version']).status === 0;

describe.skipIf(!hasPython)("the recipe in Python's standard library, examples/sign_callback.py", () => {
  const folder = fileURLToPath(new URL('../../../examples', import.meta.url));
  /** What its function makes of these, in a process of its own. */
  function recipe(secret: string, body: string, id: string, now: number): Record<string, string> {
    const program = [
      'import json, sys',
      'sys.dont_write_bytecode = True',
      `sys.path.insert(0, ${JSON.stringify(folder)})`,
      'from sign_callback import signed_headers',
      'given = json.load(sys.stdin)',
      'print(json.dumps(signed_headers(given["secret"], given["body"].encode(), given["id"], given["now"])))',
    ].join('\n');
    const input = JSON.stringify({ secret, body, id, now });
    return JSON.parse(execFileSync('python3', ['-c', program], { input, encoding: 'utf8' }));
  }

  test("signs the specification's vector", () => {
    const headers = recipe(VECTOR.secret, VECTOR.body, VECTOR.id, VECTOR.at / 1000);
    expect(headers['webhook-signature']).toBe(VECTOR.signature);
  });

  test('signs text of many scripts as the stock library does, and is verified by it', () => {
    const now = Math.floor(Date.now() / 1000);
    const headers = recipe(SECRET, BODY, 'msg_1', now);
    expect(headers['webhook-signature']).toBe(new Webhook(SECRET).sign('msg_1', new Date(now * 1000), BODY));
    expect(new Webhook(SECRET).verify(BODY, headers)).toEqual(JSON.parse(BODY));
  });
});
