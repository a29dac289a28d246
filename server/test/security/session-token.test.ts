/** Session tokens as they are written: by hand, so they are held against what jose makes of the same claims, byte for byte. */
import { env } from 'cloudflare:workers';
import { jwtVerify, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { kidOf, signSession } from '../../src/security/session-token.ts';
import { parseSettings } from '../../src/settings/settings.ts';

const USER = `usr_${'a'.repeat(22)}`;
const secret = new TextEncoder().encode(env.JWT_SECRET);

test.each([
  ['without a device', null, 1_893_456_000_000],
  ['with one', 'device-hash', 1_893_456_000_000],
  ['at a moment within a second', null, 1_893_456_000_123],
  ['with a device of letters that take several bytes', 'Gerät-ключ-端末-😀>>>>????', 1_893_456_000_999],
])('a token %s is the one that jose makes', async (_, deviceHash, now) => {
  const settings = parseSettings(env, false);
  const signedUpAt = now - 5_001;
  const { token, userId, expiresAt } = signSession(USER, { signedUpAt, deviceHash }, now, settings);
  const exp = Math.floor(now / 1000) + settings.numbers.TOKEN_SECONDS;
  const expected = await new SignJWT({ sat: signedUpAt / 1000, ...(deviceHash === null ? {} : { dev: deviceHash }) })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: kidOf(settings.jwtSecret) })
    .setIssuer('s3-workers')
    .setAudience('s3-api')
    .setSubject(USER)
    .setIssuedAt(now / 1000)
    .setExpirationTime(exp)
    .sign(secret);
  expect(token).toBe(expected);
  expect({ userId, expiresAt }).toEqual({ userId: USER, expiresAt: new Date(exp * 1000) });
  const { payload } = await jwtVerify(token, secret, { currentDate: new Date(now) });
  expect(payload.dev ?? null).toBe(deviceHash);
});
