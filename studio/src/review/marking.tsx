/** What is done with the photo that is looked at, and the keys for it. */

import type { Mark } from '../app/marks.ts';
import { Button } from '../parts/button.tsx';
import type { ReviewWords } from './words.ts';

interface MarkingProps {
  mark: Mark | null;
  words: ReviewWords;
  onMark(mark: Mark | null): void;
}

export function Marking({ mark, words, onMark }: MarkingProps) {
  const choices = [
    ['picked', words.pick, 'P'],
    ['rejected', words.reject, 'X'],
    [null, words.unmark, 'U'],
  ] as const;
  return (
    <div className="flex gap-1">
      {choices.map(([value, label, key]) => (
        <Button
          key={key}
          aria-pressed={mark === value}
          aria-keyshortcuts={key}
          onClick={() => onMark(value)}
          className="aria-pressed:bg-ink aria-pressed:text-paper"
        >
          {label}
        </Button>
      ))}
    </div>
  );
}

/** Small, and only where there is a keyboard to be expected. */
export function Legend({ words: { keys, keyNames }, canCompare }: { words: ReviewWords; canCompare: boolean }) {
  const known = [
    ['← →', keyNames.move],
    ['P', keyNames.pick],
    ['X', keyNames.reject],
    ['U', keyNames.unmark],
    ...(canCompare ? [['C', keyNames.compare]] : []),
  ];
  return (
    <dl aria-label={keys} className="flex flex-wrap gap-x-4 gap-y-1 text-sm text-soft pointer-coarse:hidden">
      {known.map(([key, name]) => (
        <div key={key} className="flex items-baseline gap-1.5">
          <dt>
            <kbd className="rounded-sm border border-line px-1.5 font-sans text-ink">{key}</kbd>
          </dt>
          <dd>{name}</dd>
        </div>
      ))}
    </dl>
  );
}
