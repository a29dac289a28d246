/** Session tokens as an attacker would make them: every field of header and payload is free, and so is who signs. */
import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

type Json = Record<string, unknown>;
const base64Url = (text: string): string => Buffer.from(text).toString('base64url');

/** The claims of a good token of `userId`, issued `ageSeconds` ago. */
export function claims(userId: string, ageSeconds = 0, change: Json = {}): Json {
  const iat = Math.floor(Date.now() / 1000) - ageSeconds;
  const all: Json = { iss: 's3-workers', aud: 's3-api', sub: userId, iat, exp: iat + 30 * 86_400, ...change };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** @param header as text, where JSON cannot say it */
export function compact(header: Json | string, payload: Json, sign: (input: string) => string): string {
  const input = `${base64Url(typeof header === 'string' ? header : JSON.stringify(header))}.${base64Url(JSON.stringify(payload))}`;
  return `${input}.${sign(input)}`;
}

export const hmac =
  (secret: string | Buffer, hash = 'sha256') =>
  (input: string): string =>
    createHmac(hash, secret).update(input).digest('base64url');

export const rsa = (key: KeyObject) => (input: string) => createSign('sha256').update(input).sign(key, 'base64url');
export const ecdsa = (key: KeyObject) => (input: string) =>
  createSign('sha256').update(input).sign({ key, dsaEncoding: 'ieee-p1363' }, 'base64url');

export const rsaPair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
export const ecPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** A token of the service's own making, in everything but who may have asked for it. */
export const hs256 = (secret: string, payload: Json, header: Json = {}): string =>
  compact({ alg: 'HS256', typ: 'JWT', ...header }, payload, hmac(secret));
