/** Files that were picked again to go on with a job: which of its photos they bring, and which of them bring nothing. */
import { type PreparedPhoto, sortOut } from '../upload/files.ts';
import { fingerprint, placed } from '../upload/fingerprint.ts';
import type { PhotoFile } from '../upload/photo-file.ts';
import type { UnmatchedFile } from './types.ts';

export interface Picked {
  /** With the indexes of the job's photos that they are. */
  photos: PreparedPhoto[];
  unmatched: UnmatchedFile[];
}

/** @param prints of the job's photos; without them the files are taken to be those of the beginning, in their order */
export async function pickedFor(files: readonly PhotoFile[], prints: readonly string[]): Promise<Picked> {
  const { photos, refused } = await sortOut(files, files.length);
  if (prints.length === 0) return { photos, unmatched: refused };
  const theirs = await Promise.all(photos.map((photo) => fingerprint(photo).catch(() => '')));
  const others = photos.filter((_, at) => !prints.includes(theirs[at] ?? ''));
  const message = 'is none of the photos of this job';
  const strangers = others.map(({ fileIndex, name }) => ({
    index: fileIndex,
    name,
    reason: 'another' as const,
    message,
  }));
  return { photos: placed(prints, theirs, photos), unmatched: [...refused, ...strangers] };
}
