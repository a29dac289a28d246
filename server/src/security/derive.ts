/**
 * Keys for tickets, per-job tokens and signatures: derived from the secrets by HKDF (RFC 5869), never the secrets themselves.
 * Synchronous, like the signing of URLs: Web Crypto answers through a promise, and every request checks something.
 */
/// <reference path="../node-crypto.d.ts" />
import { createHmac, createSecretKey, hash, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';

const cache = new Map<string, KeyObject>();
/** More secrets and purposes than one deployment ever has. */
const MAX_CACHED = 64;
const KEY_BYTES = 32;

/** The HMAC-SHA-256 key for one purpose. The same secret and purpose always give the same key. */
export function hmacKey(secret: string, purpose: string): KeyObject {
  const id = `${purpose}\n${secret}`;
  const known = cache.get(id);
  if (known) return known;
  if (cache.size >= MAX_CACHED) cache.clear();
  const made = createSecretKey(new Uint8Array(hkdfSync('sha256', secret, '', `s3-workers/${purpose}`, KEY_BYTES)));
  cache.set(id, made);
  return made;
}

export type Key = KeyObject;
/** Keys that are a secret itself, where a standard says so. */
export const keyOfText = (secret: string): Key => createSecretKey(secret, 'utf8');
export const keyOfBytes = (secret: Uint8Array): Key => createSecretKey(secret);

/** Over the text, or over all of the parts, one after the other. */
export function mac(
  key: Key,
  parts: string | readonly (string | Uint8Array)[],
  encoding: 'hex' | 'base64' | 'base64url',
): string {
  const hmac = createHmac('sha256', key);
  for (const part of typeof parts === 'string' ? [parts] : parts) hmac.update(part);
  return hmac.digest(encoding);
}

/** Whether two texts are equal, in a time that does not tell where they differ. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));
}
