// A WebP from chunk to chunk (RFC 9649): its size, its frames, and whether all of it is there.

export interface Webp {
  readonly width: number;
  readonly height: number;
  /** 1 for a still */
  readonly frames: number;
  /** whether the file holds all that its header states */
  readonly whole: boolean;
}

const HEAD = 12;

/** Null when its header is none. */
export function readWebp(given: Uint8Array): Webp | null {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.length);
  let size: { width: number; height: number } | null = null;
  let [frames, pictures, animated, whole] = [0, 0, false, true];
  for (let at = HEAD; at + 8 <= bytes.length; ) {
    const type = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (data.length < length) whole = false;
    if (type === 'VP8X' && data.length >= 10) {
      animated = (data[0]! & 2) !== 0;
      size = { width: data.readUIntLE(4, 3) + 1, height: data.readUIntLE(7, 3) + 1 };
    }
    if (type === 'ANMF') frames++;
    if (type === 'VP8 ' || type === 'VP8L') {
      pictures++;
      size ??= sizeOf(type, data);
    }
    at += 8 + length + (length & 1);
  }
  if (!size) return null;
  return { ...size, frames: animated ? frames : 1, whole: whole && pictures + frames > 0 };
}

function sizeOf(type: string, data: Buffer): { width: number; height: number } | null {
  if (type === 'VP8L') {
    if (data.length < 5) return null;
    const bits = data.readUInt32LE(1);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (data.length < 10) return null;
  return { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff };
}
