/** Boxes in whole pixels: where photos go, and which part of them is seen. */
import type { PictureSize } from '../types.ts';

export interface Box extends PictureSize {
  readonly x: number;
  readonly y: number;
}

/** A photo in its place: all of the box is filled by `part` of it, which is in the photo's own pixels. */
export interface Placed {
  readonly box: Box;
  readonly part: Box;
}

export const ratioOf = ({ width, height }: PictureSize): number => width / height;

/** The largest box of a ratio in an area, in its middle. */
export function boxOf(ratio: number, area: Box): Box {
  const width = Math.max(1, Math.round(Math.min(area.width, area.height * ratio)));
  const height = Math.max(1, Math.round(Math.min(area.height, width / ratio)));
  return {
    x: area.x + ((area.width - width) >> 1),
    y: area.y + ((area.height - height) >> 1),
    width,
    height,
  };
}

/** The part of a photo that has the box's ratio: 1 shows as much as can be, 2 half of each side; from the middle, or from elsewhere. */
export function partOf(photo: PictureSize, box: PictureSize, zoom = 1, x = 0.5, y = 0.5): Box {
  const ratio = ratioOf(box);
  const width = Math.min(photo.width, photo.height * ratio) / zoom;
  const height = Math.min(photo.height, photo.width / ratio) / zoom;
  return { x: (photo.width - width) * x, y: (photo.height - height) * y, width, height };
}

/** Equal boxes in columns, from left to right. */
export function cells(area: Box, columns: number, count: number, gap: number): Box[] {
  const rows = Math.ceil(count / columns);
  const width = Math.floor((area.width - gap * (columns - 1)) / columns);
  const height = Math.floor((area.height - gap * (rows - 1)) / rows);
  return Array.from({ length: count }, (_, at) => ({
    x: area.x + (at % columns) * (width + gap),
    y: area.y + Math.floor(at / columns) * (height + gap),
    width,
    height,
  }));
}

/** The one that scores best; the first of several. */
export function best<T>(candidates: readonly T[], score: (one: T) => number): T {
  return candidates.reduce((first, one) => (score(one) > score(first) ? one : first));
}
