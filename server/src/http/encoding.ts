/** Bodies that come compressed (RFC 9110, section 8.4), unpacked within a limit: a small body may unpack to a thousand times its size. */
/// <reference path="../node-zlib.d.ts" />
import { invalid, ok, type Refused, type Result, refuse } from '../domain/result.ts';

/** How to unpack what these names stand for, in small letters. `deflate` is the zlib format. */
const UNPACK = {
  gzip: 'gunzipSync',
  'x-gzip': 'gunzipSync',
  deflate: 'inflateSync',
} as const;

const isKnown = (name: string): name is keyof typeof UNPACK => Object.hasOwn(UNPACK, name);

export function tooLarge(limit: number): Refused {
  return refuse('PAYLOAD_TOO_LARGE', `a callback has at most ${limit} bytes, also unpacked`, { limit });
}

/**
 * The body as it was before it was compressed. Nothing beyond `limit` bytes is ever unpacked.
 * @param encoding the request's Content-Encoding
 */
export async function unpacked(body: Uint8Array, encoding: string | null, limit: number): Promise<Result<Uint8Array>> {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return ok(body);
  if (!isKnown(name)) return invalid('Content-Encoding', 'must be gzip, deflate or identity');
  // Seldom needed, and not free to load.
  const zlib = await import('node:zlib');
  try {
    return ok(zlib[UNPACK[name]](body, { maxOutputLength: limit }));
  } catch (error) {
    return error instanceof RangeError
      ? tooLarge(limit)
      : invalid('body', `is not ${name}, as its Content-Encoding says`);
  }
}
