/** Bodies that come compressed (RFC 9110, section 8.4), unpacked within a limit: a small body may unpack to a thousand times its size. */
import { invalid, ok, type Refused, type Result, refuse } from '../domain/result.ts';

/** What these names are to the platform, in small letters. `deflate` is the zlib format. */
const FORMATS: ReadonlyMap<string, 'gzip' | 'deflate'> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
]);

export function tooLarge(limit: number): Refused {
  return refuse('PAYLOAD_TOO_LARGE', `a body has at most ${limit} bytes, also unpacked`, { limit });
}

/**
 * The body as it was before it was compressed. Nothing is unpacked beyond the piece that passes `limit` bytes.
 * @param encoding the request's Content-Encoding
 */
export async function unpacked(body: Uint8Array, encoding: string | null, limit: number): Promise<Result<Uint8Array>> {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return ok(body);
  const format = FORMATS.get(name);
  if (format === undefined) return invalid('content-encoding', 'must be gzip, deflate or identity');
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of new Blob([body]).stream().pipeThrough(new DecompressionStream(format))) {
      bytes += chunk.length;
      if (bytes > limit) return tooLarge(limit);
      chunks.push(chunk);
    }
  } catch {
    return invalid('content-encoding', `says ${name}, and the body is not`);
  }
  return ok(new Uint8Array(await new Blob(chunks).arrayBuffer()));
}
