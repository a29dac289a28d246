/** What page and worker tell each other while a set is drawn. */
import type { SetPhoto, SetPicture, SetPlanOptions } from '@s3-workers/client-sdk/sets';

/** A photo whose pictures lie in storage: what can be sent to a worker. */
export interface StoredPhoto extends SetPhoto {
  before: string | null;
  after: readonly (string | null)[];
}
export interface StoredSet extends SetPlanOptions {
  photos: readonly StoredPhoto[];
}

/** The set to draw comes first; then each picture is asked for, so that no more is drawn than is taken. */
export type ToWorker = { set: StoredSet } | 'next';
export type FromWorker =
  | { picture: SetPicture }
  /** In the set's language; of a photo that could not be fetched its name. */
  | { error: string; photo: string | null }
  | 'end';
