/** Keys that nobody can guess and no two calls share: for idempotency and sign-up. */

/** A UUID, or 32 hexadecimal digits on pages without HTTPS, where browsers have no `randomUUID`. */
export function uniqueKey(): string {
  mustHaveCrypto();
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return randomHex(16);
}

/** A UUID of version 7 (RFC 9562): 48 bits of time and 74 of chance. @param now milliseconds since the Unix epoch */
export function timedKey(now: number): string {
  mustHaveCrypto();
  const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, '0').slice(-12);
  const random = randomHex(10);
  const variant = '89ab'.charAt(Number.parseInt(random.charAt(3), 16) % 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(8)}`;
}

/** A guessable key would give the user away, so nothing else stands in. */
function mustHaveCrypto(): void {
  if (typeof crypto === 'undefined') throw new Error('crypto.getRandomValues is missing: load a polyfill for it first');
}

const randomHex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');
