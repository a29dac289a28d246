/** Retrying with full jitter: each wait is drawn from 0 to an upper bound that doubles. */
import { throwIfAborted } from './abort.ts';
import type { Clock } from './clock.ts';
import { withMore } from './errors.ts';

export interface RetryPolicy {
  /** Tries in all, the first included. */
  attempts: number;
  /** Upper bound of the first wait, in milliseconds; it doubles with each try. */
  baseMs: number;
  /** No wait is drawn from above this, in milliseconds. */
  capMs: number;
}

/** For API calls: at most 1.75 s of waiting with the three retries of the default. */
export const apiRetry = (maxRetries: number): RetryPolicy => ({ attempts: maxRetries + 1, baseMs: 250, capMs: 4_000 });
/** Retries of a call between a run's uploads and its work, which would be lost with it: at most 20 s of waiting. */
export const RUN_RETRIES = 8;
/** For uploads: at most 50 s of waiting, since losing one photo loses the set. */
export const UPLOAD_RETRY: RetryPolicy = { attempts: 10, baseMs: 300, capMs: 10_000 };

/** The wait in milliseconds after `failures` failed tries. */
export function fullJitter(failures: number, policy: RetryPolicy, random: number): number {
  return Math.floor(random * Math.min(policy.capMs, policy.baseMs * 2 ** (failures - 1)));
}

/**
 * Calls `work` until it succeeds, is not worth another try, or the policy's tries are used up; then its last error is thrown, with
 * the number of tries. `again` says whether an error is worth it: false, or the least wait in milliseconds that the answer asked for.
 */
export async function retrying<T>(
  work: () => Promise<T>,
  again: (error: unknown) => false | number,
  policy: RetryPolicy,
  clock: Clock,
  signal?: AbortSignal,
): Promise<T> {
  let attempts = 0;
  try {
    for (;;) {
      throwIfAborted(signal);
      attempts += 1;
      try {
        return await work();
      } catch (error) {
        throwIfAborted(signal);
        const least = again(error);
        if (least === false || attempts >= policy.attempts) throw error;
        await clock.sleep(Math.max(least, fullJitter(attempts, policy, clock.random())), signal);
      }
    }
  } catch (error) {
    throw withMore(error, { attempts });
  }
}
