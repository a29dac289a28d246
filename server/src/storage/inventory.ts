/** What lies in R2 under a job's folders, by photo index. */
import { OUTPUT_TYPES } from '../contract/gpu-message.ts';
import { type Bitmap, bit, EMPTY } from '../domain/bitmap.ts';
import type { Found } from '../domain/job/uploads.ts';
import { indexOfKey, inputPrefix, type JobRef, outputPrefix } from '../domain/keys.ts';

/** A job has 200 photos at most, so one LIST of up to 1,000 keys finds them all; a second page is a bug, not a need. */
const PAGE_SIZE = 1000;
const MAX_PAGES = 3;

async function* objectsUnder(r2: R2Bucket, prefix: string): AsyncGenerator<R2Object> {
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const options: R2ListOptions = { prefix, limit: PAGE_SIZE, include: ['httpMetadata'] };
    if (cursor !== undefined) options.cursor = cursor;
    const listed = await r2.list(options);
    yield* listed.objects;
    if (!listed.truncated) return;
    cursor = listed.cursor;
  }
}

export async function listInputs(r2: R2Bucket, job: JobRef): Promise<Map<number, Found>> {
  const found = new Map<number, Found>();
  for await (const object of objectsUnder(r2, inputPrefix(job))) {
    const idx = indexOfKey(object.key);
    if (idx === null) continue;
    const { contentType = null, contentEncoding } = object.httpMetadata ?? {};
    found.set(idx, { bytes: object.size, contentType, encoding: contentEncoding });
  }
  return found;
}

/**
 * What a result may be stored as. The type that the job asked for is signed; a release that knew no other signs for png, and GPU workers
 * with keys of their own may give it none.
 */
const RESULT_TYPES = new Set<string | undefined>([...OUTPUT_TYPES, 'application/octet-stream', undefined]);

/** The photos whose result lies in R2, is not empty, and is not stored as anything but a result. */
export async function listResults(r2: R2Bucket, job: JobRef): Promise<Bitmap> {
  let present = EMPTY;
  for await (const object of objectsUnder(r2, outputPrefix(job))) {
    const idx = indexOfKey(object.key);
    if (idx !== null && object.size > 0 && RESULT_TYPES.has(object.httpMetadata?.contentType)) present |= bit(idx);
  }
  return present;
}
