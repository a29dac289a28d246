/** Pages of a list that is ordered newest first, under the server's own cursors. */
import * as paging from '../../../server/src/domain/paging.ts';
import { unwrap } from '../../../server/src/rpc/errors.ts';

/** @param placeOf time and id, by which `all` is ordered */
export function pageOf<T>(
  all: readonly T[],
  { cursor, limit }: { cursor?: string | undefined; limit: number },
  placeOf: (entry: T) => paging.Place,
): { entries: T[]; nextCursor: string | null } {
  const start = unwrap(paging.startOf(cursor));
  return paging.pageOf(
    all.filter((entry) => paging.isBehind(placeOf(entry), start)),
    limit,
    placeOf,
  );
}
