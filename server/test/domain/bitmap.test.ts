/** The bitmap is a set of small numbers: it does what a Set does, and survives being stored as text. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { all, bit, count, EMPTY, fromHex, has, indexesOf, of, toHex } from '../../src/domain/bitmap.ts';

const indexes = fc.array(fc.nat(199), { maxLength: 250 });
const sorted = (set: Iterable<number>) => [...set].toSorted((a, b) => a - b);

test('it holds exactly what was put in, in order and once', () => {
  fc.assert(
    fc.property(indexes, (list) => {
      const set = new Set(list);
      expect(indexesOf(of(list))).toEqual(sorted(set));
      expect(count(of(list))).toBe(set.size);
      for (const idx of [0, 1, 63, 64, 199, ...list]) expect(has(of(list), idx)).toBe(set.has(idx));
    }),
  );
});

test('it comes back from its text, the empty one and the full one included', () => {
  fc.assert(
    fc.property(indexes, (list) => {
      expect(fromHex(toHex(of(list)))).toBe(of(list));
    }),
  );
  expect(fromHex(toHex(EMPTY))).toBe(EMPTY);
  expect(toHex(all(200))).toBe('f'.repeat(50));
});

test('union, intersection and difference are those of sets', () => {
  fc.assert(
    fc.property(indexes, indexes, (a, b) => {
      expect(indexesOf(of(a) | of(b))).toEqual(sorted(new Set([...a, ...b])));
      expect(indexesOf(of(a) & of(b))).toEqual(sorted(new Set(a.filter((idx) => b.includes(idx)))));
      expect(indexesOf(of(a) & ~of(b))).toEqual(sorted(new Set(a.filter((idx) => !b.includes(idx)))));
    }),
  );
});

test('all of n are the indexes below n', () => {
  fc.assert(
    fc.property(fc.nat(200), (total) => {
      expect(indexesOf(all(total))).toEqual(Array.from({ length: total }, (_, idx) => idx));
      expect(has(all(total), total)).toBe(false);
    }),
  );
  expect(all(1)).toBe(bit(0));
});
