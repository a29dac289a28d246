/** Ceilings of a day: when a day begins, what still fits, and for how long a claim is remembered. */
import { expect, test } from 'vitest';
import { dayOf, fits, oldestDay } from '../../src/domain/ceilings.ts';

test('a day begins at midnight UTC and lasts to its last millisecond', () => {
  const midnight = Date.UTC(2026, 5, 1);
  const day = dayOf(midnight);
  expect(day).toBe(Math.round(midnight / 86_400_000));
  expect(dayOf(midnight + 86_399_999)).toBe(day);
  expect(dayOf(midnight - 1)).toBe(day - 1);
  expect(dayOf(0)).toBe(0);
});

test.for([
  [0, 10, 10, true],
  [1, 9, 10, true],
  [1, 10, 10, false],
  [10, 0, 10, true],
  [10, 1, 10, false],
  [0, 1, 0, false],
] as const)('with %i used, %i more under a ceiling of %i: %s', ([used, amount, ceiling, expected]) => {
  expect(fits(used, amount, ceiling)).toBe(expected);
});

test('claims of today and yesterday are remembered', () => {
  expect(oldestDay(20_000)).toBe(19_999);
});
