/** Tickets: they admit one user to one job for a minute, and nothing that is altered admits to anything. */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { parseSettings } from '../../src/env.ts';
import { hmacKey, mac, sameText, toBase64Url } from '../../src/security/derive.ts';
import { checkTicket, issueTicket } from '../../src/security/ticket.ts';

const settings = parseSettings(env, false);
const now = Date.parse('2030-01-01T00:00:00Z');
const issue = () => issueTicket('job-1', 'usr_1', now, settings);
const check = (ticket: string, job = 'job-1', at = now, given = settings) => checkTicket(ticket, job, at, given);

test('a ticket admits its user to its job, for a minute', async () => {
  const ticket = await issue();
  expect(await check(ticket)).toBe('usr_1');
  expect(await check(ticket, 'job-1', now + 60_000)).toBe('usr_1');
  expect(await check(ticket, 'job-1', now + 61_000)).toBeNull();
});

test('a ticket admits to no other job, and none under another secret', async () => {
  const ticket = await issue();
  expect(await check(ticket, 'job-2')).toBeNull();
  expect(
    await check(ticket, 'job-1', now, { ...settings, jwtSecret: 'another-secret-of-32-bytes-or-more' }),
  ).toBeNull();
});

test('a ticket is good over a rotation of the secret, while the previous one is set', async () => {
  const jwtSecret = 'another-secret-of-32-bytes-or-more';
  const ticket = await issue();
  const rotated = { ...settings, jwtSecret, jwtSecretPrevious: settings.jwtSecret };
  expect(await check(ticket, 'job-1', now, rotated)).toBe('usr_1');
});

test('a ticket with any part altered admits nobody', async () => {
  const [user, expiry, signature] = (await issue()).split('.');
  for (const altered of [
    `usr_2.${expiry}.${signature}`,
    `${user}.${Number(expiry) + 1}.${signature}`,
    `${user}.${expiry}.${signature?.slice(1)}`,
    `${user}.${expiry}`,
    `${user}.${expiry}.${signature}.x`,
    `${user}.NaN.${signature}`,
    '',
    '..',
  ]) {
    expect(await check(altered)).toBeNull();
  }
});

test('keys for different purposes differ, and none is the secret itself', async () => {
  const [a, b, again] = await Promise.all([hmacKey('secret', 'a'), hmacKey('secret', 'b'), hmacKey('secret', 'a')]);
  const texts = await Promise.all([a, b, again].map(async (key) => toBase64Url(await mac(key, 'text'))));
  expect(texts[0]).toBe(texts[2]);
  expect(texts[0]).not.toBe(texts[1]);
  const raw = await crypto.subtle.importKey(
    'raw',
    new TextEncoder().encode('secret'),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  expect(texts).not.toContain(toBase64Url(await mac(raw, 'text')));
});

test('texts of different lengths are compared, not refused with an error', async () => {
  expect(await sameText('a', 'a')).toBe(true);
  expect(await sameText('a', 'aa')).toBe(false);
  expect(await sameText('', 'a')).toBe(false);
});
