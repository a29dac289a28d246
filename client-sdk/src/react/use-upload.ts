/** Files that a component collects, and the run that takes them. */
import { useMemo } from 'react';
import type { S3Client } from '../client.ts';
import type { PresetId } from '../generated/types.ts';
import type { JobHandle, RunInput } from '../job/types.ts';
import { filesIn, type PhotoFile, type PhotoFiles } from '../upload/photo-file.ts';
import type { Place } from './place.ts';
import { callsOf, shown, type UsedRun, type UseRunOptions, usePlace } from './use-run.ts';
import { photosOf, type UsedPhoto } from './used-photo.ts';

/** Everything that a run takes but for its files. */
type WithoutFiles<Input> = Input extends unknown ? Omit<Input, 'files'> : never;

/** A run, and the files that it will be made of. */
export interface UsedUpload extends Omit<UsedRun, 'start'> {
  files: readonly PhotoFile[];
  /** The files one by one with how each stands, under ids that stay; after a reload those of the job that was taken up. */
  photos: readonly UsedPhoto[];
  /** Adds files, such as those of an `<input type="file" multiple>` or a drop. They are copied at once: the input may be cleared. */
  add(files: PhotoFiles | null): void;
  /** Takes out the file at this position, or of this id. */
  remove(which: number | string): void;
  /** Puts a file in the place of the one at this position, or of this id, which the new one keeps: a JPEG made of a HEIC, a photo that was turned. */
  replace(which: number | string, file: PhotoFile): void;
  /** Takes out all files. */
  clear(): void;
  /** Begins a run of these files. While one is under way that one is returned; if it waits for files, these are brought to it. */
  start<P extends PresetId>(input: WithoutFiles<RunInput<P>>): JobHandle;
}

/**
 * A list of files with a run. Both live with the client, as `useRun` has it.
 *
 * @example
 * const upload = useUpload();
 * <input type="file" multiple onChange={({ target }) => upload.add(target.files)} />
 * <button onClick={() => upload.start({ preset: 'interior', concepts })} disabled={upload.running}>Apply</button>
 */
export function useUpload(given?: S3Client | UseRunOptions): UsedUpload {
  const { client, place, held, job } = usePlace(given);
  const calls = useMemo(() => {
    const run = callsOf(client, place);
    return { ...run, ...listOf(place), start: starting(place, run.start) };
  }, [client, place]);
  return useMemo(() => {
    const files = held.entries.map(({ file }) => file);
    return { ...shown(job, held, calls), files, photos: photosOf(held, job) };
  }, [job, held, calls]);
}

function starting(place: Place, begin: ReturnType<typeof callsOf>['start']) {
  return <P extends PresetId>(input: WithoutFiles<RunInput<P>>): JobHandle => {
    const { entries } = place.read();
    const files = entries.map(({ file }) => file);
    return begin(
      { ...input, files } as RunInput<P>,
      entries.map(({ id }) => id),
    );
  };
}

let last = 0;

function listOf(place: Place) {
  const append = (files: readonly PhotoFile[]) =>
    place.put({ entries: [...place.read().entries, ...files.map((file) => ({ id: `file-${++last}`, file }))] });
  return {
    add(files: PhotoFiles | null) {
      const copied = filesIn(files);
      if ('then' in copied) copied.then(append);
      else append(copied);
    },
    remove: (which: number | string) =>
      place.put({ entries: place.read().entries.filter(({ id }, at) => id !== which && at !== which) }),
    replace: (which: number | string, file: PhotoFile) =>
      place.put({
        entries: place.read().entries.map((one, at) => (one.id === which || at === which ? { id: one.id, file } : one)),
      }),
    clear: () => place.put({ entries: [] }),
  };
}
