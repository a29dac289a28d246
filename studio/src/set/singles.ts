/** The finished photos by themselves, as files of a set. */
import { fileNames } from '@s3-workers/client-sdk/results';
import type { StoredPhoto } from './messages.ts';
import type { SetWords } from './words.ts';
import type { SinglePhoto } from './zip.ts';

/** Results are JPEG: the studio asks for nothing else. */
const FORMAT = 'jpeg';

/** Of the first so many looks; of more than one each in a folder of its own. */
export function singlesOf(photos: readonly StoredPhoto[], looks: number, { lookNumber }: SetWords): SinglePhoto[] {
  return Array.from({ length: looks }, (_, look) => {
    const there = photos.flatMap(({ name, after }) => (after[look] ? [{ name, url: after[look] }] : []));
    const names = fileNames(
      there.map(({ name }) => name),
      FORMAT,
    );
    const folder = looks === 1 ? '' : `${lookNumber(look + 1)}/`;
    return there.map(({ url }, at) => ({ name: `${folder}${names[at]}`, url }));
  }).flat();
}
