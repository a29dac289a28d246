/** Work that several callers wait for: once, and again when whoever began it is gone. */
import { expect, test } from 'vitest';
import { UnderWay } from '../../src/under-way.ts';

const LIMIT_MS = 100;

test('who comes while it is under way waits for the same, and who comes after it begins it anew', async () => {
  const work = new UnderWay<string, number>(() => 0);
  let begun = 0;
  const begin = async () => ++begun;
  expect(await Promise.all([work.once('a', LIMIT_MS, begin), work.once('a', LIMIT_MS, begin)])).toEqual([1, 1]);
  expect(await work.once('a', LIMIT_MS, begin)).toBe(2);
});

test('work under another name, or that failed, is nobody else’s', async () => {
  const work = new UnderWay<string, number>(() => 0);
  const never = work.once('a', LIMIT_MS, () => new Promise(() => undefined));
  expect(await Promise.race([never, work.once('b', LIMIT_MS, async () => 7)])).toBe(7);
  await expect(work.once('c', LIMIT_MS, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await work.once('c', LIMIT_MS, async () => 8)).toBe(8);
});

// Regression: a caller was given up while the ceiling for all did not answer, and every later execution of that job waited for it.
test('work whose beginner is gone never ends, and is begun anew after its time; should it end after all, it takes nothing away', async () => {
  let now = 0;
  const work = new UnderWay<string, number>(() => now);
  const { promise, resolve } = Promise.withResolvers<number>();
  const lost = work.once('a', LIMIT_MS, () => promise);
  now = LIMIT_MS - 1;
  expect(work.once('a', LIMIT_MS, async () => 2)).toBe(lost);
  now = LIMIT_MS;
  const again = Promise.withResolvers<number>();
  const fresh = work.once('a', LIMIT_MS, () => again.promise);
  resolve(1);
  expect(await lost).toBe(1);
  expect(work.once('a', LIMIT_MS, async () => 3)).toBe(fresh);
  again.resolve(2);
  expect(await fresh).toBe(2);
});
