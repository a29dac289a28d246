/** Keys that nobody can guess and no two calls share: for idempotency and sign-up. */

/** A UUID, or 32 hexadecimal digits on pages without HTTPS, where browsers have no `randomUUID`. */
export function uniqueKey(): string {
  // A guessable key would give the user away, so nothing else stands in.
  if (typeof crypto === 'undefined') throw new Error('crypto.getRandomValues is missing: load a polyfill for it first');
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
