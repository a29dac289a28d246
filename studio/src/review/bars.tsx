/** What is chosen above the photos: which look, and which of its photos are shown. */
import type { Look } from '../app/looks.ts';
import { MOST_LOOKS } from '../app/place.ts';
import { Button } from '../parts/button.tsx';
import { FILTERS, type Filter } from './moving.ts';
import type { ReviewWords } from './words.ts';

interface LookBarProps {
  looks: readonly Look[];
  told: readonly string[];
  at: number;
  words: ReviewWords;
  compares: boolean;
  onLook(at: number): void;
  onAnother(): void;
  onCompare(): void;
}

export function LookBar({ looks, told, at, words, compares, onLook, onAnother, onCompare }: LookBarProps) {
  return (
    <fieldset className="flex flex-wrap gap-1">
      <legend className="sr-only">{words.looks}</legend>
      {looks.map(({ jobId }, nth) => (
        <Button
          key={jobId}
          aria-pressed={nth === at}
          title={told[nth]}
          onClick={() => onLook(nth)}
          className="aria-pressed:bg-ink aria-pressed:text-paper"
        >
          {words.look(nth + 1)}
        </Button>
      ))}
      {looks.length < MOST_LOOKS ? (
        <Button onClick={onAnother}>+ {words.another}</Button>
      ) : (
        <p className="self-center text-sm text-soft">{words.mostLooks}</p>
      )}
      {looks.length > 1 && (
        <Button
          aria-pressed={compares}
          aria-keyshortcuts="C"
          onClick={onCompare}
          className="aria-pressed:bg-ink aria-pressed:text-paper"
        >
          {words.compare}
        </Button>
      )}
    </fieldset>
  );
}

interface FilterBarProps {
  filter: Filter;
  count(filter: Filter): number;
  words: ReviewWords;
  onFilter(filter: Filter): void;
}

export function FilterBar({ filter, count, words, onFilter }: FilterBarProps) {
  return (
    <fieldset className="flex flex-wrap gap-1">
      <legend className="sr-only">{words.filter}</legend>
      {FILTERS.map((one) => (
        <Button
          key={one}
          aria-pressed={one === filter}
          onClick={() => onFilter(one)}
          className="px-2.5! text-sm aria-pressed:bg-ink aria-pressed:text-paper"
        >
          {words.filters[one]} <span className="tabular-nums">{count(one)}</span>
        </Button>
      ))}
    </fieldset>
  );
}
