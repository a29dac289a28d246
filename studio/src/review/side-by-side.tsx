/** One photo in all its looks beside each other. */

import type { Look, LookPhoto } from '../app/looks.ts';
import { Button } from '../parts/button.tsx';
import type { ReviewWords } from './words.ts';

interface SideBySideProps {
  looks: readonly Look[];
  told: readonly string[];
  /** Position of the photo in the album, and of the look that is worked on. */
  position: number;
  at: number;
  words: ReviewWords;
  onLook(at: number): void;
}

export function SideBySide({ looks, told, position, at, words, onLook }: SideBySideProps) {
  return (
    <ul className="grid size-full auto-cols-[minmax(min(80%,16rem),1fr)] grid-flow-col gap-2 overflow-x-auto">
      {looks.map(({ jobId, photos }, nth) => (
        <li key={jobId} className="flex min-h-0 min-w-0 flex-col justify-center gap-2">
          <Picture photo={photos.find((photo) => photo.position === position)} words={words} />
          <Button
            aria-pressed={nth === at}
            onClick={() => onLook(nth)}
            className="shrink-0 justify-start! aria-pressed:bg-ink aria-pressed:text-paper"
          >
            <span className="shrink-0">{words.look(nth + 1)}</span>
            <span className="truncate font-normal">{told[nth]}</span>
          </Button>
        </li>
      ))}
    </ul>
  );
}

function Picture({ photo, words }: { photo: LookPhoto | undefined; words: ReviewWords }) {
  const url = photo?.afterUrl ?? photo?.previewUrl ?? null;
  if (photo === undefined || url === null) {
    return (
      <p className="grid min-h-32 grow place-items-center bg-well text-soft">
        {photo === undefined ? '–' : words.status[photo.status]}
      </p>
    );
  }
  return <img src={url} alt={`${photo.name}, ${words.after}`} className="max-h-full min-h-0 w-full object-contain" />;
}
