/** An `S3Error` as tRPC's own clients throw errors. */
import { TRPCClientError } from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { type AnyS3Error, isS3Error } from '../errors.ts';
import { ERROR_STATUS, ERROR_TRPC, type ServerErrorData } from '../generated/errors.ts';

/** Without an answer of the server's there is no `data`, as with tRPC's own links. */
export function trpcErrorOf<Router extends AnyTRPCRouter>(error: unknown, path: string): TRPCClientError<Router> {
  const cause = error instanceof Error ? error : new Error(String(error));
  if (isS3Error(error) && Object.hasOwn(ERROR_STATUS, error.code)) {
    return new TRPCClientError(error.message, { result: { error: shapeOf(error, path) as never }, cause });
  }
  // By its digest a framework knows what it threw itself, through whatever stands in between.
  const { digest } = cause as { digest?: unknown };
  return Object.assign(new TRPCClientError<Router>(cause.message, { cause }), digest !== undefined && { digest });
}

/** The error as the server gave it. */
function shapeOf({ code, message, status, requestId, data: details }: AnyS3Error, path: string) {
  const errorCode = code as keyof ServerErrorData;
  const trpc = ERROR_TRPC[errorCode];
  const data = { code: trpc, httpStatus: status ?? ERROR_STATUS[errorCode], path, errorCode, details, requestId };
  return { message, code: TRPC_ERROR_CODES_BY_KEY[trpc], data };
}
