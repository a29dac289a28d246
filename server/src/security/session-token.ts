/** Session tokens: HS256 JWTs whose `sub` is the user id. Algorithm, issuer, audience and expiry are all pinned (RFC 8725). */
import { errors, jwtVerify, SignJWT } from 'jose';
import type { Settings } from '../env.ts';

const ISSUER = 's3-workers';
const AUDIENCE = 's3-api';

export type SessionClaims = {
  userId: string;
  /** Milliseconds since the Unix epoch. */
  issuedAt: number;
  expiresAt: number;
};
export type TokenCheck = { ok: true; claims: SessionClaims } | { ok: false; reason: 'expired' | 'invalid' };

const keys = new Map<string, Promise<CryptoKey>>();

function keyOf(secret: string): Promise<CryptoKey> {
  const known = keys.get(secret);
  if (known) return known;
  if (keys.size > 8) keys.clear();
  const raw = new TextEncoder().encode(secret);
  const made = crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
  keys.set(secret, made);
  return made;
}

/** @param now milliseconds since the Unix epoch; kept to the millisecond in `iat`, so that a revocation is exact. */
export async function signSession(userId: string, now: number, settings: Settings) {
  const exp = Math.floor(now / 1000) + settings.numbers.TOKEN_SECONDS;
  const token = await new SignJWT()
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(userId)
    .setIssuedAt(now / 1000)
    .setExpirationTime(exp)
    .sign(await keyOf(settings.jwtSecret));
  return { userId, token, expiresAt: new Date(exp * 1000) };
}

/** @param lateSeconds how long after its expiry a token is still taken */
export async function verifySession(
  token: string,
  now: number,
  settings: Settings,
  lateSeconds = 0,
): Promise<TokenCheck> {
  const secrets = [settings.jwtSecret, settings.jwtSecretPrevious].filter((secret) => secret !== null);
  let check: TokenCheck = { ok: false, reason: 'invalid' };
  for (const secret of secrets) {
    check = await verifyWith(token, now, secret, lateSeconds);
    if (check.ok || check.reason === 'expired') return check;
  }
  return check;
}

async function verifyWith(token: string, now: number, secret: string, lateSeconds: number): Promise<TokenCheck> {
  try {
    const { payload } = await jwtVerify(token, await keyOf(secret), {
      algorithms: ['HS256'],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'iat', 'exp'],
      currentDate: new Date(now),
      clockTolerance: lateSeconds,
    });
    const { sub, iat, exp } = payload;
    if (!sub || iat === undefined || exp === undefined) return { ok: false, reason: 'invalid' };
    return { ok: true, claims: { userId: sub, issuedAt: Math.round(iat * 1000), expiresAt: exp * 1000 } };
  } catch (error) {
    return { ok: false, reason: error instanceof errors.JWTExpired ? 'expired' : 'invalid' };
  }
}
