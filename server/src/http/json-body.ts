/** Reading the body of a call: unpacked where it comes compressed, and without the mark that some editors and libraries put before a text. */
import { invalid, ok, type Refused, type Result, refuse } from '../domain/result.ts';
import { readBody } from './body.ts';

/** Names of RFC 9110, 8.4.1, and what the platform calls them. */
const UNPACK: ReadonlyMap<string, 'gzip' | 'deflate'> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
]);
const BYTE_ORDER_MARK = '\ufeff';

/** The body as text. Nothing is read or unpacked beyond `limit` bytes. */
export async function readJson(request: Request, limit: number): Promise<Result<string>> {
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  const format = UNPACK.get(encoding);
  if (format === undefined && encoding !== '' && encoding !== 'identity') {
    return invalid('content-encoding', 'is gzip, deflate or identity');
  }
  let text: string | null;
  try {
    text = await readBody(format === undefined ? request : unpacked(request, format), limit);
  } catch (error) {
    if (format === undefined) throw error;
    return invalid('content-encoding', `says ${format}, and the body is not`);
  }
  if (text === null) return tooLarge(limit, format !== undefined);
  return ok(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
}

/** Its length is known only at its end. */
function unpacked(request: Request, format: 'gzip' | 'deflate'): Request {
  const body = request.body?.pipeThrough(new DecompressionStream(format)) ?? null;
  return new Request(request.url, { method: 'POST', body });
}

function tooLarge(limit: number, wasPacked: boolean): Refused {
  const message = `a request has at most ${limit} bytes${wasPacked ? ', also unpacked' : ''}`;
  return refuse('PAYLOAD_TOO_LARGE', message, { limit });
}
