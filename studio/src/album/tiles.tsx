/**
 * Photos as tiles, whatever step they are in. Only those in sight are in the document, so 200 scroll as 20 do. One of them takes the keyboard:
 * arrows, Home and End go on from there, Delete takes a photo out.
 */
import type { UsedPhoto } from '@s3-workers/client-sdk/react';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useWords } from '../words/index.ts';
import { after, type Grid, gridOf } from './grid.ts';
import { Tile } from './tile.tsx';
import { albumWords } from './words.ts';

interface TilesProps {
  photos: readonly UsedPhoto[];
  /** Of the list, for those who hear it. */
  label: string;
  /** Files of which the same stands before them. */
  twice: ReadonlySet<unknown>;
  /** Whether what is uploaded is worked on. */
  isWorking?: boolean;
  /** Left out where photos can't be taken out any more. */
  onRemove?: ((photo: UsedPhoto) => void) | undefined;
}

export function Tiles({ photos, label, twice, isWorking = false, onRemove }: TilesProps) {
  const w = useWords(albumWords);
  const list = useRef<HTMLDivElement>(null);
  const { width, top } = usePlaceOf(list);
  const grid = gridOf(width, photos.length);
  const rows = useWindowVirtualizer({
    count: width === 0 ? 0 : Math.ceil(photos.length / grid.columns),
    estimateSize: () => grid.rowHeight,
    overscan: 3,
    scrollMargin: top,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height are measured anew
  useLayoutEffect(() => rows.measure(), [grid.rowHeight]);
  const { at, setActive, wanted, onKeyDown } = useRoving(photos, grid.columns, rows.scrollToIndex, onRemove);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table has no rows that are not there
    <div
      ref={list}
      role="grid"
      aria-label={label}
      aria-rowcount={Math.ceil(photos.length / grid.columns)}
      aria-description={onRemove ? w.tilesHint : undefined}
      className="relative"
      style={{ height: rows.getTotalSize() }}
      onKeyDown={onKeyDown}
    >
      {rows.getVirtualItems().map(({ index: row, start }) => (
        <Row key={row} row={row} grid={grid} y={start - top}>
          {photos.slice(row * grid.columns, (row + 1) * grid.columns).map((photo, column) => (
            <Tile
              key={photo.id}
              photo={photo}
              pictureHeight={grid.pictureHeight}
              isTwice={photo.file !== null && twice.has(photo.file)}
              isActive={row * grid.columns + column === at}
              isWorking={isWorking}
              wanted={wanted}
              onFocus={() => setActive(row * grid.columns + column)}
              onRemove={onRemove}
            />
          ))}
        </Row>
      ))}
    </div>
  );
}

function Row({ row, grid, y, children }: { row: number; grid: Grid; y: number; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: as above
    // biome-ignore lint/a11y/useFocusableInteractive: as above
    <div
      role="row"
      aria-rowindex={row + 1}
      className="absolute top-0 left-0 grid w-full"
      style={{
        transform: `translateY(${y}px)`,
        gap: grid.gap,
        gridTemplateColumns: `repeat(${grid.columns}, minmax(0, 1fr))`,
      }}
    >
      {children}
    </div>
  );
}

/** Which tile has the keyboard, and where keys lead from it. */
function useRoving(
  photos: readonly UsedPhoto[],
  columns: number,
  scrollTo: (row: number) => void,
  onRemove: TilesProps['onRemove'],
) {
  const [active, setActive] = useState(0);
  const at = Math.max(0, Math.min(active, photos.length - 1));
  /** The tile may have to be scrolled to, and rendered, before it can have the focus. */
  const wanted = useRef(false);
  const onKeyDown = (event: KeyboardEvent) => {
    const photo = photos[at];
    if (event.key === 'Delete' && onRemove && photo) {
      event.preventDefault();
      wanted.current = true;
      return onRemove(photo);
    }
    const next = after(event.key, at, photos.length, columns);
    if (next === null) return;
    event.preventDefault();
    wanted.current = true;
    setActive(next);
    scrollTo(Math.floor(next / columns));
  };
  return { at, setActive, wanted, onKeyDown };
}

/** Its width, and how far it is from the beginning of the page. */
function usePlaceOf(element: RefObject<HTMLElement | null>): { width: number; top: number } {
  const [place, setPlace] = useState({ width: 0, top: 0 });
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    const measure = () => {
      const { width, top } = current.getBoundingClientRect();
      const next = { width: Math.round(width), top: Math.round(top + scrollY) };
      setPlace((known) => (known.width === next.width && known.top === next.top ? known : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    // What stands above it may have grown.
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [element]);
  return place;
}
