/**
 * One photo before and after, with a divider that is drawn over it. Everything lies in layers on a box of the photo's own proportions, so
 * that what belongs to a place in the photo is at that place whatever the size: a further layer is a child.
 */
import { type PointerEvent, type ReactNode, useId, useState } from 'react';
import type { ReviewWords } from './words.ts';

interface StageProps {
  name: string;
  beforeUrl: string | null;
  afterUrl: string | null;
  /** Shown until the result is there. */
  previewUrl: string | null;
  words: ReviewWords;
  onBroken(): void;
  children?: ReactNode;
}

const LAYER = 'absolute inset-0 size-full select-none object-cover';

export function Stage({ name, beforeUrl, afterUrl, previewUrl, words, onBroken, children }: StageProps) {
  const [at, setAt] = useState(50);
  const [ratio, setRatio] = useState(3 / 2);
  const compared = beforeUrl !== null && afterUrl !== null;
  const drag = (event: PointerEvent<HTMLElement>) => {
    if (!compared || event.buttons === 0 || !event.isPrimary) return;
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setAt(Math.round(Math.min(1, Math.max(0, (event.clientX - left) / width)) * 100));
  };
  const learn = ({ naturalWidth, naturalHeight }: HTMLImageElement) =>
    naturalHeight > 0 && setRatio(naturalWidth / naturalHeight);
  return (
    <div className="grid size-full place-items-center [container-type:size]">
      <div
        className="relative touch-pan-y overflow-hidden bg-well"
        style={{ aspectRatio: ratio, width: `min(100cqw, ${100 * ratio}cqh)` }}
        onPointerDown={(event) => {
          if (compared) event.currentTarget.setPointerCapture(event.pointerId);
          drag(event);
        }}
        onPointerMove={drag}
      >
        {previewUrl !== null && (
          <img
            src={previewUrl}
            alt=""
            className={LAYER}
            draggable={false}
            onLoad={({ currentTarget }) => learn(currentTarget)}
          />
        )}
        {afterUrl !== null && (
          <img
            src={afterUrl}
            alt={`${name}, ${words.after}`}
            className={LAYER}
            draggable={false}
            onError={onBroken}
            onLoad={({ currentTarget }) => learn(currentTarget)}
          />
        )}
        {beforeUrl !== null && (
          <img
            src={beforeUrl}
            alt={`${name}, ${words.before}`}
            className={LAYER}
            style={compared ? { clipPath: `inset(0 ${100 - at}% 0 0)` } : undefined}
            draggable={false}
            onError={onBroken}
            onLoad={({ currentTarget }) => afterUrl === null && learn(currentTarget)}
          />
        )}
        {compared && <Divider at={at} onAt={setAt} words={words} />}
        {children}
      </div>
    </div>
  );
}

/** A range input, which brings keys, touch and a name for readers; what is seen of it is a line with a grip. */
function Divider({ at, onAt, words }: { at: number; onAt(at: number): void; words: ReviewWords }) {
  const id = useId();
  return (
    <>
      <label htmlFor={id} className="sr-only">
        {words.divider}
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={100}
        value={at}
        aria-valuetext={words.dividerAt(at)}
        onChange={({ target }) => onAt(target.valueAsNumber)}
        className="peer sr-only"
      />
      <span
        aria-hidden="true"
        className="pointer-events-none absolute inset-y-0 w-0.5 -translate-x-1/2 bg-white shadow-[0_0_0_1px_#0006] peer-focus-visible:bg-accent"
        style={{ left: `${at}%` }}
      />
      <span
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 grid size-11 -translate-1/2 place-items-center rounded-full bg-white text-black shadow-[0_0_0_1px_#0006] peer-focus-visible:outline-3 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent"
        style={{ left: `${at}%` }}
      >
        ◂▸
      </span>
      <Tag side="left" hidden={at < 12}>
        {words.before}
      </Tag>
      <Tag side="right" hidden={at > 88}>
        {words.after}
      </Tag>
    </>
  );
}

function Tag({ side, hidden, children }: { side: 'left' | 'right'; hidden: boolean; children: ReactNode }) {
  if (hidden) return null;
  return (
    <span
      aria-hidden="true"
      className={`pointer-events-none absolute top-2 rounded-sm bg-black/70 px-2 py-0.5 text-sm text-white ${side === 'left' ? 'left-2' : 'right-2'}`}
    >
      {children}
    </span>
  );
}
