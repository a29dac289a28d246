/** One photo: its picture, its name, and how it stands. */
import type { UsedPhoto } from '@s3-workers/client-sdk/react';
import { type RefObject, useEffect, useRef } from 'react';
import { Icon } from '../parts/icon.tsx';
import { useWords } from '../words/index.ts';
import { useLanguage } from '../words/language.ts';
import { useFacts } from './facts.ts';
import { seen } from './pictures.ts';
import { type Standing, standingOf } from './standing.ts';
import { albumWords } from './words.ts';

interface TileProps {
  photo: UsedPhoto;
  pictureHeight: number;
  isTwice: boolean;
  isActive: boolean;
  isWorking: boolean;
  /** Whether the focus is to go to the active one, wherever it is rendered next. */
  wanted: RefObject<boolean>;
  onFocus(): void;
  onRemove?: ((photo: UsedPhoto) => void) | undefined;
}

export function Tile({ photo, pictureHeight, isTwice, isActive, isWorking, wanted, onFocus, onRemove }: TileProps) {
  const w = useWords(albumWords);
  const language = useLanguage();
  const facts = useFacts(photo.file);
  const standing = standingOf(photo, facts, isTwice, w, language, isWorking);
  const cell = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (photo.file !== null) seen(photo.file);
  }, [photo.file]);
  useEffect(() => {
    if (!isActive || !wanted.current) return;
    wanted.current = false;
    cell.current?.focus({ preventScroll: true });
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table has no rows that are not there
    <div
      ref={cell}
      role="gridcell"
      tabIndex={isActive ? 0 : -1}
      onFocus={onFocus}
      className="group relative min-w-0 rounded-lg"
    >
      <div className="relative overflow-hidden rounded-lg bg-well" style={{ height: pictureHeight }}>
        <Picture photo={photo} picture={facts.picture} dim={standing.kind === 'bad'} />
        <Bar standing={standing} />
      </div>
      <p className="truncate pt-1 text-sm" title={photo.name}>
        {photo.name}
      </p>
      <p className={`truncate text-xs ${COLOURS[standing.kind]}`} title={standing.text}>
        {standing.text}
      </p>
      {onRemove && (
        <button
          type="button"
          tabIndex={isActive ? 0 : -1}
          aria-label={w.removeOne(photo.name)}
          onClick={() => onRemove(photo)}
          className="absolute top-1 right-1 grid size-8 place-items-center rounded-full bg-sheet/90 text-ink opacity-0 focus-visible:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100"
        >
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

const COLOURS: Record<Standing['kind'], string> = {
  quiet: 'text-soft',
  moving: 'text-soft',
  note: 'text-accent',
  good: 'text-good',
  bad: 'text-bad',
};

function Picture({ photo, picture, dim }: { photo: UsedPhoto; picture: string | null; dim: boolean }) {
  const url = photo.item?.previewUrl ?? photo.item?.resultUrl ?? picture;
  if (url === null || url === undefined) {
    return (
      <div className="grid size-full place-items-center text-edge">
        <Icon name="photo" />
      </div>
    );
  }
  return (
    <img
      src={url}
      alt=""
      draggable={false}
      className={`size-full object-cover ${dim ? 'opacity-50 saturate-50' : ''} starting:opacity-0 motion-safe:transition-opacity`}
    />
  );
}

/** How much of it is sent; that it is worked on. */
function Bar({ standing: { kind, share } }: { standing: Standing }) {
  if (kind !== 'moving') return null;
  return (
    <div className="absolute inset-x-0 bottom-0 h-1 bg-ink/20">
      <div
        className={`h-full bg-accent ${share === null ? 'w-full motion-safe:animate-pulse' : ''}`}
        style={share === null ? {} : { width: `${Math.round(share * 100)}%` }}
      />
    </div>
  );
}
