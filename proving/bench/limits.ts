/** What the project has promised itself: the limits that `npm run bench` and `npm run cost -- --check` measure against. */
import { BUNDLE_LIMIT } from '../../start/production-bundle.ts';

/** p50 at one connection, as a multiple of the floor Worker's `new Response("ok")` in the same run. */
export const LATENCY_LIMITS = {
  'GET /health': 1.2,
  'presets.list': 1.4,
  'user.me': 1.8,
  'auth.anon': 2.5,
  'rules.list': 2.6,
  'rules.create': 5,
  'jobs.create, 10 photos': 6,
  'jobs.get, 9 of 10 done': 2.5,
  callback: 2.5,
} as const;

/** CPU milliseconds of workerd per request. The free plan allows 10 a request. */
export const CPU_LIMITS = {
  'jobs.create, 10 photos': 4,
  'jobs.create, 200 photos': 10,
  'jobs.get all done, 10 photos': 2,
  'jobs.get all done, 200 photos': 8,
  'dispatch of 200 photos (queue consumer)': 10,
} as const;

/** Counts for a job of 30 photos of a known user, all done, by results in one callback. */
export const COUNT_LIMITS = {
  1: {
    'D1 rows written': 36,
    'object rows written': 54,
    'HTTP requests': 36,
    'queue operations': 3,
    'R2 class A, clean-up included': 100,
  },
  10: {
    'D1 rows written': 36,
    'object rows written': 28,
    'HTTP requests': 10,
    'queue operations': 3,
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
