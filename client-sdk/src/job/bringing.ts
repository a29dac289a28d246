/** Going on with an upload: the photos that the storage lacks are picked again, in as many rounds as it takes. */
import { local, type S3Error } from '../errors.ts';
import type { PreparedPhoto } from '../upload/files.ts';
import type { PhotoFile } from '../upload/photo-file.ts';
import { pickedFor } from './picked.ts';
import type { Presence } from './presence.ts';
import type { JobStore } from './store.ts';
import type { UnmatchedFile } from './types.ts';
import type { Uploading } from './uploading.ts';

export interface Bringing {
  jobId: string;
  prints: readonly string[];
  /** Whether the first files are all that will come. */
  final: boolean;
  /** The next files that are picked. */
  picked(): Promise<readonly PhotoFile[]>;
  /** Files that are known to bring nothing. */
  unmatched: readonly UnmatchedFile[];
  store: JobStore;
  uploading: Uploading;
  presence: Presence;
}

/** Resolves once nothing is missing. What was picked in vain is told in the state; where no more will come, UPLOAD_INCOMPLETE is thrown. */
export async function bringMissing(bringing: Bringing): Promise<void> {
  const { jobId, prints, final, picked, store, uploading, presence } = bringing;
  let { unmatched } = bringing;
  let rounds = 0;
  for (let open = await uploading.missing(jobId); open.length > 0; open = await uploading.missing(jobId)) {
    store.arrivedBut(open);
    let mine: PreparedPhoto[] = [];
    while (mine.length === 0) {
      if (final && rounds++ > 0) throw incomplete(open, store);
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
    await presence.at(jobId, () => uploading.some(jobId, mine));
  }
  store.missing([]);
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
