/** Calls to an object are tried again where the platform says that this may help. */

const MAX_TRIES = 3;
const WAIT_MS = 50;

/** Calls an object, with a new stub for each try: one that threw may be broken. Only for what may be repeated (test/durable-objects/repeats.test.ts). */
export async function reach<S, T>(stub: () => S, call: (stub: S) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call(stub());
    } catch (error) {
      if (tries >= MAX_TRIES || !isRetryable(error)) throw error;
      await scheduler.wait(Math.random() * WAIT_MS * 2 ** tries);
    }
  }
}

/** @see https://developers.cloudflare.com/durable-objects/best-practices/error-handling/ */
function isRetryable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const overloaded = 'overloaded' in error && error.overloaded === true;
  return 'retryable' in error && error.retryable === true && !overloaded;
}
