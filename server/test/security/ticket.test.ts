/** Tickets: they admit one user to one job for a minute, and nothing that is altered admits to anything. */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { hmacKey, keyOfText, mac, sameText } from '../../src/security/derive.ts';
import { checkTicket, issueTicket } from '../../src/security/ticket.ts';
import { parseSettings } from '../../src/settings/settings.ts';

const settings = parseSettings(env, false);
const now = Date.parse('2030-01-01T00:00:00Z');
const bearer = { userId: 'usr_1', sessionFrom: now - 5_000 };
const issue = () => issueTicket('job-1', bearer, now, settings);
const check = (ticket: string, job = 'job-1', at = now, given = settings) => checkTicket(ticket, job, at, given);

test('a ticket admits its user to its job, for a minute', () => {
  const ticket = issue();
  expect(check(ticket)).toEqual(bearer);
  expect(check(ticket, 'job-1', now + 60_000)).toEqual(bearer);
  expect(check(ticket, 'job-1', now + 61_000)).toBeNull();
});

test('a ticket admits to no other job, and none under another secret', () => {
  const ticket = issue();
  expect(check(ticket, 'job-2')).toBeNull();
  expect(check(ticket, 'job-1', now, { ...settings, jwtSecret: 'another-secret-of-32-bytes-or-more' })).toBeNull();
});

test('a ticket is good over a rotation of the secret, while the previous one is set', () => {
  const jwtSecret = 'another-secret-of-32-bytes-or-more';
  const ticket = issue();
  const rotated = { ...settings, jwtSecret, jwtSecretPrevious: settings.jwtSecret };
  expect(check(ticket, 'job-1', now, rotated)).toEqual(bearer);
});

test('a ticket with any part altered admits nobody', () => {
  const [user, expiry, from, signature] = issue().split('.');
  for (const altered of [
    `usr_2.${expiry}.${from}.${signature}`,
    `${user}.${Number(expiry) + 1}.${from}.${signature}`,
    `${user}.${expiry}.${Number(from) + 1}.${signature}`,
    `${user}.${expiry}.${from}.${signature?.slice(1)}`,
    `${user}.${expiry}.${from}`,
    `${user}.${expiry}.${signature}`,
    `${user}.${expiry}.${from}.${signature}.x`,
    `${user}.NaN.${from}.${signature}`,
    `${user}.${expiry}.NaN.${signature}`,
    '',
    '..',
  ]) {
    expect(check(altered)).toBeNull();
  }
});

test('keys for different purposes differ, and none is the secret itself', () => {
  const keys = [hmacKey('secret', 'a'), hmacKey('secret', 'b'), hmacKey('secret', 'a')];
  const texts = keys.map((key) => mac(key, 'text', 'base64url'));
  expect(texts[0]).toBe(texts[2]);
  expect(texts[0]).not.toBe(texts[1]);
  expect(texts).not.toContain(mac(keyOfText('secret'), 'text', 'base64url'));
});

test('a key is the one of RFC 5869 for its secret and purpose, as Web Crypto derives it', async () => {
  const text = new TextEncoder();
  const base = await crypto.subtle.importKey('raw', text.encode('secret'), 'HKDF', false, ['deriveKey']);
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: text.encode('s3-workers/ticket') };
  const key = await crypto.subtle.deriveKey(hkdf, base, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, [
    'sign',
  ]);
  const expected = [...new Uint8Array(await crypto.subtle.sign('HMAC', key, text.encode('text')))];
  expect(mac(hmacKey('secret', 'ticket'), 'text', 'hex')).toBe(
    expected.map((byte) => byte.toString(16).padStart(2, '0')).join(''),
  );
});

test('texts of different lengths are compared, not refused with an error', () => {
  expect(sameText('a', 'a')).toBe(true);
  expect(sameText('a', 'aa')).toBe(false);
  expect(sameText('', 'a')).toBe(false);
  expect(sameText('ü', 'ü')).toBe(true);
});
