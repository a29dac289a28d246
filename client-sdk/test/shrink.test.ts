/** Names that the build shortens are nobody else's. */
import { expect, test } from 'vitest';
import { checkInternalNames, INTERNAL_NAMES } from '../shrink.ts';

test('a name that is shortened is refused where a module that is loaded on first use exports it', () => {
  expect(() => checkInternalNames('', '', ['inspect', 'bring'])).toThrow('bring');
  expect(() => checkInternalNames('', '', ['inspect'])).not.toThrow();
});

test('a name that is shortened is refused where the declarations have a member of it, or code names it by a text', () => {
  expect(() => checkInternalNames('  readonly holders?: number;', '', [])).toThrow('holders');
  expect(() => checkInternalNames('  bring(files: PhotoFiles): void;', '', [])).toThrow('bring');
  expect(() => checkInternalNames('', "if ('undoing' in deps) go();", [])).toThrow('undoing');
  expect(() => checkInternalNames('', 'read(deps["saved"]);', [])).toThrow('saved');
});

test('what only sounds like one is not', () => {
  expect(() =>
    checkInternalNames('  /** What moved: bytes. */\n  shareholders: number;', 'deps.holders += 1;', []),
  ).not.toThrow();
});

test.each([
  'state',
  'clock',
  'prints',
  'fileIndexes',
  'signupKey',
  'lastEventId',
  'connecting',
])('%s, which others read, is none of them', (name) => expect(INTERNAL_NAMES.test(name)).toBe(false));
