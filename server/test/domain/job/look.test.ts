/** Which objects are results, as far as their size, their type and their first bytes tell. */
import { describe, expect, test } from 'vitest';
import { isPicture, isPreview, judge } from '../../../src/domain/job/look.ts';

const bytesOf = (latin1: string) => Uint8Array.from(latin1, (char) => char.charCodeAt(0));
const KILO = 1024;

describe('a result', () => {
  test.each([
    ['of the type that was asked for', 'image/webp', KILO],
    ['as png, which a worker writes that knows of no other', 'image/png', KILO],
    ['whose type has parameters and capitals', 'Image/WebP; charset=binary', KILO],
  ])('is an object %s', (_, type, bytes) => {
    expect(judge({ bytes, type }, 'image/webp')).toEqual({ kind: 'result' });
  });

  test('as image/jpg is a JPEG', () => {
    expect(judge({ bytes: KILO, type: 'image/jpg' }, 'image/jpeg')).toEqual({ kind: 'result' });
  });

  test.each([
    ['without a type', undefined, 1e7],
    ['with an empty type', '', 1e7],
    ['with the type of bytes', 'application/octet-stream', 1e7],
    ['with the other type of bytes', 'binary/octet-stream', 1e7],
    ['that is smaller than a photo ever is', 'image/png', KILO - 1],
  ])('may be an object %s: its first bytes tell', (_, type, bytes) => {
    expect(judge({ bytes, type }, 'image/png')).toEqual({ kind: 'unclear' });
  });

  test.each([
    ['that is empty', 'image/png', 0, 'the result in storage is empty'],
    ['that is text', 'text/plain; charset=utf-8', 9, 'the result in storage is text/plain, not image/png'],
    ['of another format', 'image/jpeg', KILO, 'the result in storage is image/jpeg, not image/png'],
    ['of a type without end', `x/${'y'.repeat(500)}`, 1, `the result in storage is x/${'y'.repeat(58)}, not image/png`],
  ])('is no object %s', (_, type, bytes, reason) => {
    expect(judge({ bytes, type }, 'image/png')).toEqual({ kind: 'none', reason });
  });
});

test.each([
  ['image/jpeg', 1, true],
  [undefined, 1, true],
  ['application/octet-stream', 1, true],
  ['image/jpeg', 0, false],
  ['text/html', 100, false],
])('an object of type %s with %s bytes as a preview: %s', (type, bytes, is) => {
  expect(isPreview({ bytes, type })).toBe(is);
});

test.each([
  ['a PNG', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR', true],
  ['a JPEG', '\xff\xd8\xff\xe0', true],
  ['a WebP', 'RIFF\x22\0\n\0WEBPVP8 ', true],
  ['another RIFF', 'RIFF\x22\0\0\0WAVEfmt ', false],
  ['a GIF', 'GIF89a', false],
  ['text', 'not a picture', false],
  ['text that talks of PNG', ' \x89PNG\r\n\x1a\n', false],
  ['half a signature', '\x89PNG', false],
  ['nothing', '', false],
])('%s begins like a picture: %3$s', (_, begins, is) => {
  expect(isPicture(bytesOf(begins))).toBe(is);
});
