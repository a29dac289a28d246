/** A set of photo indexes (0..199) as a bigint: bit i stands for photo i. Stored as hexadecimal text. */

export type Bitmap = bigint;
export const EMPTY: Bitmap = 0n;

export const bit = (idx: number): Bitmap => 1n << BigInt(idx);
export const has = (set: Bitmap, idx: number): boolean => (set & bit(idx)) !== 0n;
/** The set of all indexes below `total`. */
export const all = (total: number): Bitmap => (1n << BigInt(total)) - 1n;

export const count = (set: Bitmap): number => set.toString(2).replaceAll('0', '').length;

export const indexesOf = (set: Bitmap): number[] =>
  [...set.toString(2)].reverse().flatMap((digit, idx) => (digit === '1' ? [idx] : []));

/** The lowest index; undefined when the set is empty. */
export const firstOf = (set: Bitmap): number | undefined => indexesOf(set)[0];

export const of = (indexes: readonly number[]): Bitmap => indexes.reduce((set, idx) => set | bit(idx), EMPTY);

export const toHex = (set: Bitmap): string => set.toString(16);
export const fromHex = (hex: string): Bitmap => BigInt(`0x${hex}`);
