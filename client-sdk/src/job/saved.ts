/**
 * What this client needs to go on with a job after a reload: which files it is made of, and what is to be done with them. Kept beside
 * the session until the job has ended. Nothing depends on it while the page lives, so a storage that is full or broken is no error.
 */
import type { InvalidFile } from '../errors.ts';
import type { SessionStorage } from '../storage.ts';
import type { Change } from './types.ts';

export interface SavedJob {
  /** Names and fingerprints of the files by index; no fingerprints where nothing is to be uploaded. */
  names: readonly string[];
  prints: readonly string[];
  /** Positions of these files among those that were given, and the files that were left out. Not saved by earlier versions, which left none out. */
  fileIndexes?: readonly (number | null)[];
  refused?: readonly InvalidFile[];
  change: Change;
  /** Idempotency key of `jobs.execute`: two tabs that go on with the same job begin it once. */
  key: string;
}

export interface SavedJobs {
  keep(jobId: string, saved: SavedJob): Promise<void>;
  find(jobId: string): Promise<SavedJob | null>;
  forget(jobId: string): Promise<void>;
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
  return {
    keep: async (jobId, saved) => void (await safely(() => storage.set(key(jobId), JSON.stringify(saved)))),
    find: (jobId) =>
      safely(async () => {
        const text = await storage.get(key(jobId));
        return text === null ? null : (JSON.parse(text) as SavedJob);
      }),
    forget: async (jobId) => void (await safely(() => storage.remove(key(jobId)))),
  };
}
