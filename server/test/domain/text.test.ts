/** Cutting text that others wrote: never through a character, and never into what UTF-8 cannot say. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutText } from '../../src/contract/text.ts';

test.each([
  ['what fits stays', 'abc', 3, 'abc'],
  ['an emoji of two code units at the border goes as a whole', 'ab😀', 3, 'ab'],
  ['an emoji of several code points goes as a whole', 'a👩‍👩‍👧b', 5, 'a'],
  ['a letter goes with its accent', `ab${'e\u0301'}`, 3, 'ab'],
  ['a Korean syllable in its parts goes as a whole', `ab${'각'.normalize('NFD')}`, 4, 'ab'],
  ['a line break of two characters goes as a whole', 'ab\r\n', 3, 'ab'],
  ['a single character that is longer than all the room is cut between code points', '👩‍👩‍👧', 4, '👩‍'],
  ['half an emoji becomes U+FFFD', 'a\ud83d!', 10, 'a\ufffd!'],
  ['the other half as well', '\ude00', 10, '\ufffd'],
  ['NUL becomes U+FFFD', 'a\0b', 10, 'a\ufffdb'],
])('%s', (_, text, max, cut) => {
  expect(cutText(text, max)).toBe(cut);
});

test('of any text at most so much is left, all of it well-formed, and cutting again changes nothing', () => {
  const texts = fc.string({
    unit: fc.constantFrom('a', '\ud83d', '\ude00', '😀', '\u0301', '\u200d', '\0', '각', '\r\n'),
  });
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 12 }), (text, max) => {
      const cut = cutText(text, max);
      expect(cut.length).toBeLessThanOrEqual(max);
      expect(cut.isWellFormed()).toBe(true);
      expect(cutText(cut, max)).toBe(cut);
      expect(text.toWellFormed().replaceAll('\0', '\ufffd').startsWith(cut)).toBe(true);
    }),
  );
});
