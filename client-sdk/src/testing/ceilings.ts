/** What all users of a test server share of a day, in memory: the server's own ceilings decide. */
import type { Used } from '../../../server/src/domain/ceilings.ts';
import { Ceilings, type CeilingsKept } from '../../../server/src/durable-objects/user-limiter/ceilings.ts';
import type { TestSettings } from './settings.ts';

/** Credits that a day's sign-ups may be given: a test has no such night. */
const UNBOUNDED = Number.POSITIVE_INFINITY;

export function ceilingsOnMemory(now: () => number, { dailyPhotos: photos }: TestSettings): Ceilings {
  const limits = () => ({ photos, credits: UNBOUNDED, addressCredits: UNBOUNDED });
  return new Ceilings({ now, limits, kept: keptOnMemory() });
}

function keptOnMemory(): CeilingsKept {
  const claims = new Map<string, number>();
  const days = new Map<number, Used>();
  const used = (day: number): Used => days.get(day) ?? { credits: 0, photos: 0 };
  const claimed = (key: string, day: number): number | null => claims.get(`${day} ${key}`) ?? null;
  const claim = (day: number, key: string, amount: number): void => void claims.set(`${day} ${key}`, amount);
  return {
    transaction: (write) => write(),
    used,
    saveUsed: (day, now) => void days.set(day, now),
    giveBackPhotos: (day, less) => void days.set(day, { ...used(day), photos: used(day).photos - less }),
    claimed,
    lastClaimed: (key, day, before) => claimed(key, day) ?? claimed(key, before),
    insertClaim: claim,
    lowerClaim: claim,
    // Nobody here signs up with a device or an address, and days are few.
    forgetDays: () => 0,
    deviceOwner: () => null,
    saveDevice: () => {},
    givenTo: () => 0,
    saveGivenTo: () => {},
    forgetAddresses: () => {},
  };
}
