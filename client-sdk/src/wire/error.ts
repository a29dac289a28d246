/** From the server's error, in tRPC's shape or in that of its REST routes, to an `S3Error`. */

import { networkError, S3Error, type S3ErrorCode, type S3ErrorData, secondsIn } from '../errors.ts';
import { ERROR_STATUS, type ServerErrorData } from '../generated/errors.ts';

type ErrorCode = keyof ServerErrorData;
type Fields = Record<string, unknown>;

/** @param response the HTTP answer that it came in; null where there was none, such as over a socket */
export function readError(answer: unknown, response: Response | null): S3Error {
  const body = fields(fields(answer)?.error);
  const shape = fields(body?.json) ?? body;
  const data = fields(shape?.data);
  // REST: { error: { code, message, details }, meta: { request_id } }
  const told = data ? data.errorCode : shape?.code;
  const requestId = data ? data.requestId : fields(fields(answer)?.meta)?.request_id;
  // Every answer of the server's names its request. What does not is somebody else's, whatever its status: no answer.
  if (typeof told !== 'string' || typeof requestId !== 'string') {
    return networkError(`HTTP ${response?.status ?? null}: not an answer of this server`, {
      response,
      retryable: true,
      cause: answer,
    });
  }
  // A newer server's code, which this version has no type for, is told in the message alone.
  const known = Object.hasOwn(ERROR_STATUS, told);
  const code = known ? (told as ErrorCode) : 'INTERNAL_ERROR';
  const message = String(shape?.message ?? told);
  const details = (known && (data ?? shape)?.details) || null;
  const status = data?.httpStatus;
  const asked = fields(details)?.retryAfterSeconds;
  return new S3Error<S3ErrorCode>({
    code,
    message: known ? message : `${message} (${told})`,
    data: details as S3ErrorData<S3ErrorCode>,
    status: typeof status === 'number' ? status : (response?.status ?? ERROR_STATUS[code]),
    requestId,
    retryable: isRetryable(code, details),
    retryAfter: typeof asked === 'number' ? asked : secondsIn(response?.headers.get('retry-after')),
  });
}

/**
 * CONCURRENCY_LIMIT is not among them: it ends when a job does, which may take hours. Nor is a service that is unavailable for want
 * of settings, which waiting does not cure.
 */
function isRetryable(code: ErrorCode, details: unknown): boolean {
  if (code === 'SERVICE_UNAVAILABLE') return !(fields(details)?.settings as unknown[] | undefined)?.length;
  return code === 'RATE_LIMITED' || code === 'INTERNAL_ERROR';
}

const fields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null ? (value as Fields) : undefined;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
