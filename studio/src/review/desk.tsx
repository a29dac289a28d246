/** An album's photos before and after: looked at one by one, picked and rejected, in up to three looks. */
import type { Look } from '../app/looks.ts';
import { Button } from '../parts/button.tsx';
import { FilterBar, LookBar } from './bars.tsx';
import { Grid } from './grid.tsx';
import { Legend } from './marking.tsx';
import { SideBySide } from './side-by-side.tsx';
import { type UsedDesk, useDesk } from './use-desk.ts';
import { Viewer } from './viewer.tsx';
import type { ReviewWords } from './words.ts';

interface DeskProps {
  looks: readonly Look[];
  /** What each changes, in words. */
  told: readonly string[];
  /** Position of the look that is worked on. */
  at: number;
  words: ReviewWords;
  onLook(at: number): void;
  /** Another look is wanted. */
  onAnother(): void;
  /** Another try for photos that failed; null where that is not possible. */
  again: ((indexes: readonly number[]) => void) | 'running' | null;
  onSet(): void;
  onBroken(): void;
}

export function Desk({ looks, told, at, words, onLook, again, onAnother, onSet, onBroken }: DeskProps) {
  const look = looks[at] as Look;
  const canCompare = looks.length > 1;
  const desk = useDesk(look, canCompare);
  const { marks, shown, nth, photo, compares } = desk;
  const failed = look.photos.filter(({ status }) => status === 'failed').map(({ idx }) => idx);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of what it holds, active only while the focus is in it
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]" onKeyDown={desk.onKeyDown}>
      <Heard desk={desk} words={words} />
      {photo === undefined ? (
        <p className="grid min-h-56 place-items-center text-soft">{words.nothing[desk.filter]}</p>
      ) : (
        <Viewer
          {...{ photo, words, onBroken }}
          mark={marks.get(photo.idx) ?? null}
          at={nth + 1}
          total={shown.length}
          onMove={(step) => desk.go(nth + step)}
          onMark={desk.mark}
        >
          {compares ? <SideBySide {...{ looks, told, at, words, onLook }} position={photo.position} /> : undefined}
        </Viewer>
      )}
      <div className="flex min-h-0 flex-col gap-3 lg:max-h-[max(28rem,calc(100svh-9rem))]">
        <LookBar {...{ looks, told, at, words, compares, onLook, onAnother }} onCompare={desk.compare} />
        <FilterBar filter={desk.filter} count={desk.count} words={words} onFilter={desk.show} />
        <div className="min-h-0 overflow-y-auto">
          <Grid photos={shown} marks={marks} at={nth} words={words} onAt={desk.go} />
        </div>
        {failed.length > 0 && look.ended && again !== null && (
          <Button disabled={again === 'running'} onClick={() => again !== 'running' && again(failed)}>
            {again === 'running' ? words.making : words.again(failed.length)}
          </Button>
        )}
        <Button kind="primary" disabled={!look.photos.some(({ status }) => status === 'done')} onClick={onSet}>
          {words.toSet}
        </Button>
        <Legend words={words} canCompare={canCompare} />
      </div>
    </div>
  );
}

/** Said to a reader with each step and mark. */
function Heard({ desk: { photo, marks, nth, shown }, words }: { desk: UsedDesk; words: ReviewWords }) {
  const mark = photo && marks.get(photo.idx);
  const said =
    photo && [photo.name, words.position(nth + 1, shown.length), mark && words[mark]].filter(Boolean).join(', ');
  return (
    <p aria-live="polite" className="sr-only">
      {said}
    </p>
  );
}
