/** What files are called, none like another and each as every file system takes it. */
import type { ResultFormat } from '../generated/types.ts';

const ENDINGS: Record<ResultFormat, string> = { jpeg: 'jpg', png: 'png', webp: 'webp' };
/** Bytes of a name on most file systems, less what a number and an ending take. */
const MOST_BYTES = 240;
/** What some system takes for something else, and what can't be seen. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
const UNSAFE = /[\\/:*?"<>|\u0000-\u001f\u007f]/g;

/**
 * Names of files for photos, each with the ending of the format: `kitchen.jpg`, and `kitchen-2.jpg` for a second one of that name.
 * @param photos names of the photos, by whatever their owner calls them
 * @param format of the results; left out: the server's own, png
 */
export function fileNames(photos: readonly string[], format: ResultFormat | undefined): string[] {
  const ending = ENDINGS[format ?? 'png'];
  const taken = new Set<string>();
  return photos.map((photo) => {
    const stem = shortened(photo.replace(UNSAFE, '_').replace(/\.\w{1,5}$/, '')) || 'photo';
    for (let count = 1; ; count++) {
      const name = `${stem}${count === 1 ? '' : `-${count}`}.${ending}`;
      // Some systems take names for one that differ in case, or in how an accent is written.
      const same = name.normalize('NFC').toLowerCase();
      if (taken.has(same)) continue;
      taken.add(same);
      return name;
    }
  });
}

/** Whole characters, and no dots or spaces at the ends, which hide a file or are lost. */
function shortened(stem: string): string {
  let kept = '';
  let bytes = 0;
  for (const char of stem) {
    bytes += new TextEncoder().encode(char).length;
    if (bytes > MOST_BYTES) break;
    kept += char;
  }
  return kept.replace(/^[. ]+|[. ]+$/g, '');
}
