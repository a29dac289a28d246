/**
 * The server's error codes.
 *
 * Made from the server's contract and router by `npm run generate -w client-sdk`: what is changed here is lost.
 */

/** What `data` of the server's errors holds, by code. */
export interface ServerErrorData {
  VALIDATION_ERROR: { field: string; issues: { field: string; message: string }[] };
  ITEM_LIMIT: { field: string; limit: number; actual: number };
  AUTH_REQUIRED: null;
  TOKEN_EXPIRED: null;
  TOKEN_INVALID: null;
  CREDITS_EXHAUSTED: { needed: number; balance: number };
  RULE_SLOT_FULL: { limit: number };
  JOB_NOT_FOUND: null;
  RULE_NOT_FOUND: null;
  PRESET_NOT_FOUND: { field: string };
  NOT_FOUND: null;
  /** The job's status at the time, and what was asked of it. */
  INVALID_TRANSITION: { status: string; action: string };
  ALREADY_CANCELED: null;
  /** Indexes that are not in storage, and those that lie there with the wrong size or type. */
  UPLOAD_INCOMPLETE: { missing: number[]; wrong: { idx: number; reason: string }[] };
  IDEMPOTENCY_CONFLICT: { field: string };
  PAYLOAD_TOO_LARGE: { limit: number };
  CONCURRENCY_LIMIT: { limit: number; activeJobs: string[] };
  /** `until` (ISO 8601, UTC): when it goes on, where that is the end of the account's hour or day. */
  RATE_LIMITED: { retryAfterSeconds: number; until?: string };
  /** The service takes no more photos today, whoever asks. `until` (ISO 8601, UTC): when it goes on. The job waits as it is. */
  CEILING_REACHED: { until: string };
  /** The account's own day: `limit` photos may be sent beyond those charged. `until` (ISO 8601, UTC): when it goes on. */
  ALLOWANCE_EXHAUSTED: { limit: number; until: string };
  INTERNAL_ERROR: null;
  /** Names of the settings that are missing or too weak, when that is the reason. */
  SERVICE_UNAVAILABLE: { settings: string[] };
}

/** The codes with a space between them, which is shorter than a list. */
export const ERROR_CODES =
  'VALIDATION_ERROR ITEM_LIMIT AUTH_REQUIRED TOKEN_EXPIRED TOKEN_INVALID CREDITS_EXHAUSTED RULE_SLOT_FULL JOB_NOT_FOUND RULE_NOT_FOUND PRESET_NOT_FOUND NOT_FOUND INVALID_TRANSITION ALREADY_CANCELED UPLOAD_INCOMPLETE IDEMPOTENCY_CONFLICT PAYLOAD_TOO_LARGE CONCURRENCY_LIMIT RATE_LIMITED CEILING_REACHED ALLOWANCE_EXHAUSTED INTERNAL_ERROR SERVICE_UNAVAILABLE';

/** The HTTP status of each code. */
export const ERROR_STATUS: Readonly<Record<keyof ServerErrorData, number>> = {
  VALIDATION_ERROR: 400,
  ITEM_LIMIT: 400,
  AUTH_REQUIRED: 401,
  TOKEN_EXPIRED: 401,
  TOKEN_INVALID: 401,
  CREDITS_EXHAUSTED: 402,
  RULE_SLOT_FULL: 403,
  JOB_NOT_FOUND: 404,
  RULE_NOT_FOUND: 404,
  PRESET_NOT_FOUND: 404,
  NOT_FOUND: 404,
  INVALID_TRANSITION: 409,
  ALREADY_CANCELED: 409,
  UPLOAD_INCOMPLETE: 409,
  IDEMPOTENCY_CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  CONCURRENCY_LIMIT: 429,
  RATE_LIMITED: 429,
  CEILING_REACHED: 429,
  ALLOWANCE_EXHAUSTED: 429,
  INTERNAL_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
};

/** What tRPC calls each code. */
export const ERROR_TRPC = {
  VALIDATION_ERROR: 'BAD_REQUEST',
  ITEM_LIMIT: 'BAD_REQUEST',
  AUTH_REQUIRED: 'UNAUTHORIZED',
  TOKEN_EXPIRED: 'UNAUTHORIZED',
  TOKEN_INVALID: 'UNAUTHORIZED',
  CREDITS_EXHAUSTED: 'PAYMENT_REQUIRED',
  RULE_SLOT_FULL: 'FORBIDDEN',
  JOB_NOT_FOUND: 'NOT_FOUND',
  RULE_NOT_FOUND: 'NOT_FOUND',
  PRESET_NOT_FOUND: 'NOT_FOUND',
  NOT_FOUND: 'NOT_FOUND',
  INVALID_TRANSITION: 'CONFLICT',
  ALREADY_CANCELED: 'CONFLICT',
  UPLOAD_INCOMPLETE: 'CONFLICT',
  IDEMPOTENCY_CONFLICT: 'CONFLICT',
  PAYLOAD_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  CONCURRENCY_LIMIT: 'TOO_MANY_REQUESTS',
  RATE_LIMITED: 'TOO_MANY_REQUESTS',
  CEILING_REACHED: 'TOO_MANY_REQUESTS',
  ALLOWANCE_EXHAUSTED: 'TOO_MANY_REQUESTS',
  INTERNAL_ERROR: 'INTERNAL_SERVER_ERROR',
  SERVICE_UNAVAILABLE: 'SERVICE_UNAVAILABLE',
} as const;
