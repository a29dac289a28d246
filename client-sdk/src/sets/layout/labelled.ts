/** Photos of one size in a grid, each with its label below, as large as they can be. */
import type { PictureSize } from '../types.ts';
import type { Block } from './blocks.ts';
import { type Box, best, partOf, ratioOf } from './boxes.ts';
import type { Drawn, DrawOp } from './drawing.ts';
import type { Page, SizedPhoto } from './page.ts';

export type LabelOf = (shown: SizedPhoto, width: number) => Block;

interface Fit {
  readonly columns: number;
  readonly rows: number;
  readonly photo: PictureSize;
  /** From one to the next. A column is wider than a narrow photo, so that its label can be read. */
  readonly pitch: { readonly x: number; readonly y: number };
  readonly labels: readonly Block[];
}

/** Narrower labels than so many units are hard to read. */
const LEAST_LABEL = 24;

/** @param corner whether they begin at the top left, not in the middle */
export function labelled(
  page: Page,
  area: Box,
  photos: readonly SizedPhoto[],
  labelOf: LabelOf,
  corner = false,
): Drawn {
  const fits = photos.map((_, at) => fitIn(page, area, photos, labelOf, at + 1));
  // As large as can be, rather beside than below each other; where the page may be lower, the most of it.
  const fit = best(
    fits,
    ({ photo, columns, rows, pitch }) =>
      photo.width * photo.height * (page.lower ? 1 / (rows * pitch.y) : Math.sqrt(columns)),
  );
  const { columns, rows, pitch } = fit;
  const slack = Math.max(0, area.height - rows * pitch.y + page.gap);
  const left = area.x + (corner ? 0 : Math.max(0, (area.width - columns * pitch.x + page.gap) >> 1));
  const top = area.y + (corner ? 0 : slack >> 1);
  const ops = photos.flatMap((shown, at): DrawOp[] => {
    const box = {
      x: left + (at % columns) * pitch.x,
      y: top + Math.floor(at / columns) * pitch.y,
      ...fit.photo,
    };
    const label = (fit.labels[at] as Block).at(box.x, box.y + box.height + labelGap(page));
    return [imageOf(shown, box, page.radius), ...label];
  });
  const clipped = fit.labels.some((label) => label.clipped);
  return { ops, clipped, shown: photos.length * fit.photo.width * fit.photo.height, slack };
}

export const imageOf = (shown: SizedPhoto, box: Box, radius: number, part = partOf(shown, box)): DrawOp => ({
  op: 'image',
  shown: { photo: shown.photo, look: shown.look },
  box,
  part,
  radius,
});

const labelGap = ({ gap }: Page): number => gap >> 1;

function fitIn(page: Page, area: Box, photos: readonly SizedPhoto[], labelOf: LabelOf, columns: number): Fit {
  const rows = Math.ceil(photos.length / columns);
  const column = Math.floor((area.width - page.gap * (columns - 1)) / columns);
  const row = Math.floor((area.height - page.gap * (rows - 1)) / rows);
  const least = Math.min(column, Math.round(LEAST_LABEL * page.unit));
  // A narrower photo has a narrower label, which may be higher, which makes the photo narrower still.
  for (let width = column; ; ) {
    const wide = Math.max(width, least);
    const labels = photos.map((shown) => labelOf(shown, wide));
    const highest = Math.max(...labels.map(({ height }) => height));
    const labelHeight = highest === 0 ? 0 : highest + labelGap(page);
    const height = Math.max(1, row - labelHeight);
    const ratio = ratioOf(photos[0] as SizedPhoto);
    const fitting = Math.max(1, Math.floor(height * ratio));
    if (fitting >= width || width === 1) {
      const photo = { width, height: Math.max(1, Math.min(height, Math.round(width / ratio))) };
      return { columns, rows, photo, pitch: { x: wide + page.gap, y: photo.height + labelHeight + page.gap }, labels };
    }
    width = fitting;
  }
}
