/**
 * The server's transformer is superjson: JSON, and beside it which strings are dates. Only dates and `undefined` cross this API,
 * so these lines read it; test/wire.test.ts holds them against superjson itself.
 */

/** What superjson makes of a value. */
export interface Encoded {
  json: unknown;
  meta?: { values?: Annotations };
}
/** `['Date']` about a value itself; by dotted path about what lies in it, branches under their common path. */
type Annotations = [type: string, inner?: Annotations] | { [path: string]: Annotations };

/** For what is sent: there are no dates in it, and JSON leaves `undefined` out by itself. */
export const encode = (value: unknown): Encoded => ({ json: value });

export function decode({ json, meta }: Encoded): unknown {
  return meta?.values ? revive(json, meta.values) : json;
}

function revive(value: unknown, about: Annotations): unknown {
  if (Array.isArray(about)) {
    if (about[0] === 'Date') return new Date(value as string);
    return about[0] === 'undefined' ? undefined : value;
  }
  for (const [path, inner] of Object.entries(about)) {
    const keys = path.split('.');
    const last = keys.pop() as string;
    let holder = value as Record<string, unknown> | undefined;
    for (const key of keys) holder = own(holder, key) as typeof holder;
    if (holder && Object.hasOwn(holder, last)) holder[last] = revive(holder[last], inner);
  }
  return value;
}

const own = (holder: Record<string, unknown> | undefined, key: string): unknown =>
  holder && Object.hasOwn(holder, key) ? holder[key] : undefined;
