/** Signatures: who signed, over what, and when. */
import { expect, test } from 'vitest';
import { sign, verify } from '../../src/webhooks/index.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const BODY = '{"idx":0}';
const SECRET = 'not-a-real-secret';
const signed = () => sign('msg_1', BODY, SECRET, NOW);
const check = async (
  change: Record<string, string> = {},
  body = BODY,
  secrets: string | string[] = SECRET,
  now = NOW,
) => verify({ ...(await signed()), ...change }, body, secrets, { now });

test('is the one that the specification’s formula gives', async () => {
  // HMAC-SHA-256 of "msg_1.1767225600.{"idx":0}" by another implementation (node:crypto).
  const { createHmac } = await import('node:crypto');
  const mac = createHmac('sha256', SECRET).update(`msg_1.1767225600.${BODY}`).digest('base64');
  expect(await signed()).toEqual({
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1767225600',
    'webhook-signature': `v1,${mac}`,
  });
});

test('holds for its body, under any of several secrets, in Headers and in an object', async () => {
  expect(await check()).toBe(true);
  expect(await check({}, BODY, ['other', SECRET])).toBe(true);
  expect(await verify(new Headers(await signed()), BODY, SECRET, { now: NOW })).toBe(true);
  const several = `v1,AAAA v2,AAAA ${(await signed())['webhook-signature']}`;
  expect(await check({ 'webhook-signature': several })).toBe(true);
});

test('does not hold for another body, id, time or secret', async () => {
  expect(await check({}, `${BODY} `)).toBe(false);
  expect(await check({ 'webhook-id': 'msg_2' })).toBe(false);
  expect(await check({ 'webhook-timestamp': '1767225601' })).toBe(false);
  expect(await check({}, BODY, ['', 'other'])).toBe(false);
  expect(await check({}, BODY, [])).toBe(false);
});

test('holds for five minutes, before and after', async () => {
  for (const seconds of [-300, 300]) expect(await check({}, BODY, SECRET, NOW + seconds * 1000)).toBe(true);
  for (const seconds of [-301, 301]) expect(await check({}, BODY, SECRET, NOW + seconds * 1000)).toBe(false);
});

test.each(['', 'v1,', 'v1,%%%', 'v0,AAAA', 'v1,AAAA'])('%j is no signature of it, and no error', async (signature) => {
  expect(await check({ 'webhook-signature': signature })).toBe(false);
});
