/**
 * Reading what a client sends, before superjson does: superjson makes whatever its annotations say, such as a Map, a BigInt of a
 * million digits or a RegExp, and our inputs need none of them. So the size is bounded first, names that reach into prototypes are
 * refused, and of the annotations only `undefined` is followed: clients send it for fields that they leave empty.
 */
import superjson, { type SuperJSONResult } from 'superjson';
import { INPUT } from '../contract/limits.ts';
import { invalid, ok, type Refused, type Result } from '../domain/result.ts';

const PROTOTYPE_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** The value that `payload`, a parsed superjson document, stands for. */
export function readInput(payload: unknown): Result<unknown> {
  if (!isRecord(payload)) return invalid('input', 'is not a superjson document');
  const { json, meta = {} } = payload;
  if (!isRecord(meta)) return invalid('input.meta', 'is not an object');
  const bad =
    excess(json, 'input') ??
    excess(meta, 'input.meta') ??
    foreignType(meta.values) ??
    foreignReference(meta.referentialEqualities);
  if (bad !== null) return bad;
  // References are left out: the document holds each value wherever it stands, so they only say which were one.
  const { values, v } = meta as NonNullable<SuperJSONResult['meta']>;
  const document = { json, ...(values === undefined ? {} : { meta: { values, ...(v === undefined ? {} : { v }) } }) };
  try {
    return ok(superjson.deserialize(document as SuperJSONResult));
  } catch {
    return invalid('input.meta.values', 'names a path that is none');
  }
}

/** What is too deep, too large or badly named; null when nothing is. Without recursion: a document may be as deep as it is long. */
function excess(root: unknown, field: string): Refused | null {
  const left: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  let values = 0;
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { value, depth } = next;
    if (++values > INPUT.values) return invalid(field, `holds at most ${INPUT.values} values`);
    if (typeof value === 'string' && value.length > INPUT.characters) {
      return invalid(field, `holds texts of at most ${INPUT.characters} characters`);
    }
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= INPUT.depth) return invalid(field, `is nested at most ${INPUT.depth} deep`);
    for (const [name, inner] of Object.entries(value)) {
      // Annotations name fields by their paths.
      const reaching = name.split('.').find((part) => PROTOTYPE_NAMES.has(part));
      if (reaching !== undefined) return invalid(field, `has no field named ${reaching}`);
      if (name.length > INPUT.characters) return invalid(field, `has names of at most ${INPUT.characters} characters`);
      left.push({ value: inner, depth: depth + 1 });
    }
  }
  return null;
}

/** Annotations are a tree of field names, with `["undefined"]` at its leaves. Its depth was bounded before. */
function foreignType(annotations: unknown): Refused | null {
  if (annotations === undefined || isUndefined(annotations)) return null;
  if (!isRecord(annotations)) return invalid('input.meta.values', 'names a type that no input has');
  for (const inner of Object.values(annotations)) {
    const bad = foreignType(inner);
    if (bad !== null) return bad;
  }
  return null;
}

/** Path → the paths where the same value stands. None reaches into a prototype or into itself; no client of ours sends the whole's. */
function foreignReference(references: unknown): Refused | null {
  if (references === undefined) return null;
  const bad = invalid('input.meta.referentialEqualities', 'are not those of an input');
  if (!isRecord(references)) return bad;
  const within = (outer: string, inner: string) => outer === inner || inner.startsWith(`${outer}.`);
  const good = Object.entries(references).every(
    ([path, others]) =>
      Array.isArray(others) &&
      others.every(
        (other) =>
          typeof other === 'string' &&
          !other.split('.').some((part) => PROTOTYPE_NAMES.has(part)) &&
          !within(path, other) &&
          !within(other, path),
      ),
  );
  return good ? null : bad;
}

const isUndefined = (annotation: unknown): boolean =>
  Array.isArray(annotation) && annotation.length === 1 && annotation[0] === 'undefined';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
