/** Reads what stands in the editor, and says by field what is wrong with it before it is sent. */
import * as z from 'zod';
import type { Schema } from './described.ts';

// A page whose policy forbids `eval` would have it tried, and complained of.
z.config({ jitless: true });

export interface Problem {
  /** Such as `photos[0].bytes`; empty for the whole. */
  field: string;
  message: string;
}

export type Read = { value: unknown; problems: Problem[] };

/** @param schema of what is wanted; null where nothing is */
export function readInput(text: string, schema: Schema | null): Read {
  if (schema === null) return { value: undefined, problems: [] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      value: undefined,
      problems: [{ field: '', message: error instanceof Error ? error.message : 'not JSON' }],
    };
  }
  const { error } = z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema).safeParse(value);
  return { value, problems: (error?.issues ?? []).flatMap((issue) => problemsIn(issue, [])) };
}

/** Of the alternatives that an input may be, those of the nearest are told. */
function problemsIn(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): Problem[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union') {
    const told = issue.errors.map((errors) => errors.flatMap((one) => problemsIn(one, path)));
    const nearest = told.filter((one) => one.length > 0).sort((a, b) => a.length - b.length)[0];
    if (nearest !== undefined) return nearest;
  }
  return [{ field: fieldOf(path), message: issue.message }];
}

const fieldOf = (path: readonly PropertyKey[]): string =>
  path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`)).join('');
