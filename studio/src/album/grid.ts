/** How tiles lie in a width, and where a key leads among them. */

export interface Grid {
  columns: number;
  /** Pixels, as all below. */
  gap: number;
  pictureHeight: number;
  /** With what stands below the picture, and the gap to the next row. */
  rowHeight: number;
}

/** Name and state below a picture. */
const CAPTION = 48;
/** Photos that all fit on a screen when they are large. */
const FEW = 8;

/** @param count of photos: few are shown larger */
export function gridOf(width: number, count: number): Grid {
  const isNarrow = width < 560;
  const gap = isNarrow ? 10 : 16;
  const least = isNarrow ? (count <= FEW ? 156 : 104) : count <= FEW ? 300 : 164;
  const columns = Math.max(2, Math.floor((width + gap) / (least + gap)));
  const pictureHeight = Math.round((((width - gap * (columns - 1)) / columns) * 3) / 4);
  return { columns, gap, pictureHeight, rowHeight: pictureHeight + CAPTION + gap };
}

/** The place that a key leads to; null for one that leads nowhere. */
export function after(key: string, at: number, count: number, columns: number): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at - columns,
    ArrowDown: at + columns,
    Home: 0,
    End: count - 1,
  };
  const next = steps[key];
  return next === undefined || next < 0 || next >= count ? null : next;
}
