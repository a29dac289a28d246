/** What goes into a set: of each finished photo that was chosen its results in all looks. */
import type { Look as ChangedBy } from '@s3-workers/client-sdk/sets';
import type { Look, LookPhoto } from '../app/looks.ts';
import { chosen, type Marks } from '../app/marks.ts';
import type { StoredPhoto } from './messages.ts';

export interface Contents {
  photos: readonly StoredPhoto[];
  /** Finished photos that could go in. */
  finished: number;
}

/** @param looks the one that is worked on comes first @param marks of that one */
export function contentsOf(looks: readonly Look[], marks: Marks): Contents {
  const [first] = looks;
  const finished = first?.photos.filter(({ afterUrl }) => afterUrl !== null) ?? [];
  return { photos: chosen(finished, marks).map((photo) => stored(photo, looks)), finished: finished.length };
}

const stored = ({ name, position, beforeUrl }: LookPhoto, looks: readonly Look[]): StoredPhoto => ({
  name,
  before: beforeUrl,
  after: looks.map(({ photos }) => photos.find((photo) => photo.position === position)?.afterUrl ?? null),
});

/** What each look changed; nothing where this browser does not know. */
export const changesOf = (looks: readonly Look[]): ChangedBy[] =>
  looks.map(({ kept }) =>
    kept === null ? { concepts: {}, protect: [] } : { concepts: kept.concepts, protect: kept.protect ?? undefined },
  );
