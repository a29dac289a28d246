/** What an album comes to: how many can be sent, how many can't, which are there twice. */
import type { PhotoFile } from '@s3-workers/client-sdk';
import type { Facts } from './facts.ts';

export interface Tally {
  /** Files that can be sent, or are not looked at yet. */
  good: number;
  refused: number;
  /** Not looked at yet, or a JPEG is being made of them. */
  open: number;
  /** Bytes of all but the refused. */
  bytes: number;
  /** Files of which the same stands before them. */
  twice: ReadonlySet<PhotoFile>;
}

export function tallyOf(files: readonly PhotoFile[], factsOf: (file: PhotoFile) => Facts): Tally {
  const seen = new Set<string>();
  const twice = new Set<PhotoFile>();
  const tally = { good: 0, refused: 0, open: 0, bytes: 0, twice };
  for (const file of files) {
    const { looked, refused, print, jpeg } = factsOf(file);
    if (!looked || jpeg === 'making') tally.open++;
    if (refused !== null && jpeg !== 'making') tally.refused++;
    else {
      tally.good++;
      tally.bytes += sizeOf(file);
    }
    if (print === null) continue;
    if (seen.has(print)) twice.add(file);
    seen.add(print);
  }
  return tally;
}

const sizeOf = (file: PhotoFile): number => ('size' in file && typeof file.size === 'number' ? file.size : 0);
