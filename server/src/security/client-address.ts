/** Whom a rate limit by address counts: an IPv4 address, or the /64 network of an IPv6 one, which a single customer has to himself. */

const V4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;
/** Hextets of a /64. */
const NETWORK = 4;
const HEXTETS = 8;
const MAX_TEXT = 64;

/** @param address as Cloudflare gives it in CF-Connecting-IP; null or nonsense all count as one */
export function addressKey(address: string | null): string {
  const text = address?.trim() ?? '';
  const v4 = MAPPED.exec(text)?.[1] ?? text;
  if (V4.test(v4)) return v4;
  const hextets = hextetsOf(text);
  return hextets === null ? 'unknown' : `${hextets.slice(0, NETWORK).join(':')}::/64`;
}

/** The eight groups without leading zeros; null for what is no IPv6 address. */
function hextetsOf(text: string): string[] | null {
  const [head = '', tail, ...more] = text.slice(0, MAX_TEXT).split('::');
  if (more.length > 0) return null;
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [left, right] = [groups(head), tail === undefined ? [] : groups(tail)];
  const gap = HEXTETS - left.length - right.length;
  if (tail === undefined ? gap !== 0 : gap < 1) return null;
  const all = [...left, ...Array.from({ length: gap }, () => '0'), ...right];
  return all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
    ? all.map((group) => Number.parseInt(group, 16).toString(16))
    : null;
}
