/** Keys that nobody can guess and no two calls share: for idempotency and sign-up. */

/** A UUID, or 32 hexadecimal digits on pages without HTTPS, where browsers have no `randomUUID`. */
export function uniqueKey(): string {
  // A guessable key would give the user away, so nothing else stands in.
  if (typeof crypto === 'undefined') throw new Error('crypto.getRandomValues is missing: load a polyfill for it first');
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A UUID of version 7 (RFC 9562): 48 bits of time and 74 of chance. @param now milliseconds since the Unix epoch */
export function timedKey(now: number): string {
  const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, '0');
  const chance = uniqueKey().replace(/-/g, '');
  const variant = '89ab'.charAt(Number.parseInt(chance.charAt(16), 16) % 4);
  const digits = `${time}7${chance.slice(13, 16)}${variant}${chance.slice(17)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
