/** The one error of this entry. A class of its own, so that a GPU worker does not carry the whole client's errors. */

/**
 * VALIDATION_ERROR: a message that does not fit, or a result that the server refused. AUTH_REQUIRED and JOB_NOT_FOUND: the job is over
 * for this worker. NETWORK_ERROR: no usable answer. ABORTED: your signal fired.
 */
export type WebhookErrorCode =
  | 'VALIDATION_ERROR'
  | 'AUTH_REQUIRED'
  | 'JOB_NOT_FOUND'
  | 'PAYLOAD_TOO_LARGE'
  | 'RATE_LIMITED'
  | 'INTERNAL_ERROR'
  | 'SERVICE_UNAVAILABLE'
  | 'NETWORK_ERROR'
  | 'ABORTED';

export interface WebhookErrorInit {
  field?: string | null;
  status?: number | null;
  retryable?: boolean;
  retryAfter?: number | null;
  requestId?: string | null;
  cause?: unknown;
}

/** The one error that `./webhooks` throws. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  /** Stable, for programs. */
  readonly code: WebhookErrorCode;
  /** Path of the field that does not fit, such as `items[3].input_url`; null where it is none's fault. */
  readonly field: string | null;
  /** HTTP status of the answer; null when there was none. */
  readonly status: number | null;
  /** Whether the same may work a little later. By then it was tried as often as `maxRetries` says. */
  readonly retryable: boolean;
  /** Seconds that the server asked to wait; null when it did not. */
  readonly retryAfter: number | null;
  /** The server's id of the request, to find it in its logs. */
  readonly requestId: string | null;

  constructor(code: WebhookErrorCode, message: string, init: WebhookErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = code;
    this.field = init.field ?? null;
    this.status = init.status ?? null;
    this.retryable = init.retryable ?? false;
    this.retryAfter = init.retryAfter ?? null;
    this.requestId = init.requestId ?? null;
  }
}
