/** Values that fit a zod schema, as JSON knows them. Fields that name something name what exists, most of the time. */
import fc from 'fast-check';
import type { $ZodType, $ZodTypes } from 'zod/v4/core';
import { STATUS_WORDS } from '../../../server/src/contract/callback.ts';
import { PRESETS } from '../../../server/src/contract/presets.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Any = fc.Arbitrary<Json | undefined>;

/** Longest text and list that is made for a schema that allows longer ones. */
const MAX_TEXT = 200;
const MAX_ITEMS = 5;

const named = (kind: 'job' | 'rule' | 'user') => fc.nat(63).map((n) => `$${kind}:${n}`);
const concepts: fc.Arbitrary<Json> = fc.dictionary(
  fc.constantFrom(...Object.keys(PRESETS.interior.concepts), ...Object.keys(PRESETS.seller.concepts)),
  fc.oneof(
    fc.record({
      action: fc.constant('recolor'),
      value: fc.constantFrom('oak', 'sage', 'red', '#A1B2C3', '#a1b2c3', '#A1B2C', 'toString'),
    }),
    fc.record({ action: fc.constant('tone'), value: fc.constantFrom('warm', 'darker', 'none') }),
    fc.record({ action: fc.constant('texture'), value: fc.constantFrom('wood', 'linen') }),
    fc.record({ action: fc.constant('remove') }),
  ),
  { minKeys: 1, maxKeys: 4 },
);

/** What stands behind a field's name in this API. `id` is a preset, a rule or a job: whichever the procedure takes is among them. */
const BY_NAME: Record<string, fc.Arbitrary<Json>> = {
  jobId: named('job'),
  job_id: named('job'),
  ruleId: named('rule'),
  userId: named('user'),
  id: fc.oneof(named('rule'), fc.constantFrom('interior', 'seller')),
  concepts,
  protect: fc.array(fc.constantFrom('Grout', 'Logo', 'Glass_highlight', 'Wall'), { maxLength: 3 }),
  cursor: fc.oneof(fc.constant('zzzzzzzz.x'), fc.string({ minLength: 1, maxLength: 40 })),
  idempotencyKey: fc.oneof(
    fc.nat(40).map((n) => `a-fuzzed-key-${n}-of-more-than-32-characters`),
    fc.uuid(),
  ),
  status: fc.oneof(fc.constantFrom(...STATUS_WORDS.done, ...STATUS_WORDS.failed, 'DONE'), fc.string({ maxLength: 12 })),
  outputTemplate: fc.constantFrom('before-after', 'client-card', 'product-pack'),
};

/** The schema's own values; `undefined` where it takes nothing. */
export function fromSchema(schema: $ZodType): Any {
  const { def } = (schema as $ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return fromShape(def.shape);
    case 'string':
      return text(schema);
    case 'number':
      return whole(schema);
    case 'boolean':
      return fc.boolean();
    case 'enum':
      return fc.constantFrom(...(Object.values(def.entries) as string[]));
    case 'literal':
      return fc.constantFrom(...(def.values as Json[]));
    case 'union':
      return fc.oneof(...def.options.map(fromSchema));
    case 'array':
      return fc.array(defined(fromSchema(def.element)), { minLength: 1, maxLength: MAX_ITEMS });
    case 'record':
      return fc.dictionary(
        defined(fromSchema(def.keyType as $ZodType)) as fc.Arbitrary<string>,
        defined(fromSchema(def.valueType)),
        { maxKeys: 3 },
      );
    case 'optional':
    case 'prefault':
    case 'default':
      return fc.option(fromSchema(def.innerType), { nil: undefined });
    case 'nullable':
      return fc.option(fromSchema(def.innerType), { nil: null });
    case 'pipe':
      return fromSchema(def.in);
    case 'void':
      return fc.constant(undefined);
    default:
      throw new Error(`the fuzzer knows no schema of type ${def.type}: teach it`);
  }
}

const defined = (made: Any): fc.Arbitrary<Json> => made.map((value) => value ?? null);

function fromShape(shape: Readonly<Record<string, $ZodType>>): Any {
  const fields = Object.entries(shape).map(([name, inner]): [string, Any] => {
    const own = fromSchema(inner);
    const known = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
    return [name, known === undefined ? own : fc.oneof({ weight: 6, arbitrary: known }, { weight: 1, arbitrary: own })];
  });
  return fc.record(Object.fromEntries(fields)).map((all) => {
    const present = Object.entries(all).filter((entry): entry is [string, Json] => entry[1] !== undefined);
    return Object.fromEntries(present);
  });
}

type Bag = { minimum?: number; maximum?: number };
const bagOf = (schema: $ZodType): Bag => schema._zod.bag as Bag;

function text(schema: $ZodType): Any {
  const { minimum = 0, maximum = MAX_TEXT } = bagOf(schema);
  const size = { minLength: minimum, maxLength: Math.max(minimum, Math.min(maximum, MAX_TEXT)) };
  return fc.oneof(fc.string({ ...size, unit: 'grapheme-ascii' }), fc.string({ ...size, unit: 'binary' }));
}

function whole(schema: $ZodType): Any {
  const { minimum = -1000, maximum = 1000 } = bagOf(schema);
  const [min, max] = [Math.max(minimum, -1_000_000), Math.min(maximum, 30_000_000)];
  return fc.oneof(fc.integer({ min, max }), fc.integer({ min, max: Math.min(max, min + 3) }));
}
