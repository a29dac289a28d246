/**
 * Reading what a client sends, before superjson does: superjson makes whatever its annotations say, such as a Map, a BigInt of a
 * million digits or a RegExp, and our inputs need none of them. So the size is bounded first, names that reach into prototypes are
 * refused, and of the annotations only `undefined` is followed: clients send it for fields that they leave empty.
 */
import superjson, { type SuperJSONResult } from 'superjson';
import type { Refusal } from '../contract/errors.ts';
import { INPUT } from '../contract/limits.ts';
import { cutText } from '../contract/text.ts';
import { invalid, ok, type Refused, type Result } from '../domain/result.ts';

/** Characters of a stray name that an error repeats. */
const MAX_SHOWN = 64;

const PROTOTYPE_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export const noInput = (): Refused => invalid('json', 'is missing: the input stands in it, as in {"json":{…}}');

/** In place of an input that could not be read: it is refused where its own call is, and no other of the same batch. */
export class Unreadable {
  readonly refusal: Refusal;
  constructor({ refusal }: Refused) {
    this.refusal = refusal;
  }
}

/**
 * The value that `payload`, a parsed superjson document, stands for: `{ json, meta? }`. Without `json` an empty one stands for nothing, and
 * so does one that says so in its annotations; one that holds anything else has its input in the wrong place, which must not pass for none.
 */
export function readInput(payload: unknown): Result<unknown> {
  if (payload === null) return ok(undefined);
  if (!isRecord(payload)) return noInput();
  const { json, meta: annotations } = payload;
  const stray = Object.keys(payload).find((name) => name !== 'json' && name !== 'meta');
  if (stray !== undefined && Object.hasOwn(payload, 'json')) {
    return invalid('json', `holds the whole input, and "${cutText(stray, MAX_SHOWN)}" stands beside it`);
  }
  if (stray !== undefined) return noInput();
  const meta = annotations ?? {};
  if (!isRecord(meta)) return invalid('input.meta', 'is not an object');
  const isNothing = annotations === undefined || isUndefined(meta.values);
  if (!Object.hasOwn(payload, 'json') && !isNothing) return noInput();
  const { values: types, referentialEqualities, v } = meta;
  const bad =
    excess(json, 'input') ??
    excess(meta, 'input.meta') ??
    foreignType(types ?? undefined) ??
    foreignReference(referentialEqualities ?? undefined);
  if (bad !== null) return bad;
  // References are left out: the document holds each value wherever it stands, so they only say which were one.
  const document = { json, ...(types == null ? {} : { meta: { values: types, ...(v == null ? {} : { v }) } }) };
  try {
    return ok(superjson.deserialize(document as SuperJSONResult));
  } catch {
    return invalid('input.meta.values', 'names a path that is none');
  }
}

/** The name in a batch's inputs that is the number of none of its calls, so that what it holds would pass for no input at all. */
export function strayInBatch(inputs: unknown, calls: number): Refused | null {
  const form = 'a batch holds the input of each call under its number, as in {"0":{"json":{…}}}';
  if (inputs === null) return null;
  if (!isRecord(inputs)) return invalid('json', form);
  const stray = Object.keys(inputs).find((name) => !/^(?:0|[1-9]\d?)$/.test(name) || Number(name) >= calls);
  return stray === undefined
    ? null
    : invalid('json', `${form}; it has ${calls} calls and "${cutText(stray, MAX_SHOWN)}"`);
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
