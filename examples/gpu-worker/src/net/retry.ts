// Tries again what may succeed later: exponential backoff with full jitter, Retry-After honoured, bounded, ended by the signal.

import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryPolicy {
  readonly tries: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** time limit of one try */
  readonly timeoutMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { tries: 8, baseMs: 250, capMs: 20_000, timeoutMs: 60_000 };

/** An answer other than 2xx. */
export class HttpFailure extends Error {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  constructor(status: number, retryAfter: string | null) {
    super(`answered ${status}`);
    this.name = 'HttpFailure';
    this.status = status;
    this.retryAfterMs = retryAfterMs(retryAfter);
  }
  /** 429 and 5xx may pass; any other 4xx (403: the URL has expired) stays. */
  get passing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

/** Not worth another try, whatever the cause. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function delay(policy: RetryPolicy, failures: number, error: unknown): number {
  const asked = error instanceof HttpFailure ? error.retryAfterMs : undefined;
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** (failures - 1));
  return Math.min(policy.capMs, asked ?? 0) + Math.random() * ceiling;
}

/** Runs `request` until it succeeds; each try gets a signal that also ends it at its time limit. */
export async function withRetries<T>(
  policy: RetryPolicy,
  signal: AbortSignal,
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await request(AbortSignal.any([signal, AbortSignal.timeout(policy.timeoutMs)]));
    } catch (error) {
      signal.throwIfAborted();
      const hopeless = error instanceof Refused || (error instanceof HttpFailure && !error.passing);
      if (hopeless || failures >= policy.tries) throw error;
      await sleep(delay(policy, failures, error), undefined, { signal });
    }
  }
}
