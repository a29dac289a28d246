/** Pages of a list that is ordered by time and id, newest first: where one starts, and the cursor that leads to the next. */
import { invalid, ok, type Result } from './result.ts';

/** A place in such a list. `at`: milliseconds since the Unix epoch. */
export type Place = { at: number; id: string };

const NEWEST: Place = { at: Number.MAX_SAFE_INTEGER, id: '\uffff' };

export function encodeCursor({ at, id }: Place): string {
  return `${at.toString(36)}.${id}`;
}

/** Null when the text is no cursor of ours. */
export function decodeCursor(cursor: string): Place | null {
  const match = /^([0-9a-z]{1,11})\.([\x21-\x7e]{1,244})$/.exec(cursor);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  return { at: Number.parseInt(match[1], 36), id: match[2] };
}

/** What comes behind this place stands on the page. */
export function startOf(cursor: string | undefined): Result<Place> {
  const start = cursor === undefined ? NEWEST : decodeCursor(cursor);
  return start === null ? invalid('cursor', 'is not a cursor that this list gave out') : ok(start);
}

/** Whether `place` stands behind `start`, where older ones do. */
export const isBehind = (place: Place, start: Place): boolean =>
  place.at < start.at || (place.at === start.at && place.id < start.id);

/** @param found what stands behind the page's start: one more than the page holds, if there are that many */
export function pageOf<T>(
  found: readonly T[],
  limit: number,
  placeOf: (entry: T) => Place,
): { entries: T[]; nextCursor: string | null } {
  const entries = found.slice(0, limit);
  const last = entries.at(-1);
  const more = found.length > entries.length && last !== undefined;
  return { entries, nextCursor: more ? encodeCursor(placeOf(last)) : null };
}
