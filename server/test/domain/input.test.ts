/** What a client may send at all, before any schema looks at it. */
import superjson from 'superjson';
import { describe, expect, test } from 'vitest';
import { INPUT } from '../../src/contract/limits.ts';
import { readInput } from '../../src/wire/input.ts';

const read = (value: unknown) => readInput(superjson.serialize(value));
const refused = (payload: unknown) => {
  const input = readInput(payload);
  return input.ok ? null : input.refusal.message;
};
/** As it comes off the wire, so that `__proto__` is a name like any other. */
const parsed = (text: string): unknown => JSON.parse(text);
const nested = (deep: number): unknown => parsed(`{"json":${'['.repeat(deep)}${']'.repeat(deep)}}`);

test('what the client sends arrives as it is, empty fields and shared values included', () => {
  const photo = { contentType: 'image/jpeg', bytes: 4 };
  const value = { preset: 'interior', photos: [photo, photo], idempotencyKey: undefined };
  expect(read(value)).toEqual({ ok: true, value });
  expect(read(undefined)).toEqual({ ok: true, value: undefined });
  for (const none of [{}, null, { meta: { values: ['undefined'] } }]) {
    expect(readInput(none)).toEqual({ ok: true, value: undefined });
  }
  for (const meta of [null, {}, { values: null, referentialEqualities: null, v: null }]) {
    expect(readInput({ json: { a: null }, meta })).toEqual({ ok: true, value: { a: null } });
  }
});

describe('refused is', () => {
  test.for<[string, unknown]>([
    ['a date', new Date(0)],
    ['a BigInt', 10n],
    ['a RegExp', /a+/],
    ['a Map', new Map([['a', 1]])],
    ['a Set', new Set([1])],
    ['an Error', new Error('x')],
    ['a URL', new URL('https://app.test')],
    ['NaN', Number.NaN],
    ['bytes', new Uint8Array(2)],
  ])('%s, wherever it stands', ([, value]) => {
    for (const place of [value, { a: value }, [[value]]]) expect(read(place)).toMatchObject({ ok: false });
  });

  test('a type whose content would be dear to make, before it is made', () => {
    const digits = { json: '9'.repeat(INPUT.characters), meta: { values: ['bigint'] } };
    expect(refused(digits)).toContain('names a type that no input has');
    expect(refused({ json: ['(a+)+$'], meta: { values: { 0: [['regexp']] } } })).toContain('names a type');
    expect(refused({ json: null, meta: { values: ['undefined', { a: ['Date'] }] } })).toContain('names a type');
  });

  test('one level too deep, and a hundred thousand', () => {
    expect(refused(nested(INPUT.depth))).toBeNull();
    expect(refused(nested(INPUT.depth + 1))).toContain(`nested at most ${INPUT.depth} deep`);
    expect(refused(nested(100_000))).toContain('nested at most');
    const annotations = `{"json":1,"meta":{"values":${'{"a":'.repeat(50)}["undefined"]${'}'.repeat(50)}}}`;
    expect(refused(parsed(annotations))).toContain('input.meta: is nested at most');
  });

  test('more values, a longer text and a longer name than any input has', () => {
    expect(refused({ json: Array.from({ length: INPUT.values }, () => 0) })).toContain('values');
    expect(refused({ json: 'x'.repeat(INPUT.characters + 1) })).toContain('characters');
    expect(refused({ json: { ['x'.repeat(INPUT.characters + 1)]: 1 } })).toContain('characters');
  });

  test.for([
    '__proto__',
    'constructor',
    'prototype',
  ])('a field named %s, in the value and in its annotations', (name) => {
    expect(refused(parsed(`{"json":{"a":{"${name}":{"polluted":true}}}}`))).toContain(name);
    expect(refused(parsed(`{"json":{"a":1},"meta":{"values":{"${name}":["undefined"]}}}`))).toContain(name);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.for([
    1,
    'x',
    [],
    [1],
    { a: 1 },
    { a: 1, meta: {} },
    { meta: { values: { a: ['undefined'] } } },
  ])('%j, which has no json', (payload) => {
    expect(refused(payload)).toContain('json: is missing');
  });

  test('what stands beside json', () => {
    expect(refused({ json: {}, a: 1 })).toContain('json: holds the whole input, and "a" stands beside it');
  });
});

test.for<unknown>([
  [['a', 'a.b']],
  [['a'], { a: ['c'] }],
  { a: ['a.b'] },
  { 'a.b': ['a'] },
  { a: ['__proto__.x'] },
  { a: ['c.constructor.prototype'] },
  { a: 'c' },
  { a: [1] },
  'a',
])('the references %j, which tie an input into a knot or reach out of it, are refused', (referentialEqualities) => {
  expect(refused({ json: { a: { b: null }, c: null }, meta: { referentialEqualities } })).toContain('referentialEq');
});

test('an annotation of a path that is none, or of a prototype, is bad input and no failure', () => {
  expect(refused({ json: {}, meta: { v: 1, values: { 'a\\': ['undefined'] } } })).toContain('input.meta.values');
  expect(refused({ json: {}, meta: { values: { '__proto__.isAdmin': ['undefined'] } } })).toContain('__proto__');
});
