/** Deleting a job's objects, in bounded batches. Safe to repeat. */
import type { EmptiedBucket } from './bucket.ts';

/** R2 deletes up to 1,000 keys in a call. */
const BATCH = 1000;

/** Deletes what lies under the prefixes and passes `keep`; at most `batches` batches. Returns whether nothing is left to delete. */
export async function deleteUnder(
  r2: EmptiedBucket,
  prefixes: string[],
  keep: (key: string) => boolean,
  batches: number,
): Promise<boolean> {
  let left = batches;
  for (const prefix of prefixes) {
    let cursor: string | undefined;
    do {
      if (left-- <= 0) return false;
      const listed = await r2.list({ prefix, limit: BATCH, ...(cursor === undefined ? {} : { cursor }) });
      const keys = listed.objects.map(({ key }) => key).filter((key) => !keep(key));
      if (keys.length > 0) await r2.delete(keys);
      cursor = listed.truncated ? listed.cursor : undefined;
    } while (cursor !== undefined);
  }
  return true;
}
