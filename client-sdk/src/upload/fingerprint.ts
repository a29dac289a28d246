/** Recognising a file that was picked again, by what is in it: names change, and two cameras use the same ones. */
import { readBytes } from './bytes.ts';
import type { PreparedPhoto } from './files.ts';

/** Bytes that are read at each end. Cameras write differing data there. */
const ENDS = 4_096;

/** A short text from the size and both ends of the file. No proof against someone who wants two files to look the same. */
export async function fingerprint({ body, bytes }: PreparedPhoto): Promise<string> {
  const head = await readBytes(body, 0, ENDS);
  const tail = await readBytes(body, Math.max(0, bytes - ENDS), bytes);
  return `${bytes.toString(36)}-${hash(hash(0, head), tail).toString(36)}`;
}

/** Of each; none where one can't be read any more. */
export const fingerprints = (photos: readonly PreparedPhoto[]): Promise<string[]> =>
  Promise.all(photos.map(fingerprint)).catch(() => []);

/** FNV-1a, 32 bit. Web Crypto is missing on pages without HTTPS. */
function hash(seed: number, bytes: Uint8Array): number {
  let value = seed ^ 0x811c9dc5;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}

/** Those of `photos` whose fingerprints are in `saved`, in their places there. A file that is there twice need not be picked twice. */
export async function matchFiles(saved: readonly string[], photos: readonly PreparedPhoto[]): Promise<PreparedPhoto[]> {
  return placed(saved, await Promise.all(photos.map(fingerprint)), photos);
}

/** The same where their fingerprints are known. */
export const placed = (
  saved: readonly string[],
  prints: readonly string[],
  photos: readonly PreparedPhoto[],
): PreparedPhoto[] =>
  saved.flatMap((print, index) => {
    const photo = photos[prints.indexOf(print)];
    return photo ? { ...photo, index } : [];
  });

/** Bytes of the file that a fingerprint is of; 0 where there is none. */
export const sizeIn = (print = ''): number => Number.parseInt(print, 36) || 0;
