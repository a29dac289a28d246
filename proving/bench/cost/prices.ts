/**
 * Cloudflare's public price list in US dollars, as its documentation stated it on 2026-06-30:
 * developers.cloudflare.com under workers, durable-objects, d1, queues and r2, each at platform/pricing.
 */
export const PRICE_LIST_DATE = '2026-06-30';

export type Resource =
  | 'Worker requests'
  | 'Worker CPU ms'
  | 'object requests'
  | 'object GB-s'
  | 'object rows read'
  | 'object rows written'
  | 'D1 rows read'
  | 'D1 rows written'
  | 'queue operations'
  | 'R2 class A'
  | 'R2 class B'
  | 'R2 GB-days'
  | 'D1 GB-days';

const MILLION = 1_000_000;
/** R2's free tier is by the month. */
const DAYS = 30;

/** How much a day is free on the free plan; null where the limit is of another kind (10 CPU ms a request). */
export const FREE_PER_DAY: Record<Resource, number | null> = {
  'Worker requests': 100_000,
  'Worker CPU ms': null,
  'object requests': 100_000,
  'object GB-s': 13_000,
  'object rows read': 5 * MILLION,
  'object rows written': 100_000,
  'D1 rows read': 5 * MILLION,
  'D1 rows written': 100_000,
  'queue operations': 10_000,
  'R2 class A': MILLION / DAYS,
  'R2 class B': (10 * MILLION) / DAYS,
  // What may lie there at a time, which is what so many jobs a day add up to: 10 GB, and a database of 500 MB.
  'R2 GB-days': 10,
  'D1 GB-days': 0.5,
};

/** Dollars for a million on the paid plan, beyond what its 5 dollars a month include. */
export const PAID_PER_MILLION: Record<Resource, number> = {
  'Worker requests': 0.3,
  'Worker CPU ms': 0.02,
  'object requests': 0.15,
  'object GB-s': 12.5,
  'object rows read': 0.001,
  'object rows written': 1,
  'D1 rows read': 0.001,
  'D1 rows written': 1,
  'queue operations': 0.4,
  'R2 class A': 4.5,
  'R2 class B': 0.36,
  'R2 GB-days': (0.015 / DAYS) * MILLION,
  'D1 GB-days': (0.75 / DAYS) * MILLION,
};

/** Gigabytes that an object is billed for while it works. */
export const OBJECT_GB = 0.128;
