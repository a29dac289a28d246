/** What the project has promised itself: the limits that `npm run bench` and `npm run cost -- --check` measure against. */
import { BUNDLE_LIMIT } from '../../start/production-bundle.ts';

/**
 * What a call is made of on the platform, as the least that a Worker can do of it (speed/floors.ts): `a` a bare answer, `b` an object that
 * reads, `e` an object that writes, `f` the first write of a new object, `h` bare signatures in the same isolate. Told as a multiple of
 * that, a figure travels: objects, D1 and disks are dearer on one machine than on another, and a floor of something else is not.
 * proving/test/bench.test.ts counts what each call is made of.
 */
export type Unit = 'a' | 'b' | 'e' | 'f' | 'h';
export type Limit = { floor: Unit; most: number };

/** p50 at one connection, as a multiple of its floor's in the same round. */
export const LATENCY_LIMITS = {
  'GET /health': { floor: 'a', most: 1.2 },
  'presets.list': { floor: 'a', most: 1.4 },
  'user.me': { floor: 'b', most: 1.25 },
  'auth.anon': { floor: 'a', most: 1.8 },
  'rules.list': { floor: 'b', most: 1.5 },
  'rules.create': { floor: 'e', most: 1.9 },
  'jobs.create, 10 photos': { floor: 'f', most: 2.2 },
  'jobs.get, 9 of 10 done': { floor: 'b', most: 1.5 },
  callback: { floor: 'e', most: 1.6 },
} as const satisfies Record<string, Limit>;

/** What the rows of CPU are made of. */
export const CPU_UNITS = {
  'jobs.create': 'f',
  'jobs.get': 'b',
  callback: 'e',
  dispatch: 'h',
} as const satisfies Record<string, Unit>;

/** Photos of the largest job, and of the largest run that goes out of one by the default settings (server/test/domain/job/planning.test.ts). */
export const LARGEST_JOB = 200;
export const LARGEST_RUN = 14;
/** The CPU that signing and sending one run takes at once, of what all photos of the largest job in one message would. */
export const RUN_SHARE_LIMIT = 0.25;

/** CPU of workerd per request, as a multiple of the CPU of its floor in the same round. */
export const CPU_LIMITS = {
  'jobs.create, 10 photos': 1.6,
  'jobs.create, 200 photos': 4.2,
  'jobs.get all done, 10 photos': 2.5,
  'jobs.get all done, 200 photos': 5.5,
  'dispatch of 200 photos (queue consumer)': 2,
  'dispatch of 14 photos (queue consumer)': 2,
} as const;

/** Counts for a job of 30 photos of a known user, all done, by results in one callback. */
export const COUNT_LIMITS = {
  1: {
    'D1 rows written': 36,
    'object rows written': 68,
    'HTTP requests': 36,
    'queue operations': 12,
    'R2 class A, clean-up included': 100,
  },
  10: {
    'D1 rows written': 36,
    'object rows written': 42,
    'HTTP requests': 10,
    'queue operations': 12,
    'R2 class A, clean-up included': 100,
  },
} as const;

/** From `execute` to the provider's door, p50, milliseconds. */
export const DISPATCH_LIMIT_MS = 1000;

export const BUNDLE_LIMITS = {
  /** Bytes of the minified bundle after gzip. */
  gzip: BUNDLE_LIMIT,
  /** CPU milliseconds until the first request can be taken. */
  startUpMs: 40,
} as const;
