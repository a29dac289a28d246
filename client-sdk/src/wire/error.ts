/** From the server's error, in tRPC's shape or in that of its REST routes, to an `S3Error`. */

import { networkError, S3Error, type S3ErrorCode, type S3ErrorData, secondsIn } from '../errors.ts';
import { ERROR_CODES, type ServerErrorData } from '../generated/errors.ts';

type ErrorCode = keyof ServerErrorData;
type Fields = Record<string, unknown>;

/** @param response the HTTP answer that it came in */
export function readError(answer: unknown, response: Response): S3Error {
  const { error, meta } = fields(answer);
  const shape = fields(fields(error).json ?? error);
  // REST: { error: { code, message, details }, meta: { request_id } }
  const data = fields(shape.data ?? { ...shape, errorCode: shape.code, requestId: fields(meta).request_id });
  const { errorCode: told, requestId, httpStatus } = data;
  // Every answer of the server's names its request. What does not is somebody else's, whatever its status: no answer.
  if (typeof told !== 'string' || typeof requestId !== 'string') {
    return networkError(`HTTP ${response.status}: not an answer of this server`, {
      response,
      retryable: true,
      cause: answer,
    });
  }
  // A newer server's code, which this version has no type for, is told in the message alone.
  const known = ERROR_CODES.split(' ').includes(told);
  const code = known ? (told as ErrorCode) : 'INTERNAL_ERROR';
  const message = String(shape.message ?? told);
  const details = (known && data.details) || null;
  const asked = fields(details).retryAfterSeconds;
  return new S3Error<S3ErrorCode>({
    code,
    message: known ? message : `${message} (${told})`,
    data: details as S3ErrorData<S3ErrorCode>,
    status: typeof httpStatus === 'number' ? httpStatus : response.status,
    requestId,
    retryable: isRetryable(code, details),
    retryAfter: typeof asked === 'number' ? asked : secondsIn(response.headers.get('retry-after')),
  });
}

/**
 * CONCURRENCY_LIMIT is not among them: it ends when a job does, which may take hours. Nor is a service that is unavailable for want
 * of settings, which waiting does not cure.
 */
function isRetryable(code: ErrorCode, details: unknown): boolean {
  if (code === 'SERVICE_UNAVAILABLE') return !(fields(details).settings as unknown[] | undefined)?.length;
  return code === 'RATE_LIMITED' || code === 'INTERNAL_ERROR';
}

/** Of whatever: none of what is no object. */
const fields = (value: unknown): Fields => Object(value) as Fields;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
