/**
 * What a job leaves lying, and for how long: gigabytes times days, since storage is billed by the month. Its objects are a few bytes each
 * where calls are counted, so their sizes are stated here: those of photos with 12 megapixels.
 */

/** For how long: what JOB_RESULT_RETENTION_MS, which the photos of a job that ran go by as well, and HISTORY_DAYS are by default. */
const DAYS = { objects: 30, history: 400 };
const GB = 1e9;

/** Bytes. A result is a PNG of the whole photo, which is most of it. */
const SIZE = { photo: 4_000_000, result: 25_000_000, preview: 200_000, instances: 10_000, mask: 100_000 };

/** Gigabytes of the results of so many photos. */
export const gbOfResults = (photos: number): number => (photos * SIZE.result) / GB;

/** R2: each object for as long as it is kept. @param masks of each photo */
export function r2GbDays(photos: number, masks: number): number {
  const found = masks === 0 ? 0 : SIZE.instances + masks * SIZE.mask;
  const bytes = SIZE.photo + SIZE.result + SIZE.preview + found;
  return (photos * bytes * DAYS.objects) / GB;
}

/** D1: its rows for as long as history is kept. */
export const d1GbDays = (bytes: number): number => (bytes * DAYS.history) / GB;
