/** The wire's format, held against the libraries that the server uses. */
import fc from 'fast-check';
import superjson from 'superjson';
import { expect, test } from 'vitest';
import { decode, type Encoded, encode } from '../src/wire/codec.ts';

/** What crosses this API: JSON, dates, and fields that are undefined. */
const date = fc.date({ noInvalidDate: true });
/** -0 is a number that JSON does not know, and this API neither. */
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0);
const leaf = fc.oneof(fc.string(), number, fc.boolean(), fc.constant(null), date);
/** superjson refuses to write these. */
const refused = (text: string) => text in Object.prototype || text === 'prototype';
const key = fc.string({ minLength: 1 }).filter((text) => !/[.\\]/.test(text) && !refused(text));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, fc.oneof(tie('value'), fc.constant(undefined)), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
/** As it is after the network. */
const sent = (data: unknown): Encoded => JSON.parse(JSON.stringify(superjson.serialize(data)));

test('whatever superjson writes of this API is read as superjson reads it', () => {
  fc.assert(
    fc.property(value, (data) => {
      expect(decode(sent(data))).toEqual(superjson.deserialize(sent(data) as never));
    }),
    { numRuns: 500 },
  );
});

test('dates are dates again, at the top, deep inside and many at once', () => {
  const when = new Date(1_700_000_000_000);
  expect(decode(sent(when))).toEqual(when);
  const page = {
    jobs: [
      { createdAt: when, finishedAt: null },
      { createdAt: when, finishedAt: when },
    ],
    nextCursor: null,
  };
  expect(decode(sent(page))).toEqual(page);
});

test('what is sent is what superjson would send, since there are no dates in it', () => {
  const input = { jobId: 'j', indexes: [0, 1], protect: undefined };
  expect(JSON.parse(JSON.stringify(encode(input))).json).toEqual(
    superjson.serialize(JSON.parse(JSON.stringify(input))).json,
  );
});

test('a path that leads nowhere, or to what every object has, changes nothing', () => {
  const answer = { json: { a: 1 }, meta: { values: { 'b.c': ['Date'], 'constructor.name': ['Date'] } } } as Encoded;
  expect(decode(answer)).toEqual({ a: 1 });
  expect(Object.name).toBe('Object');
});
