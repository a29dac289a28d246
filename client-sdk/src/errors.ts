/** The one error class of this package, its codes, and how to tell them apart. */
import type { ServerErrorData } from './generated/errors.ts';

/** What a file is that is no JPEG, PNG or WebP photo, by its bytes; or what is wrong with one that is. */
export type InvalidFileReason =
  | 'empty'
  | 'unreadable'
  | 'changed'
  | 'folder'
  | 'too-many'
  | 'too-large'
  | 'too-many-pixels'
  | 'animated'
  | 'heic'
  | 'avif'
  | 'gif'
  | 'bmp'
  | 'tiff'
  | 'jxl'
  | 'jpeg-2000'
  | 'psd'
  | 'raw'
  | 'svg'
  | 'pdf'
  | 'video'
  | 'archive'
  | 'html'
  | 'text'
  | 'unknown-type';

export interface InvalidFile {
  /** Position in `files`, from 0. */
  index: number;
  /** `photo-1`, … for a Blob without one. */
  name: string;
  reason: InvalidFileReason;
  /** The reason and what to do, in English, as it stands behind the name; `./messages` has it in other languages. */
  message: string;
}

/** What `data` holds, by code: the server's, and those that only this package raises. */
export interface S3ErrorDataByCode extends ServerErrorData {
  /** Your `AbortSignal` fired. */
  ABORTED: null;
  /** No answer, or not the server's. `file`: the photo whose upload failed, by its position in `files`; null for an API call. */
  NETWORK_ERROR: { file: { index: number; name: string } | null };
  OVER_BUDGET: { credits: number; maxCredits: number };
  /** Every file that can't be sent; none when none was given. */
  INVALID_FILE: { files: InvalidFile[] };
}
export type S3ErrorCode = keyof S3ErrorDataByCode;
export type S3ErrorData<C extends S3ErrorCode> = S3ErrorDataByCode[C];

export interface S3ErrorInit<C extends S3ErrorCode> {
  code: C;
  message: string;
  data: S3ErrorData<C>;
  status?: number | null;
  requestId?: string | null;
  retryable?: boolean;
  retryAfter?: number | null;
  attempts?: number;
  jobId?: string | null;
  cause?: unknown;
}

/** What `JSON.stringify` makes of an `S3Error`. */
export interface S3ErrorJSON extends Omit<Required<S3ErrorInit<S3ErrorCode>>, 'cause'> {
  name: string;
}

/** Raised without any request. */
const LOCAL: readonly S3ErrorCode[] = ['ABORTED', 'OVER_BUDGET', 'INVALID_FILE'];

/** Found by key, so that two copies of this package in one app recognise each other's errors. */
const brand: unique symbol = Symbol.for('s3-workers.S3Error') as never;

/** The one error that this package throws. `isS3Error(error, code)` gives `data` its type. */
export class S3Error<C extends S3ErrorCode = S3ErrorCode> extends Error {
  override readonly name = 'S3Error';
  declare readonly code: C;
  declare readonly data: S3ErrorData<C>;
  /** HTTP status; null without an answer. */
  declare readonly status: number | null;
  /** Finds the request in the server's logs. */
  declare readonly requestId: string | null;
  /** Whether the same call may work later. Safe calls were retried already. */
  declare readonly retryable: boolean;
  /** Seconds that the server asked to wait. */
  declare readonly retryAfter: number | null;
  /** Requests that were sent for the call: 1 without retries, 0 if none was. */
  declare readonly attempts: number;
  /** The job that it happened to, if one was made. */
  declare readonly jobId: string | null;
  /** @internal */
  declare readonly [brand]: true;

  constructor(init: S3ErrorInit<C>) {
    const { code, message, data, status = null, requestId = null, retryable = false, retryAfter = null } = init;
    const { attempts = LOCAL.includes(code) ? 0 : 1, jobId = null, cause } = init;
    // `structuredClone` and many a reporting tool keep of an error its message, stack and cause alone.
    super(message, { cause: cause ?? { code, requestId, data } });
    this.stack = (this.stack ?? '').replace(
      /^\w*Error/,
      `S3Error [${code}${requestId ? `, request ${requestId}` : ''}]`,
    );
    // A field of that name would keep the whole class in every bundle that only asks `isS3Error`.
    this[brand] = true;
    Object.assign(this, { code, data, status, requestId, retryable, retryAfter, attempts, jobId });
  }

  /** All that is known but its cause: `message` is not enumerable by itself. */
  toJSON(): S3ErrorJSON {
    return { ...this, message: this.message };
  }
}

/** A `switch` on `code` gives `data` its type. */
export type AnyS3Error = { [C in S3ErrorCode]: S3Error<C> }[S3ErrorCode];

/** `if (isS3Error(error, 'CREDITS_EXHAUSTED')) show(error.data.needed)` */
export function isS3Error(error: unknown): error is AnyS3Error;
export function isS3Error<C extends S3ErrorCode>(error: unknown, code: C): error is S3Error<C>;
export function isS3Error(error: unknown, code?: S3ErrorCode): boolean {
  return brand in Object(error) && (code === undefined || (error as S3Error).code === code);
}

/** What no request was sent for. */
export const local = <C extends S3ErrorCode>(
  code: C,
  message: string,
  data: S3ErrorData<C>,
  cause?: unknown,
): S3Error<C> => new S3Error({ code, message, data, attempts: 0, cause });

/** The same error with more known about it. */
export function withMore(error: unknown, more: { jobId?: string | null; attempts?: number }): unknown {
  if (!isS3Error(error)) return error;
  const { stack, cause } = error as S3Error;
  const copy = new S3Error({ ...(error as S3Error), message: error.message, cause, ...more });
  // Of the place where it happened.
  return Object.assign(copy, { stack });
}

/** What the caller's `AbortSignal` turns into. `AbortSignal.timeout` is no abort: nobody gave up, the answer did not come in time. */
export function aborted(signal?: AbortSignal): S3Error<'ABORTED' | 'NETWORK_ERROR'> {
  const reason: unknown = signal?.reason;
  const cause = reason instanceof Error ? reason : undefined;
  if (cause?.name === 'TimeoutError')
    return networkError(`No answer in time: ${cause.message}`, { cause, attempts: 0 });
  return local('ABORTED', 'The call was aborted', null, cause);
}

/**
 * Whether a framework threw it to be heard of it itself, such as Next's `redirect()` and "render this at request time" or a promise that
 * React waits for: no failure, so it passes as it is.
 */
export function isControlFlow(error: unknown): boolean {
  const { digest, $$typeof, then } = Object(error) as Record<string, unknown>;
  return typeof digest === 'string' || $$typeof !== undefined || typeof then === 'function';
}

/** No usable answer. Without a status, or with one that says "later", the same request may work again. */
export function networkError(
  message: string,
  {
    response,
    status = response?.status ?? null,
    retryAfter = response?.headers.get('retry-after'),
    retryable = status === null || isPassing(status),
    file = null,
    ...rest
  }: {
    response?: Response;
    status?: number | null;
    retryAfter?: string | null | undefined;
    /** In place of what the status says. */
    retryable?: boolean | undefined;
    attempts?: number;
    file?: { index: number; name: string } | null;
    cause?: unknown;
  } = {},
): S3Error<'NETWORK_ERROR'> {
  const asked = secondsIn(retryAfter);
  return new S3Error({ code: 'NETWORK_ERROR', message, data: { file }, status, retryable, retryAfter: asked, ...rest });
}

/** Whether an HTTP status says that the same request may work later. */
export const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/** Seconds that a `Retry-After` asks for, which is a number of them or a date. */
export function secondsIn(retryAfter: string | null | undefined): number | null {
  if (!retryAfter) return null;
  const seconds = Number.isNaN(Number(retryAfter)) ? (Date.parse(retryAfter) - Date.now()) / 1000 : Number(retryAfter);
  return Number.isNaN(seconds) ? null : Math.max(0, Math.ceil(seconds));
}
