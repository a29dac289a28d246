/** `null` for a field that may be absent means that it is, in every input of the router: found by walking the schemas themselves. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { $ZodType, $ZodTypes } from 'zod/v4/core';
import { fromSchema, type Json } from '../../../proving/fuzz/arbitrary/from-schema.ts';
import { callbackResult } from '../../src/contract/callback.ts';
import { watchInput } from '../../src/contract/watch.ts';
import { appRouter } from '../../src/rpc/router.ts';
import { withoutNulls } from '../../src/wire/nulls.ts';
import { type InputSchema, inputsOf } from './procedures.ts';

type Parser = InputSchema & { parse(value: unknown): unknown };

/** The objects that a value for this schema may be, each with the names of its fields. */
function shapesOf(schema: $ZodType): Readonly<Record<string, $ZodType>>[] {
  const { def } = (schema as $ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return [def.shape];
    case 'union':
      return def.options.flatMap(shapesOf);
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return shapesOf(def.innerType);
    default:
      return [];
  }
}

/** The value with `null` for every absent field that any form of its schema knows, objects within objects included. */
function withNulls(value: Json, schemas: readonly $ZodType[]): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const shapes = schemas.flatMap(shapesOf);
  const names = new Set(shapes.flatMap(Object.keys));
  const absent = [...names].filter((name) => !Object.hasOwn(value, name)).map((name): [string, Json] => [name, null]);
  const present = Object.entries(value).map(([name, inner]): [string, Json] => {
    const known = shapes.flatMap((shape) => (Object.hasOwn(shape, name) ? [shape[name] as $ZodType] : []));
    return [name, withNulls(inner, known)];
  });
  return Object.fromEntries([...present, ...absent]);
}

/** Where `null` may stand as well as nothing, both are the same to us: jobs.watch has the only such field. */
const presentIn = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (_, inner) => inner ?? undefined));

const procedures = inputsOf(appRouter).filter(([, schema]) => schema._zod.def.type !== 'void') as [string, Parser][];

test.for(procedures)('%s', ([, schema]) => {
  fc.assert(
    fc.property(
      fromSchema(schema).filter((value) => value !== undefined && schema.safeParse(value).success),
      (value) => {
        expect(presentIn(schema.parse(withNulls(value as Json, [schema])))).toEqual(presentIn(schema.parse(value)));
      },
    ),
    { numRuns: 60 },
  );
});

test('where an input may be absent as a whole, null is that, and where it is needed it is not', () => {
  for (const [, schema] of procedures) {
    const result = (given: unknown): unknown => {
      try {
        return schema.parse(given);
      } catch {
        return 'refused';
      }
    };
    expect(result(null)).toEqual(result(undefined));
  }
});

test('a null that has a meaning of its own stays, and so does one in place of what is needed or unknown', () => {
  expect(withoutNulls({ jobId: 'x', lastEventId: null }, watchInput)).toEqual({ jobId: 'x', lastEventId: null });
  const result = { idx: 0, status: 'done', error: null, unknown: null };
  expect(withoutNulls(result, callbackResult)).toEqual(result);
  const [, execute] = procedures.find(([path]) => path === 'jobs.execute') ?? expect.unreachable();
  const choice = { jobId: 'x', concepts: { Wall: { action: 'remove', value: null } }, protect: [null], ruleId: null };
  expect(withoutNulls({ ...choice, other: null }, execute)).toEqual({
    jobId: 'x',
    concepts: { Wall: { action: 'remove' } },
    protect: [null],
    other: null,
  });
  expect(withoutNulls({ jobId: null, concepts: null, ruleId: null }, execute)).toEqual({ jobId: null });
});
