/** The photo that is looked at, large, with the way to the next one and what is done with it. */

import type { ReactNode } from 'react';
import type { LookPhoto } from '../app/looks.ts';
import type { Mark } from '../app/marks.ts';
import { Button } from '../parts/button.tsx';
import { Marking } from './marking.tsx';
import { Stage } from './stage.tsx';
import type { ReviewWords } from './words.ts';

interface ViewerProps {
  photo: LookPhoto;
  mark: Mark | null;
  /** Of the photo among those that are shown, from 1. */
  at: number;
  total: number;
  words: ReviewWords;
  onMove(step: -1 | 1): void;
  onMark(mark: Mark | null): void;
  onBroken(): void;
  /** In place of the photo alone. */
  children?: ReactNode;
}

export function Viewer({ photo, mark, at, total, words, onMove, onMark, onBroken, children }: ViewerProps) {
  return (
    <figure className="flex min-h-0 min-w-0 flex-col gap-3">
      <div className="h-[min(62svh,85vw)] min-h-56 lg:h-[max(22rem,calc(100svh-15rem))]">
        {children ?? <Stage key={photo.idx} {...photo} words={words} onBroken={onBroken} />}
      </div>
      <figcaption className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="flex gap-1">
          <Button aria-label={words.previous} disabled={at === 1} onClick={() => onMove(-1)} className="size-11">
            ‹
          </Button>
          <Button aria-label={words.next} disabled={at === total} onClick={() => onMove(1)} className="size-11">
            ›
          </Button>
        </div>
        <p className="min-w-0 grow basis-40">
          <span className="block truncate font-medium" title={photo.name}>
            {photo.name}
          </span>
          <span className="text-sm text-soft tabular-nums">{words.position(at, total)}</span>
        </p>
        <Marking mark={mark} words={words} onMark={onMark} />
      </figcaption>
      {photo.status === 'failed' && (
        <p className="text-bad">{[words.failedPhoto, photo.error].filter(Boolean).join(' ')}</p>
      )}
      {photo.status === 'done' && photo.beforeUrl === null && <p className="text-sm text-soft">{words.gone}</p>}
    </figure>
  );
}
