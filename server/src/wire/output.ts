/**
 * Writing what a client gets, as superjson documents: our answers are plain objects and lists with `Date`s in them, and for these this
 * gives what superjson gives, in a fraction of its time. Anything else is left to superjson itself.
 */
import superjson, { type SuperJSONResult } from 'superjson';

/** Version of the document's annotations. */
const VERSION = 1;

/** Documents of answers that are always the same. */
const constants = new WeakMap<object, SuperJSONResult>();

/** Writes an answer that never changes now, once for all the times that it is given. Nobody may change it after that. */
export function constantOutput<T extends object>(value: T): T {
  constants.set(value, writeOutput(value));
  return value;
}

export function writeOutput(value: unknown): SuperJSONResult {
  const constant = typeof value === 'object' && value !== null ? constants.get(value) : undefined;
  if (constant !== undefined) return constant;
  const dates: [path: string, 'Date'][] = [];
  const json = copy(value, '', dates);
  if (json === FOREIGN) return superjson.serialize(value);
  if (dates.length === 0) return { json } as SuperJSONResult;
  const values = dates[0]?.[0] === '' ? ['Date'] : Object.fromEntries(dates.map(([path]) => [path, ['Date']]));
  return { json, meta: { values, v: VERSION } } as SuperJSONResult;
}

/** Stands for what only superjson can write. */
const FOREIGN = Symbol('foreign');

function copy(value: unknown, path: string, dates: [string, 'Date'][]): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : FOREIGN;
    case 'object':
      break;
    default:
      return FOREIGN;
  }
  if (value === null) return null;
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) return FOREIGN;
    dates.push([path, 'Date']);
    return value.toISOString();
  }
  if (Array.isArray(value)) return copyList(value, path, dates);
  return Object.getPrototypeOf(value) === Object.prototype ? copyFields(value, path, dates) : FOREIGN;
}

function copyList(list: unknown[], path: string, dates: [string, 'Date'][]): unknown {
  const copied: unknown[] = [];
  for (const [at, item] of list.entries()) {
    const inner = copy(item, path === '' ? String(at) : `${path}.${at}`, dates);
    if (inner === FOREIGN) return FOREIGN;
    copied.push(inner);
  }
  return copied;
}

/** Names with a dot or a backslash are escaped in annotations, and `__proto__` is no name to copy to. */
const PLAIN_NAME = /^(?!__proto__$|constructor$|prototype$)[^.\\]+$/;
const plainNames = new Set<string>();
/** The contract has a few hundred names; those of a client's own records come and go. */
const MAX_NAMES = 1000;

function isPlain(name: string): boolean {
  if (plainNames.has(name)) return true;
  if (!PLAIN_NAME.test(name)) return false;
  if (plainNames.size < MAX_NAMES) plainNames.add(name);
  return true;
}

function copyFields(record: object, path: string, dates: [string, 'Date'][]): unknown {
  const copied: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(record)) {
    if (!isPlain(name)) return FOREIGN;
    const inner = copy(field, path === '' ? name : `${path}.${name}`, dates);
    if (inner === FOREIGN) return FOREIGN;
    copied[name] = inner;
  }
  return copied;
}
