/**
 * Every error that can cross the wire: its code, its HTTP status, its tRPC code and the shape of its details.
 * One table, so that a new error cannot be added without deciding all four.
 */

/** HTTP status and tRPC code of each error code. The tRPC codes are those of `@trpc/server`'s `TRPC_ERROR_CODE_KEY`. */
export const ERROR_CODES = {
  VALIDATION_ERROR: { status: 400, trpc: 'BAD_REQUEST' },
  ITEM_LIMIT: { status: 400, trpc: 'BAD_REQUEST' },
  AUTH_REQUIRED: { status: 401, trpc: 'UNAUTHORIZED' },
  TOKEN_EXPIRED: { status: 401, trpc: 'UNAUTHORIZED' },
  TOKEN_INVALID: { status: 401, trpc: 'UNAUTHORIZED' },
  CREDITS_EXHAUSTED: { status: 402, trpc: 'PAYMENT_REQUIRED' },
  RULE_SLOT_FULL: { status: 403, trpc: 'FORBIDDEN' },
  JOB_NOT_FOUND: { status: 404, trpc: 'NOT_FOUND' },
  RULE_NOT_FOUND: { status: 404, trpc: 'NOT_FOUND' },
  PRESET_NOT_FOUND: { status: 404, trpc: 'NOT_FOUND' },
  NOT_FOUND: { status: 404, trpc: 'NOT_FOUND' },
  INVALID_TRANSITION: { status: 409, trpc: 'CONFLICT' },
  ALREADY_CANCELED: { status: 409, trpc: 'CONFLICT' },
  UPLOAD_INCOMPLETE: { status: 409, trpc: 'CONFLICT' },
  IDEMPOTENCY_CONFLICT: { status: 409, trpc: 'CONFLICT' },
  PAYLOAD_TOO_LARGE: { status: 413, trpc: 'PAYLOAD_TOO_LARGE' },
  CONCURRENCY_LIMIT: { status: 429, trpc: 'TOO_MANY_REQUESTS' },
  RATE_LIMITED: { status: 429, trpc: 'TOO_MANY_REQUESTS' },
  CEILING_REACHED: { status: 429, trpc: 'TOO_MANY_REQUESTS' },
  ALLOWANCE_EXHAUSTED: { status: 429, trpc: 'TOO_MANY_REQUESTS' },
  INTERNAL_ERROR: { status: 500, trpc: 'INTERNAL_SERVER_ERROR' },
  SERVICE_UNAVAILABLE: { status: 503, trpc: 'SERVICE_UNAVAILABLE' },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** What `data.details` holds for each code. Codes that are not named here have `null`. */
export type ErrorDetails = {
  VALIDATION_ERROR: { field: string; issues: { field: string; message: string }[] };
  ITEM_LIMIT: { field: string; limit: number; actual: number };
  CREDITS_EXHAUSTED: { needed: number; balance: number };
  RULE_SLOT_FULL: { limit: number };
  PRESET_NOT_FOUND: { field: string };
  /** The job's status at the time, and what was asked of it. */
  INVALID_TRANSITION: { status: string; action: string };
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
  /** Names of the settings that are missing or too weak, when that is the reason. */
  SERVICE_UNAVAILABLE: { settings: string[] };
};

export type DetailsOf<C extends ErrorCode> = C extends keyof ErrorDetails ? ErrorDetails[C] : null;

/** An expected refusal, as a value: it crosses Durable Object RPC, where thrown errors lose their class. */
export type Refusal<C extends ErrorCode = ErrorCode> = {
  [K in C]: { code: K; message: string; details: DetailsOf<K> };
}[C];
