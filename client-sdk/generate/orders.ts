/** In which order words stand that a type names without one: that of the contract's lists, which are read as they run. */

/** The contract's lists of words, by what they have in common with a type: the words themselves. */
export type Orders = ReadonlyMap<string, readonly string[]>;

const keyOf = (words: readonly string[]): string => [...words].sort().join('\n');

/** @param values of the contract, by name; the first list of the same words counts */
export function ordersOf(values: readonly unknown[]): Orders {
  const orders = new Map<string, readonly string[]>();
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value) || value instanceof RegExp) return;
    seen.add(value);
    const words = Array.isArray(value) ? value : Object.keys(value);
    if (words.length > 1 && words.every((word) => typeof word === 'string')) {
      const key = keyOf(words);
      if (!orders.has(key)) orders.set(key, words);
    }
    // A schema keeps what it was made from here; the rest of it is zod's own.
    const inner = '_zod' in value ? [(value as { _zod: { def: object } })._zod.def] : Object.values(value);
    inner.forEach(visit);
  };
  values.forEach(visit);
  return orders;
}

export const ordered = (words: readonly string[], orders: Orders): readonly string[] =>
  orders.get(keyOf(words)) ?? [...words].sort();
