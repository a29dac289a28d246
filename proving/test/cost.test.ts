/** The bill knows what lies in storage. */
import { expect, test } from 'vitest';
import { FREE_PER_DAY } from '../bench/cost/prices.ts';
import { d1GbDays, gbOfResults, r2GbDays } from '../bench/cost/storage.ts';

test('ten gigabytes hold the results of 13 jobs of 30 photos', () => {
  expect(Math.floor(10 / gbOfResults(30))).toBe(13);
});

test('what lies in R2 for 30 days is beyond the free plan with one job of 30 photos a day', () => {
  expect(r2GbDays(30, 2)).toBeGreaterThan(gbOfResults(30) * 30);
  expect(r2GbDays(30, 2)).toBeGreaterThan(FREE_PER_DAY['R2 GB-days'] ?? 0);
});

test('photos without masks take less room, by the masks and what was found', () => {
  expect(r2GbDays(1000, 2) - r2GbDays(1000, 0)).toBeCloseTo((1000 * (2 * 100_000 + 10_000) * 30) / 1e9);
});

test('a database of 500 MB holds the 400 days of a hundred jobs of 12 KB a day, and not of two hundred', () => {
  expect(100 * d1GbDays(12_000)).toBeLessThan(FREE_PER_DAY['D1 GB-days'] ?? 0);
  expect(200 * d1GbDays(12_000)).toBeGreaterThan(FREE_PER_DAY['D1 GB-days'] ?? 0);
});
