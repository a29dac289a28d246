/** How the REST shims answer: `{ success, data, error, meta }`, whatever happens. */
import { ERROR_CODES, type Refusal } from '../contract/errors.ts';

export function answer(requestId: string, data: unknown, status = 200): Response {
  return Response.json({ success: status < 400, data, error: null, meta: metaOf(requestId) }, { status });
}

/** @param status where HTTP has a more exact one than the code's own */
export function answerRefusal(
  requestId: string,
  { code, message, details }: Refusal,
  data: unknown = null,
  status: number = ERROR_CODES[code].status,
): Response {
  const error = { code, message, details };
  return Response.json({ success: false, data, error, meta: metaOf(requestId) }, { status });
}

const metaOf = (requestId: string) => ({ request_id: requestId, timestamp: new Date().toISOString() });
