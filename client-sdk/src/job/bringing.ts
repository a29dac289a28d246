/** Going on with an upload: the photos that the storage lacks are picked again, in as many rounds as it takes. */
import { abortable } from '../abort.ts';
import { local, type S3Error } from '../errors.ts';
import type { PreparedPhoto } from '../upload/files.ts';
import { filesIn, type PhotoFile, type PhotoFiles } from '../upload/photo-file.ts';
import { mailbox } from './deferred.ts';
import type { JobDeps, Photos } from './deps.ts';
import { pickedFor } from './picked.ts';
import { type JobStore, jobIdIn } from './store.ts';
import type { UnmatchedFile } from './types.ts';
import type { Uploading } from './uploading.ts';

export interface Bringing {
  /** Files were picked. */
  bring(files: PhotoFiles | Photos): void;
  /** The next files that are picked. */
  picked(): Promise<readonly PhotoFile[]>;
  /**
   * Resolves once nothing is missing. What was picked in vain is told in the state; where no more will come, UPLOAD_INCOMPLETE is thrown.
   * @param unmatched files that are known to bring nothing
   */
  missing(prints: readonly string[], unmatched?: readonly UnmatchedFile[]): Promise<void>;
}

/** @param only these files are all that will come */
export function createBringing(
  { presence }: JobDeps,
  store: JobStore,
  uploading: Uploading,
  only: Photos | undefined,
  signal: AbortSignal,
): Bringing {
  const brought = mailbox<Photos>();
  const bring = (files: PhotoFiles | Photos): void => {
    const copied = filesIn(files);
    // It may fail before it is looked at.
    Promise.resolve(copied).catch(() => {});
    brought.put(copied);
  };
  const picked = async () => await abortable(brought.take(), signal);
  if (only) bring(only);
  return {
    bring,
    picked,
    async missing(prints, unmatched = []) {
      let rounds = 0;
      for (let open = await uploading.missing(); open.length > 0; open = await uploading.missing()) {
        store.arrivedBut(open);
        let mine: PreparedPhoto[] = [];
        while (mine.length === 0) {
          if (only && rounds++ > 0) throw incomplete(open, store);
          store.missing(open, unmatched);
          const found = await pickedFor(await picked(), prints);
          unmatched = found.unmatched;
          mine = wanted(found.photos, open, store);
        }
        store.photos(mine);
        store.missing(
          open.filter((idx) => !mine.some(({ index }) => index === idx)),
          unmatched,
        );
        await presence.at(jobIdIn(store), () => uploading.some(mine));
      }
      store.missing([]);
    },
  };
}

/** With the positions that the files had when the job was made. */
const wanted = (photos: readonly PreparedPhoto[], open: readonly number[], { state }: JobStore): PreparedPhoto[] =>
  photos
    .filter(({ index }) => open.includes(index))
    .map((photo) => ({ ...photo, fileIndex: state.items[photo.index]?.fileIndex ?? photo.fileIndex }));

function incomplete(missing: number[], { state }: JobStore): S3Error {
  const message = `Photos are still missing: ${missing.map((idx) => state.items[idx]?.name).join(', ')}`;
  return local('UPLOAD_INCOMPLETE', message, { missing, wrong: [] });
}
