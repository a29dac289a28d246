/** What `@s3-workers/client-sdk/files` exports: what becomes of files if they are sent, told before anything is. */
import type { InvalidFile } from '../errors.ts';
import { sortOut } from '../upload/files.ts';
import { fingerprint } from '../upload/fingerprint.ts';
import { filesIn, type PhotoFiles } from '../upload/photo-file.ts';

/** A file that was looked at. */
export interface InspectedFile {
  /** Position in the files that were given, from 0. */
  index: number;
  name: string;
  /** Why it can't be sent, as `start` and `run` would say it; null if it can. How many a job takes is not asked. */
  refused: InvalidFile | null;
  /** Short, and the same for two files of one content; null where it was refused. No proof against someone who wants two to look the same. */
  print: string | null;
}

/**
 * Looks at files as `start` and `run` do, in as little of each as that takes: what can't be sent and why, and which are the same photo twice.
 *
 * @example
 * for (const { name, refused } of await inspectFiles(input.files)) console.log(name, refused ? fileText(refused, 'ko') : 'can be sent');
 */
export async function inspectFiles(files: PhotoFiles): Promise<InspectedFile[]> {
  const given = await filesIn(files);
  const { photos, refused } = await sortOut(given, given.length);
  const inspected: InspectedFile[] = refused.map((file) => ({
    index: file.index,
    name: file.name,
    refused: file,
    print: null,
  }));
  for (const photo of photos) {
    // Gone since it was looked at: whoever sends it says so.
    const print = await fingerprint(photo).catch(() => null);
    inspected.push({ index: photo.fileIndex, name: photo.name, refused: null, print });
  }
  return inspected.sort((a, b) => a.index - b.index);
}
