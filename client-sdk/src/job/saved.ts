/**
 * What this client needs to go on with a job after a reload: which files it is made of, and what is to be done with them. Kept beside
 * the session until the job has ended. Nothing depends on it while the page lives, so a storage that is full or broken is no error.
 */

import type { InvalidFile } from '../errors.ts';
import type { CreateInput, PresetId } from '../generated/types.ts';
import type { SessionStorage } from '../storage.ts';
import type { Change, JobState } from './types.ts';

export interface SavedJob {
  /** Not saved by earlier versions. */
  preset?: PresetId;
  /** Names and fingerprints of the files by index; no fingerprints where nothing is to be uploaded. */
  names: readonly string[];
  prints: readonly string[];
  /** Positions of these files among those that were given, and the files that were left out. Not saved by earlier versions, which left none out. */
  fileIndexes?: readonly (number | null)[];
  refused?: readonly InvalidFile[];
  change: Change;
  /** What `jobs.create` was asked for, while there is no answer: until then the job is kept under the key of that. And since when. */
  create?: CreateInput;
  at?: number;
  /** Idempotency key of `jobs.execute`: two tabs that go on with the same job begin it once. */
  key: string;
}

/** With what a tab that is closed during the upload needs when it comes back. */
export const withFiles = (
  todo: SavedJob,
  { items, refused }: JobState,
  preset: PresetId | undefined,
  prints: readonly string[],
): SavedJob => {
  const files = { names: items.map(({ name }) => name), fileIndexes: items.map(({ fileIndex }) => fileIndex) };
  return { ...todo, ...files, refused, prints, ...(preset && { preset }) };
};

/** Jobs that are remembered; of more, the oldest are forgotten: they ended in another tab, or nobody came back to them. */
const MOST = 20;

export interface SavedJobs {
  /** @param before what it was kept as until now, if that was another id */
  keep(jobId: string, saved: SavedJob, before?: string): Promise<void>;
  find(jobId: string): Promise<SavedJob | null>;
  forget(jobId: string): Promise<void>;
  /** Ids of all that are kept, the latest first. */
  all(): Promise<string[]>;
}

export function createSavedJobs(storage: SessionStorage, prefix: string): SavedJobs {
  const key = (jobId: string) => `${prefix}:job:${jobId}`;
  const safely = async <T>(work: () => T | Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch {
      return null;
    }
  };
  const listKey = `${prefix}:jobs`;
  const read = <T>(from: string): Promise<T | null> =>
    safely(async () => JSON.parse((await storage.get(from)) ?? 'null') as T | null);
  const all = async (): Promise<string[]> => (await read<string[]>(listKey)) ?? [];
  /** One change at a time, over all tabs. */
  const relist = async (gone: string[], added: string[]): Promise<void> => {
    const change = async (): Promise<void> => {
      const ids = [...added, ...(await all()).filter((id) => !gone.includes(id))];
      for (const id of ids.splice(MOST)) await storage.remove(key(id));
      await (ids.length > 0 ? storage.set(listKey, JSON.stringify(ids)) : storage.remove(listKey));
    };
    last = last.then(() => safely(() => (storage.exclusive ? storage.exclusive(listKey, change) : change())));
    await last;
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    all,
    async keep(jobId, saved, before = jobId) {
      await relist([jobId, before], [jobId]);
      await safely(() => storage.set(key(jobId), JSON.stringify(saved)));
      if (before !== jobId) await safely(() => storage.remove(key(before)));
    },
    find: (jobId) => read(key(jobId)),
    async forget(jobId) {
      await safely(() => storage.remove(key(jobId)));
      await relist([jobId], []);
    },
  };
}
