/** Which photo of a look is looked at, what is shown beside it, and the keys for all that. */
import { type KeyboardEvent, useState } from 'react';
import type { Look, LookPhoto } from '../app/looks.ts';
import { type Mark, type Marks, useMarks } from '../app/marks.ts';
import { type Filter, isIn, markOf, moved } from './moving.ts';

export interface UsedDesk {
  marks: Marks;
  filter: Filter;
  /** Photos that the filter lets through, and which of them is looked at. */
  shown: readonly LookPhoto[];
  nth: number;
  photo: LookPhoto | undefined;
  /** Whether all looks are shown side by side. */
  compares: boolean;
  count(filter: Filter): number;
  show(filter: Filter): void;
  /** To one of those that are shown. */
  go(nth: number): void;
  mark(mark: Mark | null): void;
  compare(): void;
  onKeyDown(event: KeyboardEvent<HTMLElement>): void;
}

/** @param canCompare whether there are looks to put side by side */
export function useDesk(look: Look, canCompare: boolean): UsedDesk {
  const [marks, setMark] = useMarks(look.jobId);
  const [filter, show] = useState<Filter>('all');
  /** In the album, so that another look shows the same photo. */
  const [position, setPosition] = useState(0);
  const [last, setLast] = useState(0);
  const [wantsCompare, setCompare] = useState(false);
  const shown = look.photos.filter((one) => isIn(filter, one, marks));
  const found = shown.findIndex((one) => one.position === position);
  // One that the filter lets through no more gives way to that which comes to its place.
  const nth = found >= 0 ? found : Math.max(0, Math.min(last, shown.length - 1));
  const photo = shown[nth];
  const go = (to: number): void => {
    setPosition(shown[to]?.position ?? position);
    setLast(to);
  };
  const mark = (value: Mark | null): void => {
    if (photo !== undefined) setMark(photo.idx, value);
  };
  const compare = (): void => setCompare(!wantsCompare);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const { target } = event;
    const isInput = target instanceof HTMLInputElement;
    // Letters that are typed into a field are text; the divider has its own arrows.
    if ((isInput && target.type !== 'range') || target instanceof HTMLTextAreaElement) return;
    const value = markOf(event);
    const next = isInput ? null : moved(nth, event.key, shown.length);
    if (value !== undefined) mark(value);
    else if (canCompare && event.code === 'KeyC' && !event.ctrlKey && !event.metaKey) compare();
    else if (next !== null) go(next);
    else return;
    event.preventDefault();
  };
  const count = (one: Filter): number => look.photos.filter((each) => isIn(one, each, marks)).length;
  const compares = canCompare && wantsCompare;
  return { marks, filter, shown, nth, photo, compares, count, show, go, mark, compare, onKeyDown };
}
