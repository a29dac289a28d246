/**
 * Session tokens: HS256 JWTs whose `sub` is the user id. Algorithm, type, issuer, audience and expiry are all pinned (RFC 8725).
 * `kid` names the secret, so that a rotation logs nobody out while the previous one is set, and a secret that was taken out is
 * refused at once. Tokens without a `kid` are from before there was one: they are tried with both.
 *
 * A sign-up stores nothing, so its token carries what the account is opened with later, and whatever takes the token's place carries
 * it on: `sat`, when that was, in seconds like `iat`, and `dev`, the device hash, where one was given. Tokens of earlier releases have
 * neither: their accounts are open.
 */
import { decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import { JWTExpired } from 'jose/errors';
import type { Session } from '../contract/auth.ts';
import { MAX_DEVICE_HASH } from '../contract/limits.ts';
import { isMintedUserId, type SignUp } from '../domain/sign-up.ts';
import type { Settings } from '../settings/settings.ts';
import { hmacKey, type Key, keyOfText, mac } from './derive.ts';

const ISSUER = 's3-workers';
const AUDIENCE = 's3-api';
const TYPE = 'JWT';
/** How far ahead of ours the clock that issued a token may be (milliseconds). */
const CLOCK_SKEW_MS = 60_000;
/** Characters of a key id, six bits each: it only has to tell two secrets apart. */
const KID_LENGTH = 12;

export type SignUpClaims = Pick<SignUp, 'signedUpAt' | 'deviceHash'>;
export type SessionClaims = SignUpClaims & {
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

/** Names a secret without telling anything of it. */
export const kidOf = (secret: string): string =>
  mac(hmacKey(secret, 'kid'), 'session token', 'base64url').slice(0, KID_LENGTH);

const encoder = new TextEncoder();
const base64Url = (value: object): string =>
  btoa(String.fromCharCode(...encoder.encode(JSON.stringify(value))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

/** What signs with a secret: its key, and the token's first part, which names it. */
type Signer = { key: Key; header: string };
const signers = new Map<string, Signer>();

function signerOf(secret: string): Signer {
  const known = signers.get(secret);
  if (known) return known;
  if (signers.size > 8) signers.clear();
  const made = { key: keyOfText(secret), header: base64Url({ alg: 'HS256', typ: TYPE, kid: kidOf(secret) }) };
  signers.set(secret, made);
  return made;
}

/**
 * A JWS in compact form (RFC 7515, 3.1), by the platform's own HMAC: a sign-up does little else.
 * @param now milliseconds since the Unix epoch; kept to the millisecond in `iat`, so that a revocation is exact.
 */
export function signSession(
  userId: string,
  { signedUpAt, deviceHash }: SignUpClaims,
  now: number,
  { jwtSecret, numbers }: Settings,
): Session {
  const exp = Math.floor(now / 1000) + numbers.TOKEN_SECONDS;
  const { key, header } = signerOf(jwtSecret);
  const payload = base64Url({
    sat: signedUpAt / 1000,
    ...(deviceHash === null ? {} : { dev: deviceHash }),
    iss: ISSUER,
    aud: AUDIENCE,
    sub: userId,
    iat: now / 1000,
    exp,
  });
  const token = `${header}.${payload}.${mac(key, `${header}.${payload}`, 'base64url')}`;
  // The next request often comes to the same isolate.
  const claims = { userId, issuedAt: now, expiresAt: exp * 1000, signedUpAt, deviceHash };
  remember(token, claims, jwtSecret);
  return { userId, token, expiresAt: new Date(exp * 1000) };
}

/** Tokens whose signature is known to be good, with the secret that it is good under: a browser sends the same one for hours. */
const verified = new Map<string, { claims: SessionClaims; secret: string }>();
/** About 3 MB, of the 128 that an isolate has. */
const MAX_VERIFIED = 5_000;

/** What holds of a good signature holds for ever; its times and whether its secret is still one of ours are checked each time. */
function recall(token: string, now: number, { jwtSecret, jwtSecretPrevious }: Settings): TokenCheck | null {
  const known = verified.get(token);
  // Both sides are ours: nothing that a caller sent is compared here.
  if (known === undefined || ![jwtSecret, jwtSecretPrevious].includes(known.secret)) return null;
  const { claims } = known;
  if (claims.expiresAt <= now) return { ok: false, reason: 'expired' };
  return claims.issuedAt > now + CLOCK_SKEW_MS ? { ok: false, reason: 'invalid' } : { ok: true, claims };
}

function remember(token: string, claims: SessionClaims, secret: string): void {
  if (verified.size >= MAX_VERIFIED) verified.clear();
  verified.set(token, { claims, secret });
}

/** @param lateSeconds how long after its expiry a token is still taken */
export async function verifySession(
  token: string,
  now: number,
  settings: Settings,
  lateSeconds = 0,
): Promise<TokenCheck> {
  const known = lateSeconds === 0 ? recall(token, now, settings) : null;
  if (known !== null) return known;
  const secrets = secretsFor(token, settings);
  let check: TokenCheck = { ok: false, reason: 'invalid' };
  for (const secret of secrets) {
    check = await verifyWith(token, now, secret, lateSeconds);
    if (check.ok && lateSeconds === 0) remember(token, check.claims, secret);
    if (check.ok || check.reason === 'expired') return check;
  }
  return check;
}

/** Base64url as RFC 7515 has it: no padding, and nothing in the bits of the last character that no byte needs. */
const PART = '(?:[\\w-]{4})*(?:[\\w-][AQgw]|[\\w-]{2}[AEIMQUYcgkosw048])?';
const COMPACT = new RegExp(`^${PART}\\.${PART}\\.${PART}$`);

/** The secrets that a token may be signed with. None for what is no token: jose reads the same bytes out of several texts. */
function secretsFor(token: string, settings: Settings): string[] {
  if (!COMPACT.test(token)) return [];
  const secrets = [settings.jwtSecret, settings.jwtSecretPrevious].filter((secret) => secret !== null);
  let kid: unknown;
  try {
    ({ kid } = decodeProtectedHeader(token));
  } catch {
    return [];
  }
  if (kid === undefined) return secrets;
  return secrets.filter((secret) => kidOf(secret) === kid);
}

async function verifyWith(token: string, now: number, secret: string, lateSeconds: number): Promise<TokenCheck> {
  try {
    const { payload } = await jwtVerify(token, await keyOf(secret), {
      algorithms: ['HS256'],
      typ: TYPE,
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'iat', 'exp'],
      currentDate: new Date(now),
      clockTolerance: lateSeconds,
    });
    const { sub, iat, exp } = payload;
    // No token names anything but a user, such as the object that keeps the ceilings.
    if (typeof sub !== 'string' || !isMintedUserId(sub) || iat === undefined || exp === undefined)
      return { ok: false, reason: 'invalid' };
    if (iat * 1000 > now + CLOCK_SKEW_MS) return { ok: false, reason: 'invalid' };
    const times = { issuedAt: Math.round(iat * 1000), expiresAt: exp * 1000 };
    return { ok: true, claims: { userId: sub, ...times, ...signUpOf(payload, times.issuedAt) } };
  } catch (error) {
    return { ok: false, reason: error instanceof JWTExpired ? 'expired' : 'invalid' };
  }
}

function signUpOf({ sat, dev }: JWTPayload, issuedAt: number): SignUpClaims {
  return {
    signedUpAt: typeof sat === 'number' ? Math.round(sat * 1000) : issuedAt,
    deviceHash: typeof dev === 'string' && dev !== '' && dev.length <= MAX_DEVICE_HASH ? dev : null,
  };
}
