/** Backoff: never at once, never beyond its cap, and longer on average with every failure. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs, CLEAN_UP_BACKOFF, EFFECT_BACKOFF, lateBackoffMs } from '../../src/domain/retry.ts';

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
  expect(waits).toEqual([1_999, 3_999, 7_999, 15_999, 3_599_999]);
});

test('what fails for a day is tried thirty to a hundred and twenty times, whatever the luck; what is late by as much, as seldom', () => {
  const DAY = 86_400_000;
  const luck = fc.infiniteStream(fc.double({ min: 0.25, max: 0.75, noNaN: true }));
  fc.assert(
    fc.property(luck, (lucky) => {
      const next = () => lucky.next().value ?? 0.5;
      for (const waitOf of [
        (tried: number) => backoffMs(tried, next()),
        (_: number, late: number) => lateBackoffMs(late, next()),
      ]) {
        let at = 0;
        let tried = 1;
        for (; at < DAY; tried++) at += waitOf(tried, at);
        expect(tried).toBeGreaterThan(30);
        expect(tried).toBeLessThan(120);
      }
    }),
  );
});

test('what nobody counted the tries of waits up to an hour when it is very late, and a moment when it is due now', () => {
  expect(lateBackoffMs(Number.POSITIVE_INFINITY, 1 - Number.EPSILON)).toBe(3_599_999);
  expect(lateBackoffMs(0, 0.5)).toBe(1_000);
  expect(lateBackoffMs(60_000, 0.5)).toBe(60_000);
});

test('jitter uses the whole range: two objects that failed together do not come back together', () => {
  expect(backoffMs(10, 0.1)).toBeLessThan(backoffMs(10, 0.9) / 5);
});
