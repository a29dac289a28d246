/** From refusals, bad input and bugs to the wire. Every error has a code, typed details and the request's id; none has a stack. */
import { TRPCError } from '@trpc/server';
import { $ZodError } from 'zod/v4/core';
import { type DetailsOf, ERROR_CODES, type ErrorCode, type Refusal } from '../contract/errors.ts';
import { type Refused, type Result, refuse } from '../domain/result.ts';
import { refusalOf } from '../wire/refusal-of.ts';

export class ApiError extends TRPCError {
  readonly refusal: Refusal;
  constructor(refusal: Refusal, cause?: unknown) {
    super({ code: ERROR_CODES[refusal.code].trpc, message: refusal.message, cause });
    this.refusal = refusal;
  }
}

export function fail<C extends ErrorCode>(code: C, message: string, details: DetailsOf<C>): never {
  throw new ApiError(refuse(code, message, details).refusal);
}

/** The value, or the refusal thrown. */
export function unwrap<T>(result: { ok: true; value: T } | Refused | Result<T>): T {
  if (result.ok) return result.value;
  throw new ApiError(result.refusal);
}

/** What the wire says of anything that a procedure threw. */
export function rpcRefusalOf(error: unknown): Refusal {
  if (error instanceof ApiError) return error.refusal;
  return error instanceof TRPCError ? refusalOfTrpc(error) : refusalOf(error);
}

function refusalOfTrpc(error: TRPCError): Refusal {
  if (error.cause instanceof ApiError) return error.cause.refusal;
  if (error.cause instanceof $ZodError && error.code === 'BAD_REQUEST') return refusalOf(error.cause);
  const malformed = (message: string) =>
    refuse('VALIDATION_ERROR', message, { field: '', issues: [{ field: '', message }] }).refusal;
  switch (error.code) {
    case 'NOT_FOUND':
      return refuse('NOT_FOUND', 'no such procedure', null).refusal;
    case 'PARSE_ERROR':
    case 'BAD_REQUEST':
      if (error.cause instanceof SyntaxError) return malformed('the input is not JSON');
      // Without a cause it is tRPC's own word on the form of the request.
      return malformed(error.cause === undefined ? error.message : 'the request is malformed');
    case 'METHOD_NOT_SUPPORTED':
      return malformed('queries are GET, mutations POST');
    case 'UNSUPPORTED_MEDIA_TYPE':
      return malformed('the content type must be application/json');
    default:
      // Our own answer that does not fit its schema is a bug of ours, not bad input.
      return error.cause instanceof $ZodError ? refusalOf(null) : rpcRefusalOf(error.cause);
  }
}
