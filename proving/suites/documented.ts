/** Whether an answer of the API is one that its documents name: a result, or an error of the contract under its own status. */

import { ERROR_CODES, type ErrorCode } from '../../server/src/contract/errors.ts';
import { at, type Reply } from '../world/bundle/http.ts';

/** Where HTTP has a more exact status than the code's own: a method or a content type that is not served. */
const MORE_EXACT: Partial<Record<ErrorCode, readonly unknown[]>> = { VALIDATION_ERROR: [405, 415] };

/** What is wrong with an answer, in words; null for one that the documents name. */
export function undocumented(reply: Reply): string | null {
  const { status, json } = reply;
  if (status === 0 || json === undefined) return `${status}, no JSON: ${reply.body.slice(0, 200)}`;
  const parts = Array.isArray(json) ? json : [json];
  if (parts.length === 0) return 'an empty list';
  for (const part of parts) {
    const wrong = wrongIn(part, Array.isArray(json) ? null : status);
    if (wrong !== null) return `${status}, ${wrong}: ${JSON.stringify(part).slice(0, 200)}`;
  }
  return null;
}

/** @param status of the whole answer; null in a batch, where each part has its own */
function wrongIn(part: unknown, status: number | null): string | null {
  const error = at(part, 'error');
  if (error === undefined || error === null) {
    const isResult = at(part, 'result', 'data') !== undefined || at(part, 'success') === true;
    return isResult && (status === null || status === 200) ? null : 'neither a result nor an error';
  }
  const code = at(error, 'json', 'data', 'errorCode') ?? at(error, 'code');
  if (typeof code !== 'string' || !Object.hasOwn(ERROR_CODES, code)) return 'no code of the contract';
  if (code === 'INTERNAL_ERROR') return 'INTERNAL_ERROR';
  const { status: own } = ERROR_CODES[code as ErrorCode];
  const shown = at(error, 'json', 'data', 'httpStatus') ?? status;
  const fits = (one: unknown) => one === own || MORE_EXACT[code as ErrorCode]?.includes(one) === true;
  if (!fits(shown) || (status !== null && status !== shown)) return `${code} is ${own}`;
  const requestId = at(error, 'json', 'data', 'requestId') ?? at(part, 'meta', 'request_id');
  return typeof requestId === 'string' && requestId.startsWith('req_') ? null : 'no id of the request';
}
