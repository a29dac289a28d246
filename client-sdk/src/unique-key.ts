/** Keys that nobody can guess and no two calls share: for idempotency and sign-up. */

/** A UUID of version 4 (RFC 9562). */
export const uniqueKey = (): string => uuid(4);

/** A UUID of version 7: 48 bits of time and 74 of chance. @param now milliseconds since the Unix epoch */
export const timedKey = (now: number): string => uuid(7, Math.max(0, Math.floor(now)).toString(16).padStart(12, '0'));

/** By hand: pages without HTTPS have no `randomUUID`. @param head its first twelve digits; of chance when left out */
function uuid(version: number, head?: string): string {
  // A guessable key would give the user away, so nothing else stands in.
  if (typeof crypto === 'undefined') throw new Error('crypto.getRandomValues is missing: load a polyfill');
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  const chance = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const variant = '89ab'.charAt((bytes[8] ?? 0) >> 6);
  const digits = `${head ?? chance.slice(0, 12)}${version}${chance.slice(13, 16)}${variant}${chance.slice(17)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
