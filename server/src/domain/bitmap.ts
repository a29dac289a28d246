/** A set of photo indexes (0..199) as a bigint: bit i stands for photo i. Stored as hexadecimal text. */

export type Bitmap = bigint;
export const EMPTY: Bitmap = 0n;

export const bit = (idx: number): Bitmap => 1n << BigInt(idx);
export const has = (set: Bitmap, idx: number): boolean => (set & bit(idx)) !== 0n;
/** The set of all indexes below `total`. */
export const all = (total: number): Bitmap => (1n << BigInt(total)) - 1n;

export function count(set: Bitmap): number {
  let ones = 0;
  for (let rest = set; rest !== 0n; rest &= rest - 1n) ones++;
  return ones;
}

export function indexesOf(set: Bitmap): number[] {
  const found: number[] = [];
  for (let idx = 0, rest = set; rest !== 0n; idx++, rest >>= 1n) if ((rest & 1n) === 1n) found.push(idx);
  return found;
}

export function of(indexes: Iterable<number>): Bitmap {
  let set = EMPTY;
  for (const idx of indexes) set |= bit(idx);
  return set;
}

export const toHex = (set: Bitmap): string => set.toString(16);
export const fromHex = (hex: string): Bitmap => BigInt(`0x${hex}`);
