/** Files that a component collects, and the run that takes them. */
import { useCallback, useMemo, useState } from 'react';
import type { S3Client } from '../client.ts';
import type { PresetId } from '../generated/types.ts';
import type { JobHandle, RunInput } from '../job/types.ts';
import type { PhotoFile } from '../upload/photo-file.ts';
import { type UsedRun, useRun } from './use-run.ts';

/** Everything that a run takes but for its files. */
type WithoutFiles<Input> = Input extends unknown ? Omit<Input, 'files'> : never;

/** A run, and the files that it will be made of. */
export interface UsedUpload extends Omit<UsedRun, 'start'> {
  files: readonly PhotoFile[];
  /** Adds files, such as those of an `<input type="file" multiple>` or a drop. */
  add(files: ArrayLike<PhotoFile>): void;
  /** Takes out the file at this position. */
  remove(index: number): void;
  /** Takes out all files. */
  clear(): void;
  /** Begins a run of these files. */
  start<P extends PresetId>(input: WithoutFiles<RunInput<P>>): JobHandle;
}

/**
 * A list of files with a run.
 *
 * @example
 * const upload = useUpload();
 * <input type="file" multiple onChange={({ target }) => upload.add(target.files ?? [])} />
 * <button onClick={() => upload.start({ preset: 'interior', concepts })}>{Math.round(upload.progress * 100)} %</button>
 */
export function useUpload(client?: S3Client): UsedUpload {
  const [files, setFiles] = useState<readonly PhotoFile[]>([]);
  const run = useRun(client);
  const begin = run.start;
  const start = useCallback(
    <P extends PresetId>(input: WithoutFiles<RunInput<P>>): JobHandle => begin({ ...input, files } as RunInput<P>),
    [begin, files],
  );
  return useMemo(
    () => ({
      ...run,
      files,
      start,
      add: (more: ArrayLike<PhotoFile>) => setFiles((known) => [...known, ...Array.from(more)]),
      remove: (index: number) => setFiles((known) => known.filter((_, at) => at !== index)),
      clear: () => setFiles([]),
    }),
    [run, files, start],
  );
}
