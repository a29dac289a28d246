/** Pages of a list that is ordered newest first, under the server's own cursors. */
import { decodeCursor, encodeCursor } from '../../../server/src/db/cursor.ts';
import { invalid } from '../../../server/src/domain/result.ts';
import { ApiError } from '../../../server/src/rpc/errors.ts';

/** @param placeOf time and id, by which `all` is ordered */
export function pageOf<T>(
  all: readonly T[],
  { cursor, limit }: { cursor?: string | undefined; limit: number },
  placeOf: (entry: T) => { at: number; id: string },
): { entries: T[]; nextCursor: string | null } {
  const start = cursor === undefined ? undefined : decodeCursor(cursor);
  if (start === null) throw new ApiError(invalid('cursor', 'is not a cursor that this list gave out').refusal);
  const rest = all.filter((entry) => {
    const { at, id } = placeOf(entry);
    return start === undefined || at < start.at || (at === start.at && id < start.id);
  });
  const entries = rest.slice(0, limit);
  const last = entries.at(-1);
  if (last === undefined || rest.length === entries.length) return { entries, nextCursor: null };
  const { at, id } = placeOf(last);
  return { entries, nextCursor: encodeCursor(at, id) };
}
