// A JPEG from marker to marker: its size, and whether the picture is all there. Decoders go on over gaps with a warning that says little
// (an odd SOS, a missing end marker and half a photo sound alike), so the codes are followed here, without making a picture of them.

import { type Frame, readFrame, withRoom } from './frame.ts';
import { BadScan, type HuffmanTable, huffmanTable } from './huffman.ts';
import { followScan, type Scan } from './scan.ts';

/** The second bytes of markers. */
const [EOI, DHT, SOS, DQT, DRI] = [0xd9, 0xc4, 0xda, 0xdb, 0xdd];

const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== DHT && marker !== 0xc8 && marker !== 0xcc;
const standsAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= EOI);

interface Segment {
  readonly marker: number;
  readonly body: Uint8Array;
  /** where what follows begins */
  readonly next: number;
}

/** The next segment; stray bytes and 0xFF as fill before its marker are passed over. Null when the file ends before its end. */
function nextSegment(bytes: Uint8Array, from: number): Segment | null {
  let at = from;
  while (at < bytes.length && !(bytes[at] === 0xff && bytes[at + 1] !== 0 && bytes[at + 1] !== 0xff)) at++;
  const marker = bytes[at + 1];
  if (marker === undefined) return null;
  if (standsAlone(marker)) return { marker, body: bytes.subarray(0, 0), next: at + 2 };
  if (at + 4 > bytes.length) return null;
  const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  const next = at + 2 + length;
  return length < 2 || next > bytes.length ? null : { marker, body: bytes.subarray(at + 4, next), next };
}

/** The frame alone, from the header; null when there is none. */
export function jpegFrame(bytes: Uint8Array): Frame | null {
  for (let at = 2, segment = nextSegment(bytes, at); segment; segment = nextSegment(bytes, at)) {
    if (isFrame(segment.marker)) return readFrame(segment.marker, segment.body);
    if (segment.marker === SOS || segment.marker === EOI) return null;
    at = segment.next;
  }
  return null;
}

class Tables {
  readonly huffman = new Map<number, HuffmanTable>();
  readonly quantisation: Uint16Array[] = [];
  restart = 0;

  read({ marker, body }: Segment): void {
    if (marker === DHT) this.#readHuffman(body);
    else if (marker === DQT) this.#readQuantisation(body);
    else if (marker === DRI) this.restart = (body[0]! << 8) | body[1]!;
  }

  #readHuffman(body: Uint8Array): void {
    for (let at = 0; at + 17 <= body.length; ) {
      const counts = body.subarray(at + 1, at + 17);
      const symbols = body.subarray(at + 17, at + 17 + counts.reduce((sum, n) => sum + n, 0));
      const table = huffmanTable(counts, symbols);
      if (!table) throw new BadScan('a table that is none');
      this.huffman.set(body[at]!, table);
      at += 17 + symbols.length;
    }
  }

  #readQuantisation(body: Uint8Array): void {
    for (let at = 0; at < body.length; ) {
      const wide = body[at]! >> 4 > 0;
      const factor = (k: number) => (wide ? (body[at + 1 + 2 * k]! << 8) | body[at + 2 + 2 * k]! : body[at + 1 + k]!);
      this.quantisation[body[at]! & 3] = Uint16Array.from({ length: 64 }, (_, k) => factor(k));
      at += wide ? 129 : 65;
    }
  }
}

function readScan(frame: Frame, tables: Tables, body: Uint8Array): Scan {
  const count = body[0]!;
  const parts = Array.from({ length: count }, (_, k) => {
    const component = frame.components.find(({ id }) => id === body[1 + 2 * k]);
    if (!component) throw new BadScan('a component that is not there');
    const choice = body[2 + 2 * k]!;
    const table = (kind: number, n: number): HuffmanTable | null => tables.huffman.get((kind << 4) | n) ?? null;
    return { component, dc: table(0, choice >> 4), ac: table(1, choice & 15) };
  });
  const { restart, quantisation } = tables;
  // Of a sequential frame, what a scan says of coefficients and bits means nothing: some cameras write anything there.
  if (!frame.progressive) return { parts, first: 0, last: 63, before: 0, after: 0, restart, quantisation };
  const at = 1 + 2 * count;
  const [first, last, bits] = [body[at]!, body[at + 1]!, body[at + 2]!];
  if (!(first <= last && last < 64)) throw new BadScan('a band that does not exist');
  return { parts, first, last, before: bits >> 4, after: bits & 15, restart, quantisation };
}

function note(scan: Scan): void {
  for (const { component } of scan.parts) component.lowestBit.fill(scan.after, scan.first, scan.last + 1);
}

/** Has every component its scan, and, where the file does not say that it ends, every coefficient its last bit? */
function complete(frame: Frame, ended: boolean): boolean {
  return frame.components.every(({ lowestBit }) => (ended ? lowestBit[0]! >= 0 : lowestBit.every((bit) => bit === 0)));
}

/** What is wrong with the picture's data; null when all of it is there, and when it is of a kind that is not followed here. */
export function jpegDamage(bytes: Uint8Array): string | null {
  const tables = new Tables();
  let frame: Frame | null = null;
  let ended = false;
  try {
    for (let segment = nextSegment(bytes, 2); segment && !ended; ) {
      let at = segment.next;
      ended = segment.marker === EOI;
      if (isFrame(segment.marker)) frame = frameOf(segment);
      else tables.read(segment);
      if (frame && !frame.huffman) return null;
      if (segment.marker === SOS) {
        if (!frame) return 'a scan before its frame';
        const scan = readScan(frame, tables, segment.body);
        at = followScan(frame, scan, bytes, at);
        note(scan);
      }
      segment = nextSegment(bytes, at);
    }
  } catch (error) {
    if (error instanceof BadScan) return error.message;
    throw error;
  }
  return frame && complete(frame, ended) ? null : 'the data end early';
}

function frameOf({ marker, body }: Segment): Frame | null {
  const frame = readFrame(marker, body);
  return frame && withRoom(frame);
}
