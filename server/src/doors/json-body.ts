/** Reading the body of a call: unpacked where it comes compressed, and without the mark that some editors and libraries put before a text. */
import { ok, type Result } from '../domain/result.ts';
import { readBody, readBytes } from './body.ts';
import { tooLarge, unpacked } from './encoding.ts';

const BYTE_ORDER_MARK = '\ufeff';
/** Decodes UTF-8, without that mark. */
const utf8 = new TextDecoder();

/** The body as text. Nothing is read or unpacked beyond `limit` bytes. */
export async function readJson(request: Request, limit: number): Promise<Result<string>> {
  const encoding = request.headers.get('content-encoding');
  if (encoding === null) {
    const text = await readBody(request, limit);
    if (text === null) return tooLarge(limit);
    return ok(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  }
  const sent = await readBytes(request, limit);
  if (sent === null) return tooLarge(limit);
  const body = await unpacked(sent, encoding, limit);
  return body.ok ? ok(utf8.decode(body.value)) : body;
}
