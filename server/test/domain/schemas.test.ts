/** Every text, list, map and number that any procedure or the callback takes has a limit: found by walking the schemas themselves. */
import { expect, test } from 'vitest';
import type * as z from 'zod/v4/core';
import { callbackBatch, callbackSingle } from '../../src/contract/callback.ts';
import { appRouter } from '../../src/rpc/router.ts';
import { inputsOf } from './procedures.ts';

type Schema = z.$ZodType;
type Check = { _zod: { def: { check: string } } };

const inputs: [string, Schema][] = inputsOf(appRouter);
const callbacks: [string, Schema][] = [
  ['callback', callbackBatch],
  ['callback of one', callbackSingle],
];

/** Fields of this schema that have no limit. */
function unbounded(schema: Schema, field: string): string[] {
  const { def } = schema._zod as unknown as { def: Record<string, unknown> & { type: string; checks?: Check[] } };
  const checks = (def.checks ?? []).map((check) => check._zod.def.check);
  const limited = (...names: string[]) => names.some((name) => checks.includes(name));
  const inner = (name: string, at = field) => unbounded(def[name] as Schema, at);
  switch (def.type) {
    case 'string':
      return limited('max_length', 'length_equals') ? [] : [`${field} (text)`];
    case 'number':
      return limited('less_than') || def.check === 'number_format' ? [] : [`${field} (number)`];
    case 'array':
      return [...(limited('max_length') ? [] : [`${field} (list)`]), ...inner('element', `${field}[]`)];
    case 'record':
      return [
        ...inner('keyType', `${field}{}`),
        ...inner('valueType', `${field}{}`),
        ...(checks.length > 0 ? [] : [`${field} (map)`]),
      ];
    case 'object':
      return Object.entries(def.shape as Record<string, Schema>).flatMap(([name, one]) =>
        unbounded(one, `${field}.${name}`),
      );
    case 'union':
      return (def.options as Schema[]).flatMap((one, nth) => unbounded(one, `${field}|${nth}`));
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return inner('innerType');
    case 'pipe':
      return [...inner('in'), ...inner('out')];
    case 'enum':
    case 'literal':
    case 'boolean':
    case 'void':
    case 'undefined':
    case 'transform':
      return [];
    default:
      return [`${field} (${def.type} is not known to this test)`];
  }
}

test.for([...inputs, ...callbacks])('%s', ([name, schema]) => {
  expect(unbounded(schema, name)).toEqual([]);
});

test('the walk covers every procedure that takes input', () => {
  expect(inputs.length).toBeGreaterThan(20);
});
