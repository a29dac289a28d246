/** Making a job that is known before there is an answer: if the page ends meanwhile, or the line, its key finds it. */
import type { CreatedJob, CreateInput } from '../generated/types.ts';
import type { JobDeps } from './deps.ts';
import type { SavedJob } from './saved.ts';

/** Left kept under its key, also when it fails in a way that may have made it. */
export function createKept(
  { call, saved, presence, clock }: JobDeps,
  key: string,
  create: CreateInput,
  todo: SavedJob,
): Promise<CreatedJob> {
  return presence.at(key, async () => {
    await saved.keep(key, { ...todo, create, at: clock.now() });
    return call('jobs.create', create).catch(async (error) => {
      if (!error.retryable) await saved.forget(key);
      throw error;
    });
  });
}
