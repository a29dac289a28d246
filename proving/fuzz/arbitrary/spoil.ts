/** Valid values with something wrong in them, and texts with something wrong in them. */
import fc from 'fast-check';
import type { Json } from './from-schema.ts';

const deep = (depth: number): Json => (depth === 0 ? 0 : [deep(depth - 1)]);

/** What nobody expects where it stands. */
const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>(
    null,
    true,
    '',
    ' ',
    '\0',
    '\ud800',
    '__proto__',
    'constructor',
    'toString',
    '../..',
    '%2e%2e%2f',
    "' OR 1=1 --",
    '💥'.repeat(50),
    'x'.repeat(5000),
    0,
    -1,
    0.5,
    -0,
    201,
    2 ** 31,
    2 ** 53,
    1e308,
    [],
    [[]],
    {},
    { length: 1 },
    { toString: 'x' },
  ),
  fc.constant(deep(120)),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const oddKey = fc.constantFrom('__proto__', 'constructor', 'toString', 'then', 'length', '', 'a.b', 'userId', 'status');

/** A value with one to three of its parts replaced, removed, doubled, or given a field more. */
export function spoilt(value: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  const change = fc.record({
    at: fc.nat(30),
    how: fc.constantFrom('replace', 'remove', 'add', 'double'),
    odd,
    key: oddKey,
  });
  return fc
    .tuple(value, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([start, changes]) => changes.reduce<Json>((current, one) => changed(current, one.at, one), start));
}

type Change = { how: string; odd: Json; key: string };

/** Applies `change` to the `at`th part, counted from the outside in and around again. */
function changed(value: Json, at: number, change: Change): Json {
  const size = partsOf(value);
  const target = at % size;
  let seen = -1;
  const walk = (part: Json): Json | undefined => {
    if (++seen === target) return apply(part, change);
    if (Array.isArray(part)) return part.flatMap((inner) => walk(inner) ?? []);
    if (part === null || typeof part !== 'object') return part;
    const entries = Object.entries(part).flatMap(([key, inner]): [string, Json][] => {
      const kept = walk(inner);
      return kept === undefined ? [] : [[key, kept]];
    });
    return Object.fromEntries(entries);
  };
  return walk(value) ?? null;
}

const partsOf = (value: Json): number =>
  value === null || typeof value !== 'object'
    ? 1
    : 1 + Object.values(value).reduce<number>((sum, inner) => sum + partsOf(inner as Json), 0);

/** Undefined removes the part. */
function apply(part: Json, { how, odd: other, key }: Change): Json | undefined {
  if (how === 'remove') return undefined;
  if (how === 'double' && Array.isArray(part)) return [...part, ...part];
  if (how === 'add' && part !== null && typeof part === 'object' && !Array.isArray(part)) {
    return Object.fromEntries([...Object.entries(part), [key, other]]);
  }
  return other;
}

/** A text with one to five characters replaced, cut out or put in. */
export function spoiltText(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.nat(4000),
    cut: fc.nat(3),
    put: fc.oneof(
      fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '\\', '\0', '1e999', '__proto__'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
  });
  return fc.tuple(text, fc.array(edit, { minLength: 1, maxLength: 5 })).map(([start, edits]) =>
    edits.reduce((current, { at, cut, put }) => {
      const from = at % (current.length + 1);
      return current.slice(0, from) + put + current.slice(from + cut);
    }, start),
  );
}

/** superjson's annotations: right ones in wrong places, wrong ones, and paths into prototypes. */
export const oddMeta: fc.Arbitrary<Json> = fc.record({
  values: fc.oneof(
    fc.dictionary(
      fc.constantFrom(
        '',
        'jobId',
        'name',
        'photos.0',
        'concepts.Wall',
        '__proto__.x',
        'constructor.prototype.x',
        'a.b.c',
        '0',
      ),
      fc.constantFrom<Json[]>(
        ['Date'],
        ['map'],
        ['set'],
        ['regexp'],
        ['bigint'],
        ['Error'],
        ['URL'],
        ['number'],
        ['undefined'],
        [['symbol', 'x']],
        [['class', 'Object']],
        [['custom', 'x']],
        ['typed-array'],
        [],
        'Date',
      ),
      { maxKeys: 4 },
    ) as fc.Arbitrary<Json>,
    odd,
  ),
  referentialEqualities: fc.oneof(
    fc.constantFrom<Json[]>({ name: ['concepts'] }, { a: ['__proto__'] }, [['name', 'concepts']], {}, []),
    odd,
  ),
  v: fc.constantFrom<Json[]>(1, 0, 2, null),
});
