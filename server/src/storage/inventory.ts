/** What lies in R2 under a job's folders, by photo index. */
import { type Bitmap, bit, EMPTY } from '../domain/bitmap.ts';
import type { Found } from '../domain/job/uploads.ts';
import { indexOfKey, inputPrefix, type JobRef, outputPrefix } from '../domain/keys.ts';

/** A job has 200 photos at most, so one LIST of up to 1,000 keys finds them all; a second page is a bug, not a need. */
const PAGE_SIZE = 1000;
const MAX_PAGES = 3;

async function* objectsUnder(r2: R2Bucket, prefix: string, withMetadata: boolean): AsyncGenerator<R2Object> {
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const options: R2ListOptions = { prefix, limit: PAGE_SIZE };
    if (withMetadata) options.include = ['httpMetadata'];
    if (cursor !== undefined) options.cursor = cursor;
    const listed = await r2.list(options);
    yield* listed.objects;
    if (!listed.truncated) return;
    cursor = listed.cursor;
  }
}

export async function listInputs(r2: R2Bucket, job: JobRef): Promise<Map<number, Found>> {
  const found = new Map<number, Found>();
  for await (const object of objectsUnder(r2, inputPrefix(job), true)) {
    const idx = indexOfKey(object.key);
    if (idx !== null) found.set(idx, { bytes: object.size, contentType: object.httpMetadata?.contentType ?? null });
  }
  return found;
}

/** The photos whose result lies in R2 and is not empty. */
export async function listResults(r2: R2Bucket, job: JobRef): Promise<Bitmap> {
  let present = EMPTY;
  for await (const object of objectsUnder(r2, outputPrefix(job), false)) {
    const idx = indexOfKey(object.key);
    if (idx !== null && object.size > 0) present |= bit(idx);
  }
  return present;
}
