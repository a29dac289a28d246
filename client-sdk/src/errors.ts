/** The one error class of this package, its codes, and how to tell them apart. */
import type { DetailsOf, ErrorCode } from '../../server/src/contract/errors.ts';

/** Why a file was refused before anything was sent. */
export type InvalidFileReason = 'empty' | 'html' | 'unknown-type' | 'too-large' | 'too-many' | 'unreadable';

/** One refused file. */
export interface InvalidFile {
  /** Position in `files`, from 0. */
  index: number;
  /** Its name, or `photo-1`, `photo-2`, … for a Blob without one. */
  name: string;
  reason: InvalidFileReason;
}

/** What `details` holds for the codes that only this package raises. */
export type ClientErrorDetails = {
  /** The caller's `AbortSignal` fired. */
  ABORTED: null;
  /** No answer, or one that is not the server's. `file` is the photo whose upload failed; null for an API call. */
  NETWORK_ERROR: { file: { index: number; name: string } | null };
  /** Every file that can't be sent; empty when no file was given. */
  INVALID_FILE: { files: InvalidFile[] };
};
/** Codes that only this package raises. */
export type ClientErrorCode = keyof ClientErrorDetails;
/** Every code an `S3Error` can have. */
export type S3ErrorCode = ErrorCode | ClientErrorCode;

/** What `details` holds for code `C`. */
export type S3ErrorDetails<C extends S3ErrorCode> = C extends ClientErrorCode
  ? ClientErrorDetails[C]
  : C extends ErrorCode
    ? DetailsOf<C>
    : never;

/** What an `S3Error` is made of. Everything but `code`, `message` and `details` may be left out. */
export interface S3ErrorInit<C extends S3ErrorCode> {
  code: C;
  message: string;
  details: S3ErrorDetails<C>;
  status?: number | null;
  requestId?: string | null;
  retryable?: boolean;
  jobId?: string | null;
  cause?: unknown;
}

/** Found by key, so that two copies of this package in one app recognise each other's errors. */
const brand: unique symbol = Symbol.for('s3-workers.S3Error') as never;

/**
 * The one error that this package throws. Tell errors apart by `code`:
 * `isS3Error(error, 'CREDITS_EXHAUSTED')` also gives `details` its type.
 */
export class S3Error<C extends S3ErrorCode = S3ErrorCode> extends Error {
  override readonly name = 'S3Error';
  /** Stable, for programs. */
  readonly code: C;
  /** Numbers and names behind the code, typed by it. */
  readonly details: S3ErrorDetails<C>;
  /** HTTP status of the answer; null when there was none. */
  readonly status: number | null;
  /** The server's id of the request, to find it in its logs; null when it did not answer. */
  readonly requestId: string | null;
  /** Whether the same call may work a little later with nothing changed. Safe calls were already retried by then. */
  readonly retryable: boolean;
  /** The job that `jobs.run` had made when it failed; null when there was none. */
  readonly jobId: string | null;
  /** @internal */
  readonly [brand] = true;

  constructor(init: S3ErrorInit<C>) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.details = init.details;
    this.status = init.status ?? null;
    this.requestId = init.requestId ?? null;
    this.retryable = init.retryable ?? false;
    this.jobId = init.jobId ?? null;
  }
}

/** `S3Error` as a union over its codes: a `switch` on `code` gives `details` its type. */
export type AnyS3Error = { [C in S3ErrorCode]: S3Error<C> }[S3ErrorCode];

/**
 * Whether `error` is an `S3Error`, of code `code` if that is given.
 *
 * @example
 * if (isS3Error(error, 'CREDITS_EXHAUSTED')) show(`${error.details.needed} credits are needed`);
 */
export function isS3Error(error: unknown): error is AnyS3Error;
export function isS3Error<C extends S3ErrorCode>(error: unknown, code: C): error is S3Error<C>;
export function isS3Error(error: unknown, code?: S3ErrorCode): boolean {
  if (typeof error !== 'object' || error === null || !(brand in error)) return false;
  return code === undefined || (error as S3Error).code === code;
}

/** The same error, knowing the job it happened to. */
export function withJob(error: unknown, jobId: string | null): unknown {
  if (jobId === null || !isS3Error(error) || error.jobId !== null) return error;
  const { code, message, details, status, requestId, retryable, cause } = error as S3Error;
  return new S3Error({ code, message, details, status, requestId, retryable, cause, jobId });
}

/** What the caller's `AbortSignal` turns into. */
export const aborted = (): S3Error<'ABORTED'> =>
  new S3Error({ code: 'ABORTED', message: 'The call was aborted', details: null });

/** No usable answer. Without a status, or with one that says "later", the same request may work again. */
export function networkError(
  message: string,
  rest: { status?: number | null; file?: { index: number; name: string }; cause?: unknown } = {},
): S3Error<'NETWORK_ERROR'> {
  const status = rest.status ?? null;
  return new S3Error({
    code: 'NETWORK_ERROR',
    message,
    details: { file: rest.file ?? null },
    status,
    retryable: status === null || isPassing(status),
    cause: rest.cause,
  });
}

/** Whether an HTTP status says that the same request may work later. */
export const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500;
