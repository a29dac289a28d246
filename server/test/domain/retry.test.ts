/** Backoff: never at once, never beyond its cap, and longer on average with every failure. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs, CLEAN_UP_BACKOFF, EFFECT_BACKOFF } from '../../src/domain/retry.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const tries = fc.integer({ min: 1, max: 1_000_000 });
const backoff = fc.constantFrom(EFFECT_BACKOFF, CLEAN_UP_BACKOFF);

test('a wait is a whole number of milliseconds, a tenth of the base at least and the cap at most', () => {
  fc.assert(
    fc.property(tries, random, backoff, (tried, luck, limits) => {
      const wait = backoffMs(tried, luck, limits);
      expect(Number.isSafeInteger(wait)).toBe(true);
      expect(wait).toBeGreaterThanOrEqual(limits.baseMs / 10);
      expect(wait).toBeLessThanOrEqual(limits.capMs);
    }),
  );
});

test('with the same luck, no try waits less than the one before it', () => {
  fc.assert(
    fc.property(tries, random, backoff, (tried, luck, limits) => {
      expect(backoffMs(tried + 1, luck, limits)).toBeGreaterThanOrEqual(backoffMs(tried, luck, limits));
    }),
  );
});

test('with the worst luck it doubles until the cap', () => {
  const waits = [1, 2, 3, 4, 20].map((tried) => Math.round(backoffMs(tried, 1 - Number.EPSILON)));
  expect(waits).toEqual([1_999, 3_999, 7_999, 15_999, 299_999]);
});

test('jitter uses the whole range: two objects that failed together do not come back together', () => {
  expect(backoffMs(10, 0.1)).toBeLessThan(backoffMs(10, 0.9) / 5);
});
