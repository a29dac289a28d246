/** Documents that clients get, against superjson's own. */
import fc from 'fast-check';
import superjson from 'superjson';
import { expect, test } from 'vitest';
import { constantOutput, writeOutput } from '../../src/wire/output.ts';

/** superjson itself throws on the other three. */
const name = fc
  .oneof(fc.stringMatching(/^[A-Za-z_]{1,8}$/), fc.string(), fc.constantFrom('a.b', 'a\\b'))
  .filter((text) => !['__proto__', 'constructor', 'prototype'].includes(text));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.string(), fc.double(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined)),
    fc.oneof(fc.date({ noInvalidDate: false }), fc.bigInt(), fc.constant(new Map([['a', new Date(0)]]))),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

test('a client reads from any document of ours what it reads from one of superjson', () => {
  fc.assert(
    fc.property(value, (answer) => {
      const crossing = (document: unknown) => superjson.deserialize(JSON.parse(JSON.stringify(document)));
      expect(crossing(writeOutput(answer))).toEqual(crossing(superjson.serialize(answer)));
    }),
    { numRuns: 2_000 },
  );
});

test('an answer of the usual shape is the same document, word for word', () => {
  const answer = { id: 'x', uploads: [{ idx: 0, expiresAt: new Date(5) }], deadline: null, made: new Date(0) };
  expect(writeOutput(answer)).toEqual(superjson.serialize(answer));
  expect(writeOutput(new Date(7))).toEqual(superjson.serialize(new Date(7)));
  expect(writeOutput([])).toEqual(superjson.serialize([]));
});

test('an answer that never changes is written once, as the same document', () => {
  const answer = { presets: [{ id: 'interior', since: new Date(9) }] };
  const document = superjson.serialize(answer);
  expect(constantOutput(answer)).toBe(answer);
  expect(writeOutput(answer)).toEqual(document);
  expect(writeOutput(answer)).toBe(writeOutput(answer));
});
