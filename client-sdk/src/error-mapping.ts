/** From whatever a tRPC call rejected with to an `S3Error`. */
import { TRPCClientError } from '@trpc/client';
import { ERROR_CODES, type ErrorCode } from '../../server/src/contract/errors.ts';
import { isS3Error, networkError, S3Error, type S3ErrorCode, type S3ErrorDetails } from './errors.ts';

/** What the server puts into `error.data`. */
type WireError = {
  errorCode: string;
  details: unknown;
  requestId: string | null;
  httpStatus: number | null;
};

/** Any failure of an API call as an `S3Error`. Anything that is not the server's own answer is NETWORK_ERROR. */
export function toS3Error(error: unknown): S3Error {
  if (isS3Error(error)) return error as S3Error;
  if (!(error instanceof TRPCClientError)) return networkError(messageOf(error), { cause: error });
  if (isS3Error(error.cause)) return error.cause as S3Error;

  const status = statusOf(error.meta?.response);
  const wire = readTrpcError(error.data, status) ?? readRestError(error.meta?.responseJSON, status);
  if (wire === null) return networkError(error.message, { status, cause: error.cause ?? error });
  return fromWire(wire, error.message);
}

function fromWire(wire: WireError, message: string): S3Error {
  const known = Object.hasOwn(ERROR_CODES, wire.errorCode);
  // A newer server's code, which this version has no type for.
  const code: ErrorCode = known ? (wire.errorCode as ErrorCode) : 'INTERNAL_ERROR';
  const details = (known ? (wire.details ?? null) : null) as S3ErrorDetails<S3ErrorCode>;
  return new S3Error<S3ErrorCode>({
    code,
    message: known ? message : `${message} (${wire.errorCode})`,
    details,
    status: wire.httpStatus ?? ERROR_CODES[code].status,
    requestId: wire.requestId,
    retryable: isRetryable(code, details),
  });
}

/** CONCURRENCY_LIMIT is not among them: it ends when a job does, which may take hours. */
function isRetryable(code: ErrorCode, details: unknown): boolean {
  if (code === 'SERVICE_UNAVAILABLE') return !namesSettings(details);
  return code === 'RATE_LIMITED' || code === 'INTERNAL_ERROR';
}

/** Whether the service is unavailable for want of settings, which waiting does not cure. */
function namesSettings(details: unknown): boolean {
  return isRecord(details) && Array.isArray(details.settings) && details.settings.length > 0;
}

function readTrpcError(data: unknown, status: number | null): WireError | null {
  if (!isRecord(data) || typeof data.errorCode !== 'string') return null;
  const { errorCode, details, requestId, httpStatus } = data;
  return {
    errorCode,
    details,
    requestId: typeof requestId === 'string' ? requestId : null,
    httpStatus: typeof httpStatus === 'number' ? httpStatus : status,
  };
}

/** The envelope of the REST routes, which the server may also answer with before tRPC is reached. */
function readRestError(json: unknown, status: number | null): WireError | null {
  if (!isRecord(json) || !isRecord(json.error) || !isRecord(json.meta)) return null;
  const errorCode = json.error.code;
  const requestId = json.meta.request_id;
  if (typeof errorCode !== 'string') return null;
  return {
    errorCode,
    details: json.error.details,
    requestId: typeof requestId === 'string' ? requestId : null,
    httpStatus: status,
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const statusOf = (response: unknown): number | null =>
  isRecord(response) && typeof response.status === 'number' ? response.status : null;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
