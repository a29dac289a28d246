/**
 * Rate limits at the door: sign-ups by address, mutations by user and router. Counted per call, so a batch counts as what it holds.
 * The limits of a minute stand in wrangler.toml, where the platform's binding reads them. It counts at each of the platform's places
 * for itself and approximately: what must not be exceeded in a day is kept by the ceilings.
 */
import type { Settings } from '../settings/settings.ts';
import { fail } from './errors.ts';
import { HourlyCount } from './hourly-count.ts';

/** Seconds over which wrangler.toml has both bindings count. */
export const PERIOD_SECONDS = 60;

export async function countAgainst(limiter: RateLimit, key: string): Promise<void> {
  const { success } = await limiter.limit({ key });
  if (!success) tooMany(PERIOD_SECONDS);
}

/** Addresses whose sign-ups of the last hour are counted: about 2 MB, of the 128 that an isolate has. */
const MAX_ADDRESSES = 10_000;
const signUps = new HourlyCount(MAX_ADDRESSES);

/**
 * One sign-up more from this address: one of the burst that nobody is asked anything for, or one that only a human may make
 * (`beyond`). Where nobody can be asked whether he is one, the burst is all there is, and the hour has a limit of its own.
 * @param address as addressKey gives it
 */
export async function countSignUp(
  limiter: RateLimit,
  address: string,
  { turnstile, numbers }: Settings,
): Promise<'within' | 'beyond'> {
  const { success } = await limiter.limit({ key: address });
  if (turnstile.secret !== null) return success ? 'within' : 'beyond';
  if (!success) return tooMany(PERIOD_SECONDS);
  const wait = signUps.add(address, numbers.SIGNUP_ADDRESS_HOURLY, Date.now());
  return wait === 0 ? 'within' : tooMany(Math.ceil(wait / 1000));
}

function tooMany(retryAfterSeconds: number): never {
  return fail('RATE_LIMITED', `too many calls, try again in ${retryAfterSeconds} seconds`, { retryAfterSeconds });
}

/** A mutation's key: `usr_…:jobs`. @param path of the procedure, such as `jobs.create` */
export const mutationKey = (userId: string, path: string): string => `${userId}:${path.split('.')[0]}`;
