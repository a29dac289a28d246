/** The photos of a look as a grid to move in with arrows: one of them is the one that is looked at. */
import { useEffect, useRef } from 'react';
import type { LookPhoto } from '../app/looks.ts';
import type { Marks } from '../app/marks.ts';
import { moved } from './moving.ts';
import type { ReviewWords } from './words.ts';

interface GridProps {
  photos: readonly LookPhoto[];
  marks: Marks;
  /** Position among them of the one that is looked at. */
  at: number;
  words: ReviewWords;
  onAt(at: number): void;
}

/** Of a grid as the browser has laid it out. */
const columnsOf = (list: HTMLElement): number => getComputedStyle(list).gridTemplateColumns.split(' ').length;

/** In the part of the page that scrolls by itself, where there is one: whoever looks at the photo keeps his place. */
function reveal(tile: HTMLElement, list: HTMLElement): void {
  const box = list.parentElement;
  if (box === null || box.scrollHeight <= box.clientHeight) return;
  const [seen, own] = [box.getBoundingClientRect(), tile.getBoundingClientRect()];
  box.scrollTop += Math.min(0, own.top - seen.top) + Math.max(0, own.bottom - seen.bottom);
}

export function Grid({ photos, marks, at, words, onAt }: GridProps) {
  const list = useRef<HTMLUListElement>(null);
  const tileAt = (nth: number) => list.current?.querySelectorAll<HTMLElement>('button')[nth];
  // biome-ignore lint/correctness/useExhaustiveDependencies: when another photo is looked at
  useEffect(() => {
    const tile = tileAt(at);
    if (tile !== undefined && list.current !== null) reveal(tile, list.current);
  }, [at]);
  return (
    <ul
      ref={list}
      aria-label={words.photos}
      className="grid grid-cols-[repeat(auto-fill,minmax(5.5rem,1fr))] gap-1.5 p-1"
      onKeyDown={(event) => {
        const next = moved(at, event.key, photos.length, columnsOf(event.currentTarget));
        if (next === null) return;
        event.preventDefault();
        event.stopPropagation();
        onAt(next);
        tileAt(next)?.focus();
      }}
    >
      {photos.map((photo, nth) => (
        <li key={photo.idx} className="aspect-square">
          <Tile
            photo={photo}
            mark={marks.get(photo.idx) ?? null}
            isAt={nth === at}
            words={words}
            onAt={() => onAt(nth)}
          />
        </li>
      ))}
    </ul>
  );
}

interface TileProps {
  photo: LookPhoto;
  mark: 'picked' | 'rejected' | null;
  isAt: boolean;
  words: ReviewWords;
  onAt(): void;
}

function Tile({ photo: { name, previewUrl, beforeUrl, status }, mark, isAt, words, onAt }: TileProps) {
  const picture = previewUrl ?? (status === 'done' ? null : beforeUrl);
  const said = [name, status === 'done' ? null : words.status[status], mark && words[mark]].filter(Boolean).join(', ');
  return (
    <button
      type="button"
      aria-label={said}
      aria-current={isAt ? 'true' : undefined}
      tabIndex={isAt ? 0 : -1}
      onClick={onAt}
      className={`relative block size-full overflow-hidden rounded-sm bg-well ${isAt ? 'ring-3 ring-accent' : ''}`}
    >
      {picture !== null && (
        <img
          src={picture}
          alt=""
          loading="lazy"
          decoding="async"
          draggable={false}
          className={`size-full object-cover ${mark === 'rejected' || status !== 'done' ? 'opacity-40' : ''}`}
        />
      )}
      {mark !== null && (
        <span
          aria-hidden="true"
          className={`absolute right-1 bottom-1 grid size-6 place-items-center rounded-full text-sm font-bold text-paper ${mark === 'picked' ? 'bg-good' : 'bg-bad'}`}
        >
          {mark === 'picked' ? '✓' : '✕'}
        </span>
      )}
      {status !== 'done' && (
        <span
          aria-hidden="true"
          className={`absolute inset-x-0 top-0 truncate px-1 py-0.5 text-xs ${status === 'failed' ? 'bg-bad text-paper' : 'bg-black/70 text-white'}`}
        >
          {words.status[status]}
        </span>
      )}
    </button>
  );
}
