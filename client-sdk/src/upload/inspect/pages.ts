/** Reading here and there in a file, a page at a time, without ever holding all of it. */
import type { readBytes } from '../bytes.ts';

const PAGE = 4_096;
/** Pages of one file that are read at most: as many as a JPEG of 25 MB has segments when all are as long as they can be. */
export const MOST_PAGES = 400;

export interface Pages {
  /** What is known of the file from there on: `least` bytes or more; fewer at its end, and none when enough was read of it. */
  from(offset: number, least: number): Promise<Uint8Array>;
}

export function pagesOf(data: Uint8Array | Blob, read: typeof readBytes): Pages {
  let start = 0;
  let page = new Uint8Array();
  let times = 0;
  return {
    async from(offset, least) {
      if (times === 0 || offset < start || offset + least > start + page.length) {
        if (times++ >= MOST_PAGES) return new Uint8Array();
        page = new Uint8Array(await read(data, offset, offset + Math.max(PAGE, least)));
        start = offset;
      }
      return page.subarray(offset - start);
    },
  };
}

/** Bytes as characters of the same codes, which patterns can be held against: React Native has no TextDecoder. */
export const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** A whole number of `bytes` bytes, the most significant first; `NaN` where there are none. */
export function uint(from: Uint8Array, at: number, bytes: number, littleEndian = false): number {
  let value = 0;
  for (let i = 0; i < bytes; i++) {
    value = value * 256 + (from[at + (littleEndian ? bytes - 1 - i : i)] ?? Number.NaN);
  }
  return value;
}
