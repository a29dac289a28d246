/** Keys for tickets, per-job tokens and signatures: derived from the secrets by HKDF (RFC 5869), never the secrets themselves. */

import { base64url } from 'jose';

const encoder = new TextEncoder();
const cache = new Map<string, Promise<CryptoKey>>();
/** More secrets and purposes than one deployment ever has. */
const MAX_CACHED = 64;

/** The HMAC-SHA-256 key for one purpose. The same secret and purpose always give the same key. */
export function hmacKey(secret: string, purpose: string): Promise<CryptoKey> {
  const id = `${purpose}\n${secret}`;
  const known = cache.get(id);
  if (known) return known;
  if (cache.size >= MAX_CACHED) cache.clear();
  const made = deriveKey(secret, purpose);
  cache.set(id, made);
  return made;
}

async function deriveKey(secret: string, purpose: string): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', encoder.encode(secret), 'HKDF', false, ['deriveKey']);
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: encoder.encode(`s3-workers/${purpose}`) };
  return crypto.subtle.deriveKey(hkdf, base, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign', 'verify']);
}

export async function mac(key: CryptoKey, text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)));
}

/** Whether two texts are equal, in a time that does not tell where they differ. */
export async function sameText(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([a, b].map((text) => crypto.subtle.digest('SHA-256', encoder.encode(text))));
  return left !== undefined && right !== undefined && crypto.subtle.timingSafeEqual(left, right);
}

export function toBase64Url(bytes: Uint8Array): string {
  return base64url.encode(bytes);
}
