/**
 * Clients in typed languages send `null` for every field that they leave empty. Where a field may be absent and is no place for `null`,
 * that is what it means. Found from the schemas themselves, so that no field can be forgotten.
 */
import type { $ZodType, $ZodTypes } from 'zod/v4/core';

/** The same value without such fields; itself when it has none. Of a value that is `null` as a whole and may be absent, `undefined`. */
export function withoutNulls(value: unknown, schema: $ZodType): unknown {
  return holdsNull(value) ? cleared(value, [schema]) : value;
}

function holdsNull(value: unknown): boolean {
  if (value === null) return true;
  return typeof value === 'object' && Object.values(value).some(holdsNull);
}

/** @param schemas any of which the value may be meant for */
function cleared(value: unknown, schemas: readonly $ZodType[]): unknown {
  if (value === null) return schemas.some(takesNull) || !schemas.some(mayBeAbsent) ? null : undefined;
  if (typeof value !== 'object') return value;
  const forms = schemas.flatMap(formsOf);
  if (Array.isArray(value)) {
    const elements = forms.flatMap(({ def }) => (def.type === 'array' ? [def.element] : []));
    return value.map((element) => cleared(element, elements) ?? element);
  }
  const fields = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const left = clearedField(name, inner, forms);
    return inner === null && left === undefined ? [] : [[name, left]];
  });
  return Object.fromEntries(fields);
}

/** Undefined for a `null` that means that the field is absent: one of a form that knows it as optional, or beside one that does not know it. */
function clearedField(name: string, value: unknown, forms: readonly Form[]): unknown {
  const known = forms.flatMap(({ def }): $ZodType[] => {
    if (def.type === 'record') return [def.valueType];
    const field = def.type === 'object' && Object.hasOwn(def.shape, name) ? def.shape[name] : undefined;
    return field === undefined ? [] : [field];
  });
  if (value !== null) return cleared(value, known);
  if (known.length === 0 || known.some(takesNull)) return null;
  return known.length < forms.length || known.some(mayBeAbsent) ? undefined : null;
}

/** What a schema comes down to: an object, a list, a map or a plain value, each option of a union for itself. */
type Form = { def: $ZodTypes['_zod']['def'] };

function formsOf(schema: $ZodType): Form[] {
  const { def } = (schema as $ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return formsOf(def.innerType);
    case 'pipe':
      return formsOf(def.in);
    case 'union':
      return def.options.flatMap(formsOf);
    default:
      return [{ def }];
  }
}

const mayBeAbsent = (schema: $ZodType): boolean =>
  schema._zod.optin !== undefined || (schema as $ZodTypes)._zod.def.type === 'void';

function takesNull(schema: $ZodType): boolean {
  const { def } = (schema as $ZodTypes)._zod;
  switch (def.type) {
    case 'nullable':
    case 'null':
    case 'any':
    case 'unknown':
      return true;
    case 'literal':
      return def.values.includes(null);
    case 'optional':
    case 'default':
    case 'prefault':
      return takesNull(def.innerType);
    case 'pipe':
      return takesNull(def.in);
    case 'union':
      return def.options.some(takesNull);
    default:
      return false;
  }
}
