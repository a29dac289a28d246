/** Keys that nobody can guess and no two calls share: for idempotency and sign-up. */

/** A UUID, or 32 hexadecimal digits on pages without HTTPS, where browsers have no `randomUUID`. */
export function uniqueKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
