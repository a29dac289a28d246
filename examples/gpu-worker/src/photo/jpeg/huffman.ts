// Huffman codes of a JPEG (ITU-T T.81, Annex C and F), and reading bits of a scan, in which a marker ends the data.

/** Codes of at most this many bits are found by one look. */
const LOOK = 9;

export interface HuffmanTable {
  /** by the next LOOK bits: symbol · 16 + length of its code; 0 for longer codes */
  readonly quick: Uint16Array;
  /** by length: the largest code, aligned to the left of 16 bits and plus one; 0 when there is none */
  readonly limit: Int32Array;
  /** by length: index of the first symbol, minus the first code */
  readonly offset: Int32Array;
  readonly symbols: Uint8Array;
}

/** `counts`: how many codes there are of 1, 2, … 16 bits. Null for a table that is none. */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable | null {
  const quick = new Uint16Array(1 << LOOK);
  const limit = new Int32Array(17);
  const offset = new Int32Array(17);
  let code = 0;
  let k = 0;
  for (let length = 1; length <= 16; length++) {
    offset[length] = k - code;
    for (let n = 0; n < counts[length - 1]!; n++, code++, k++) {
      if (code >= 1 << length) return null;
      if (length > LOOK) continue;
      const from = code << (LOOK - length);
      quick.fill((symbols[k]! << 4) | length, from, from + (1 << (LOOK - length)));
    }
    limit[length] = counts[length - 1] ? code << (16 - length) : 0;
    code <<= 1;
  }
  return k === symbols.length ? { quick, limit, offset, symbols } : null;
}

/** What a scan's data turned out not to be. */
export class BadScan extends Error {}

export class BitReader {
  readonly #bytes: Uint8Array;
  /** the next byte to be taken in */
  #at: number;
  /** bits taken in, the next one highest of #have */
  #bits = 0;
  #have = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Takes in bytes until there are 16 bits; false when a marker or the end of the file comes first. */
  #fill(): boolean {
    while (this.#have < 16) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) return false;
      if (byte === 0xff) {
        let next = this.#at + 1;
        while (this.#bytes[next] === 0xff) next++;
        if (this.#bytes[next] !== 0) return false;
        this.#at = next;
      }
      this.#at++;
      this.#bits = ((this.#bits & 0xffff) << 8) | byte;
      this.#have += 8;
    }
    return true;
  }

  symbol(table: HuffmanTable): number {
    if (this.#have < 16) this.#fill();
    const have = this.#have;
    // Past the end of the data, ones: no code is all ones, so what needs them is found out.
    const next =
      have >= 16
        ? (this.#bits >> (have - 16)) & 0xffff
        : ((this.#bits << (16 - have)) | ((1 << (16 - have)) - 1)) & 0xffff;
    const quick = table.quick[next >> (16 - LOOK)]!;
    if (quick !== 0) return this.#take(quick & 15, quick >> 4);
    for (let length = LOOK + 1; length <= 16; length++) {
      if (next >= table.limit[length]!) continue;
      return this.#take(length, table.symbols[(next >> (16 - length)) + table.offset[length]!]!);
    }
    throw new BadScan(have < 16 ? 'the data end early' : 'a code that does not exist');
  }

  #take(length: number, value: number): number {
    if (length > this.#have) throw new BadScan('the data end early');
    this.#have -= length;
    return value;
  }

  /** At most 16 bits. */
  bits(count: number): number {
    if (count === 0) return 0;
    if (this.#have < count) this.#fill();
    if (this.#have < count) throw new BadScan('the data end early');
    this.#have -= count;
    return (this.#bits >> this.#have) & ((1 << count) - 1);
  }

  /** A signed number of so many bits, as JPEG writes coefficients. */
  signed(count: number): number {
    const value = this.bits(count);
    return count > 0 && value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
  }

  /** What fills the byte that was last read from, ones by the standard, and where the next byte stands. */
  end(): { readonly filledWith: 'ones' | 'zeros' | 'data'; readonly at: number } {
    const whole = this.#have >> 3;
    const count = this.#have & 7;
    const rest = (this.#bits >> (this.#have - count)) & ((1 << count) - 1);
    const ones = (1 << count) - 1;
    // Bytes taken in and not used are given back, stuffed zeros with them.
    let at = this.#at;
    for (let n = 0; n < whole; n++) at -= this.#bytes[at - 1] === 0 && this.#bytes[at - 2] === 0xff ? 2 : 1;
    return { filledWith: rest === ones ? 'ones' : rest === 0 ? 'zeros' : 'data', at };
  }
}
