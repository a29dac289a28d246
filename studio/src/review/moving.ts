/** Which photos are shown in the review, and how one moves and marks by keys. */
import type { KeyboardEvent as ReactKeyboardEvent } from 'react';
import type { LookPhoto } from '../app/looks.ts';
import type { Mark, Marks } from '../app/marks.ts';

export type Filter = 'all' | 'picked' | 'rejected' | 'failed';
export const FILTERS: readonly Filter[] = ['all', 'picked', 'rejected', 'failed'];

export function isIn(filter: Filter, photo: Pick<LookPhoto, 'idx' | 'status'>, marks: Marks): boolean {
  if (filter === 'all') return true;
  if (filter === 'failed') return photo.status === 'failed';
  return marks.get(photo.idx) === filter;
}

/**
 * Where the focus goes from a photo: to the next one of those that are shown, in a grid of so many columns.
 * @returns its position among them; null for a key that moves nothing
 */
export function moved(at: number, key: string, count: number, columns = 1): number | null {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  if (step === undefined) return null;
  const next = at + step;
  return next < 0 || next >= count ? at : next;
}

const KEYS: Readonly<Record<string, Mark | null>> = { p: 'picked', x: 'rejected', u: null };

/** What a key marks, as culling tools have them; undefined: nothing. Where a keyboard writes other letters its place counts. */
export function markOf({
  key,
  code,
  ctrlKey,
  metaKey,
  altKey,
}: KeyboardEvent | ReactKeyboardEvent): Mark | null | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  const letter = /^[a-z]$/i.test(key) ? key.toLowerCase() : code.replace(/^Key/, '').toLowerCase();
  return KEYS[letter];
}
