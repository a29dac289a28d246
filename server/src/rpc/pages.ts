/** Where a page starts, from the cursor that a client sends. */
import { type PageStart, pageStart } from '../db/job-history.ts';
import { invalid } from '../domain/result.ts';
import { ApiError } from './errors.ts';

export function startOf(cursor: string | undefined): PageStart {
  const start = pageStart(cursor);
  if (start === null) throw new ApiError(invalid('cursor', 'is not a cursor that this list gave out').refusal);
  return start;
}
