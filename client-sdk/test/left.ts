/** Pages that people leave in the middle of an upload, and what is shown on the way. */
import { expect } from 'vitest';
import { createClientWith } from '../src/client.ts';
import { type JobHandle, memoryStorage, type PhotoFile } from '../src/index.ts';
import type { FakeApi } from './fake-api.ts';
import { ManualClock, until } from './manual-clock.ts';
import { setUp } from './support.ts';

export const body = { Body: { action: 'remove' } } as const;
export const white = { Body: { action: 'recolor', value: 'white' } } as const;
export const count = (api: FakeApi, path: string) => api.log.filter((entry) => entry === path).length;
/** The uploads of these photos come to no end. */
export const sticking =
  (...stuck: number[]) =>
  ({ url }: Request) =>
    stuck.some((idx) => url.includes(`/${idx}?`)) ? new Promise<Response>(() => {}) : undefined;

/** A page that is left with the photos at `stuck` not uploaded; what comes later opens the app again, on the same storage. */
export async function left(files: PhotoFile[], stuck: number[]) {
  const storage = memoryStorage();
  const { api, client } = setUp({ storage });
  api.faults = [sticking(...stuck)];
  api.itemsAt = (polls, { photos }) => photos.map((_, idx) => ({ idx, status: polls > 20 ? 'done' : 'pending' }));
  const job = client.jobs.start({ preset: 'seller', files, concepts: body });
  await until(() => api.stored.size === files.length - stuck.length && job.id !== null);
  await until(() => count(api, 'jobs.create') === 1);
  const open = (options = {}) => {
    api.faults = [];
    const clock = new ManualClock();
    const again = { baseUrl: api.base, fetch: api.fetch, WebSocket: null, storage, ...options };
    return { clock, client: createClientWith(again, clock) };
  };
  return { api, client, job, jobId: job.id as string, storage, open };
}

/** Every state that was shown, and that none shows less than one before. */
export function watchProgress(job: JobHandle<'seller'> | JobHandle): number[] {
  const seen = [job.state.progress];
  let bytes = job.state.uploadedBytes;
  job.subscribe(() => {
    const { progress, uploadedBytes } = job.state;
    expect(progress).toBeGreaterThanOrEqual(seen.at(-1) ?? 0);
    expect(progress).toBeLessThanOrEqual(1);
    expect(uploadedBytes).toBeGreaterThanOrEqual(bytes);
    bytes = uploadedBytes;
    seen.push(progress);
  });
  return seen;
}
