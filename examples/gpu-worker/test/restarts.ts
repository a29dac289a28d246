// Puts restart markers into a baseline JPEG, as cameras do and the tests' encoder cannot: its codes stay, but for the mean value that
// begins an interval, which is written from 0 on.

import { readFrame } from '../src/photo/jpeg/frame.ts';
import { BitReader, type HuffmanTable, huffmanTable } from '../src/photo/jpeg/huffman.ts';

interface Table {
  readonly read: HuffmanTable;
  /** by symbol: code and length */
  readonly codes: ReadonlyMap<number, readonly [number, number]>;
}

function tableOf(counts: Uint8Array, symbols: Uint8Array): Table {
  const codes = new Map<number, readonly [number, number]>();
  let [code, k] = [0, 0];
  for (let length = 1; length <= 16; length++, code <<= 1)
    for (let n = counts[length - 1]!; n > 0; n--) codes.set(symbols[k++]!, [code++, length]);
  return { read: huffmanTable(counts, symbols)!, codes };
}

class BitWriter {
  readonly bytes: number[] = [];
  #bits = 0;
  #have = 0;

  put(value: number, count: number): void {
    for (let n = count - 1; n >= 0; n--) {
      this.#bits = (this.#bits << 1) | ((value >> n) & 1);
      if (++this.#have < 8) continue;
      this.bytes.push(this.#bits, ...(this.#bits === 0xff ? [0] : []));
      [this.#bits, this.#have] = [0, 0];
    }
  }

  symbol({ codes }: Table, symbol: number): void {
    const code = codes.get(symbol);
    if (!code) throw new Error(`no code for ${symbol}`);
    this.put(...code);
  }

  mark(marker: number): void {
    while (this.#have > 0) this.put(1, 1);
    this.bytes.push(0xff, marker);
  }
}

const sizeOf = (value: number): number => 32 - Math.clz32(Math.abs(value));

/** A restart marker after every `interval` MCUs. `shift`: from that MCU on, the first component's mean values are off by so many steps. */
export function withRestarts(
  file: Buffer,
  interval: number,
  shift = { from: Number.POSITIVE_INFINITY, by: 0 },
): Buffer {
  const tables = new Map<number, Table>();
  let [at, frame] = [2, readFrame(0, new Uint8Array())];
  while (file[at + 1] !== 0xda) {
    const body = file.subarray(at + 4, at + 2 + file.readUInt16BE(at + 2));
    if (file[at + 1] === 0xc0) frame = readFrame(0xc0, body);
    for (let from = 0; file[at + 1] === 0xc4 && from < body.length; ) {
      const counts = body.subarray(from + 1, from + 17);
      const symbols = body.subarray(from + 17, from + 17 + counts.reduce((sum, n) => sum + n, 0));
      tables.set(body[from]!, tableOf(counts, symbols));
      from += 17 + symbols.length;
    }
    at += 4 + body.length;
  }
  const start = at + 2 + file.readUInt16BE(at + 2);
  const chosen = frame!.components.map((_, k) => file[at + 6 + 2 * k]!);
  const [reader, writer] = [new BitReader(file, start), new BitWriter()];
  const blocks = frame!.components.map(({ across, down }) => (frame!.components.length === 1 ? 1 : across * down));
  const means = blocks.map(() => 0);
  const written = blocks.map(() => 0);
  const { components, mcusAcross, mcusDown } = frame!;
  const mcus = components.length === 1 ? components[0]!.columns * components[0]!.rows : mcusAcross * mcusDown;
  for (let mcu = 0; mcu < mcus; mcu++) {
    if (mcu > 0 && mcu % interval === 0) {
      writer.mark(0xd0 + ((mcu / interval - 1) & 7));
      written.fill(0);
    }
    for (const [k, count] of blocks.entries()) {
      for (let n = 0; n < count; n++) {
        const [dc, ac] = [tables.get(chosen[k]! >> 4)!, tables.get(16 | (chosen[k]! & 15))!];
        means[k]! += reader.signed(reader.symbol(dc.read));
        // A shift is a wrong difference; it lasts until the next marker, where values begin anew.
        const error = mcu === shift.from && k === 0 && n === 0 ? shift.by : 0;
        const difference = means[k]! - written[k]! + error;
        written[k] = means[k]!;
        writer.symbol(dc, sizeOf(difference));
        writer.put(difference < 0 ? difference - 1 : difference, sizeOf(difference));
        copyBand(reader, writer, ac);
      }
    }
  }
  writer.mark(0xd9);
  const stated = Buffer.from([0xff, 0xdd, 0, 4, interval >> 8, interval & 255]);
  return Buffer.concat([file.subarray(0, at), stated, file.subarray(at, start), Buffer.from(writer.bytes)]);
}

function copyBand(reader: BitReader, writer: BitWriter, table: Table): void {
  for (let k = 1; k < 64; k++) {
    const symbol = reader.symbol(table.read);
    writer.symbol(table, symbol);
    const bits = symbol & 15;
    if (bits === 0 && symbol >> 4 < 15) return;
    k += symbol >> 4;
    writer.put(reader.bits(bits), bits);
  }
}
