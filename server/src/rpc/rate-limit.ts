/**
 * Rate limits at the door: sign-ups by address, mutations by user and router. Counted per call, so a batch counts as what it holds.
 * The limits themselves stand in wrangler.toml, where the platform's binding reads them. It counts at each of the platform's places
 * for itself and approximately: what must not be exceeded in a day is kept by the ceilings.
 */
import { fail } from './errors.ts';

/** Seconds over which wrangler.toml has both bindings count. */
export const PERIOD_SECONDS = 60;

export async function countAgainst(limiter: RateLimit, key: string): Promise<void> {
  const { success } = await limiter.limit({ key });
  if (!success) {
    const message = `too many calls, try again in ${PERIOD_SECONDS} seconds`;
    fail('RATE_LIMITED', message, { retryAfterSeconds: PERIOD_SECONDS });
  }
}

/** A mutation's key: `usr_…:jobs`. @param path of the procedure, such as `jobs.create` */
export const mutationKey = (userId: string, path: string): string => `${userId}:${path.split('.')[0]}`;
