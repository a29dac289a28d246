/**
 * Where a run is kept that components drive: with the client and under a name, not in a component. So whatever becomes of the component
 * (another route, `<Activity>`, StrictMode), the run goes on, and the next component of that name finds it with its files.
 */
import type { S3Client } from '../client.ts';
import type { AnyS3Error } from '../errors.ts';
import type { JobHandle } from '../job/types.ts';
import type { PhotoFile } from '../upload/photo-file.ts';

/** A file that was added, with an id that no other has while the page lives. */
export interface Entry {
  id: string;
  file: PhotoFile;
}
export interface Held {
  handle: JobHandle | null;
  /** Why a cancel failed. */
  failure: AnyS3Error | null;
  entries: readonly Entry[];
  /** Ids of the files that the run was started with, in their order; null where another did that. */
  sent: readonly string[] | null;
}
export interface Place {
  read(): Held;
  subscribe(listener: () => void): () => void;
  put(patch: Partial<Held>): void;
}

export const NOTHING: Held = { handle: null, failure: null, entries: [], sent: null };

const places = new WeakMap<S3Client, Map<string, Place>>();

export function placeOf(client: S3Client, name: string): Place {
  const named = places.get(client) ?? new Map<string, Place>();
  places.set(client, named);
  const place = named.get(name) ?? emptyPlace();
  named.set(name, place);
  return place;
}

function emptyPlace(): Place {
  let held = NOTHING;
  const listeners = new Set<() => void>();
  return {
    read: () => held,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    put(patch) {
      held = { ...held, ...patch };
      for (const listener of [...listeners]) listener();
    },
  };
}
