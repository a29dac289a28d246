// Follows one scan of a JPEG code by code, without making a picture of it: is every block there, and can it be one?

import { Block } from './block.ts';
import type { Component, Frame } from './frame.ts';
import { BadScan, BitReader, type HuffmanTable } from './huffman.ts';
import { type Rims, shifted } from './shift.ts';

export interface Scan {
  readonly parts: readonly { component: Component; dc: HuffmanTable | null; ac: HuffmanTable | null }[];
  /** first and last coefficient, and the bits that are there before and after this scan */
  readonly first: number;
  readonly last: number;
  readonly before: number;
  readonly after: number;
  /** MCUs between restart markers; 0 for none */
  readonly restart: number;
  /** by table: the factors of the coefficients */
  readonly quantisation: readonly (Uint16Array | undefined)[];
}

/** Sizes of coefficients that 8-bit samples can have. */
const MOST_DC_BITS = 11;
const MOST_AC_BITS = 10;
/** The largest mean of a block, times 8; what rounding adds comes on top. */
const MOST_MEAN = 1024 + 64;

class Follower {
  readonly #frame: Frame;
  readonly #scan: Scan;
  readonly #reader: BitReader;
  readonly #predicted: Int32Array;
  readonly #rims: readonly Rims[];
  readonly #read = new Block();
  #endOfBand = 0;

  constructor(frame: Frame, scan: Scan, rims: readonly Rims[], bytes: Uint8Array, at: number) {
    this.#frame = frame;
    this.#scan = scan;
    this.#rims = rims;
    this.#reader = new BitReader(bytes, at);
    this.#predicted = new Int32Array(scan.parts.length);
  }

  end(): ReturnType<BitReader['end']> {
    if (this.#endOfBand > 0) throw new BadScan('the data end early');
    return this.#reader.end();
  }

  mcu(index: number): void {
    const { parts } = this.#scan;
    if (parts.length === 1) {
      const { component } = parts[0]!;
      const x = index % component.columns;
      this.#block(0, ((index - x) / component.columns) * component.stride + x);
      return;
    }
    const mx = index % this.#frame.mcusAcross;
    const my = (index - mx) / this.#frame.mcusAcross;
    for (let k = 0; k < parts.length; k++) {
      const { component: c } = parts[k]!;
      for (let v = 0; v < c.down; v++) {
        for (let h = 0; h < c.across; h++) this.#block(k, (my * c.down + v) * c.stride + mx * c.across + h);
      }
    }
  }

  #block(k: number, block: number): void {
    const { first, last, before } = this.#scan;
    const { component, dc, ac } = this.#scan.parts[k]!;
    if (!this.#frame.progressive) {
      const factors = this.#scan.quantisation[component.quantisation];
      this.#read.begin(this.#dc(k, dc));
      this.#wholeBand(ac, factors);
      if (this.#frame.precision === 8 && factors && this.#read.impossible(factors))
        throw new BadScan('a block that no photo has');
      this.#rims[k]!.top[block] = this.#read.row(0);
      this.#rims[k]!.low[block] = this.#read.row(7);
    } else if (first === 0) {
      if (before === 0) this.#dc(k, dc);
      else this.#reader.bits(1);
    } else {
      const nonzero = component.nonzero!.subarray(64 * block, 64 * block + 64);
      if (before === 0) this.#firstBand(ac, nonzero, last);
      else this.#refinedBand(ac, nonzero, last);
    }
  }

  #dc(k: number, table: HuffmanTable | null): number {
    const bits = this.#reader.symbol(table ?? missing());
    if (bits > MOST_DC_BITS && this.#frame.precision === 8) throw new BadScan('a value that no photo has');
    const value = this.#predicted[k]! + this.#reader.signed(bits);
    this.#predicted[k] = value;
    const factor = this.#scan.quantisation[this.#scan.parts[k]!.component.quantisation]?.[0] ?? 1;
    const scaled = (value << this.#scan.after) * factor;
    if (Math.abs(scaled) > MOST_MEAN + factor && this.#frame.precision === 8)
      throw new BadScan('a value that no photo has');
    return scaled;
  }

  #acBits(symbol: number): number {
    const bits = symbol & 15;
    if (bits > MOST_AC_BITS && this.#frame.precision === 8) throw new BadScan('a value that no photo has');
    return bits;
  }

  #wholeBand(table: HuffmanTable | null, factors: Uint16Array | undefined): void {
    const ac = table ?? missing();
    for (let k = 1; k < 64; k++) {
      const symbol = this.#reader.symbol(ac);
      const bits = this.#acBits(symbol);
      const run = symbol >> 4;
      if (bits === 0 && run < 15) break;
      k += run;
      if (k > 63) throw new BadScan('a block with more than 64 values');
      this.#read.put(k, this.#reader.signed(bits) * (factors?.[k] ?? 1));
    }
  }

  #firstBand(table: HuffmanTable | null, nonzero: Uint8Array, last: number): void {
    if (this.#endOfBand > 0) {
      this.#endOfBand--;
      return;
    }
    const ac = table ?? missing();
    for (let k = this.#scan.first; k <= last; k++) {
      const symbol = this.#reader.symbol(ac);
      const run = symbol >> 4;
      const bits = this.#acBits(symbol);
      if (bits === 0 && run < 15) {
        this.#endOfBand = (1 << run) + this.#reader.bits(run) - 1;
        return;
      }
      k += run;
      if (k > last) throw new BadScan('a block with more than 64 values');
      if (bits === 0) continue;
      this.#reader.bits(bits);
      nonzero[k] = 1;
    }
  }

  #refinedBand(table: HuffmanTable | null, nonzero: Uint8Array, last: number): void {
    let k = this.#scan.first;
    if (this.#endOfBand === 0) {
      const ac = table ?? missing();
      for (; k <= last; k++) {
        const symbol = this.#reader.symbol(ac);
        let run = symbol >> 4;
        const bits = symbol & 15;
        if (bits > 1) throw new BadScan('a refinement of more than one bit');
        if (bits === 0 && run < 15) {
          this.#endOfBand = (1 << run) + this.#reader.bits(run);
          break;
        }
        if (bits === 1) this.#reader.bits(1);
        for (; k <= last; k++) {
          if (nonzero[k]) this.#reader.bits(1);
          else if (run-- === 0) break;
        }
        if (k > last && bits === 1) throw new BadScan('a block with more than 64 values');
        if (bits === 1) nonzero[k] = 1;
      }
    }
    if (this.#endOfBand === 0) return;
    for (; k <= last; k++) if (nonzero[k]) this.#reader.bits(1);
    this.#endOfBand--;
  }
}

function missing(): never {
  throw new BadScan('a table that is not there');
}

/** Where the next marker stands, and how many bytes that are none of its fill lie before it. */
function nextMarker(bytes: Uint8Array, from: number): { readonly at: number; readonly between: number } {
  let at = from;
  let between = 0;
  for (; at < bytes.length; at++) {
    if (bytes[at] !== 0xff) between++;
    else if (bytes[at + 1] === 0) {
      at++;
      between += 2;
    } else if (bytes[at + 1] !== 0xff) break;
  }
  return { at, between };
}

/** Bytes that cameras and tools leave before a marker; what is left over after a damaged code is most often more, or does not end evenly. */
const MOST_STRAY = 64;

/** Not of a progressive frame: its first scan has the mean values alone, which tell too little of where blocks meet. */
function rimsOf({ mcusDown, progressive }: Frame, { parts }: Scan): readonly Rims[] {
  if (progressive) return [];
  return parts.map(({ component: { stride, across, down } }) => {
    const blocks = stride * mcusDown * down;
    const mcu = parts.length === 1 ? { across: 1, down: 1 } : { across, down };
    return { top: new Float32Array(blocks), low: new Float32Array(blocks), stride, ...mcu };
  });
}

/** Follows the scan that begins at `at` and returns where the next marker stands. Throws BadScan. */
export function followScan(frame: Frame, scan: Scan, bytes: Uint8Array, at: number): number {
  const alone = scan.parts.length === 1 ? scan.parts[0]!.component : null;
  const width = alone ? alone.columns : frame.mcusAcross;
  const mcus = alone ? alone.columns * alone.rows : width * frame.mcusDown;
  const rims = rimsOf(frame, scan);
  let from = at;
  for (let done = 0, interval = 0; ; interval++) {
    const follower = new Follower(frame, scan, rims, bytes, from);
    const end = scan.restart > 0 ? Math.min(mcus, done + scan.restart) : mcus;
    for (; done < end; done++) follower.mcu(done);
    const { filledWith, at: rest } = follower.end();
    const marker = nextMarker(bytes, rest);
    const stray = marker.between > 0;
    if (filledWith === 'data' || (stray && filledWith === 'zeros') || marker.between > MOST_STRAY)
      throw new BadScan('data are left over');
    if (done === mcus) {
      if (rims.some((of) => shifted(of, { width, count: mcus, restart: scan.restart })))
        throw new BadScan('from some place on it is shifted in brightness or colour');
      return marker.at;
    }
    if (bytes[marker.at + 1] !== 0xd0 + (interval & 7)) throw new BadScan('a restart marker is missing');
    from = marker.at + 2;
  }
}
