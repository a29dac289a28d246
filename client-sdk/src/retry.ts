/** Retrying with full jitter: each wait is drawn from 0 to an upper bound that doubles. */
import { throwIfAborted } from './abort.ts';
import type { Clock } from './clock.ts';

export interface RetryPolicy {
  /** Tries in all, the first included. */
  attempts: number;
  /** Upper bound of the first wait, in milliseconds; it doubles with each try. */
  baseMs: number;
  /** No wait is drawn from above this, in milliseconds. */
  capMs: number;
}

/** For API calls: at most about 4 s of waiting in all. */
export const API_RETRY: RetryPolicy = { attempts: 4, baseMs: 250, capMs: 4_000 };
/** For uploads: at most about 20 s of waiting, since losing one photo loses the set. */
export const UPLOAD_RETRY: RetryPolicy = { attempts: 6, baseMs: 300, capMs: 8_000 };

/** The wait in milliseconds after `failures` failed tries. */
export function fullJitter(failures: number, policy: RetryPolicy, random: number): number {
  return Math.floor(random * Math.min(policy.capMs, policy.baseMs * 2 ** (failures - 1)));
}

/**
 * Calls `work` until it succeeds, is not worth another try, or the policy's tries are used up; then its last error is thrown.
 * `again` says whether an error is worth it: false, or the least wait in milliseconds that the answer asked for.
 */
export async function retrying<T>(
  work: () => Promise<T>,
  again: (error: unknown) => false | number,
  policy: RetryPolicy,
  clock: Clock,
  signal?: AbortSignal,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    throwIfAborted(signal);
    try {
      return await work();
    } catch (error) {
      throwIfAborted(signal);
      const least = again(error);
      if (least === false || failures >= policy.attempts) throw error;
      await clock.sleep(Math.max(least, fullJitter(failures, policy, clock.random())), signal);
    }
  }
}
