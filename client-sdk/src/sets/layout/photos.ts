/** Several photos of an album: a page of up to five, and a thumbnail of one. */
import { type Box, best, boxOf, cells, partOf, ratioOf } from './boxes.ts';
import { beforeOrAfter } from './compare.ts';
import type { Drawn } from './drawing.ts';
import { imageOf, labelled } from './labelled.ts';
import { onPaper, type Page, type SizedPhoto } from './page.ts';

/** Share of the page that the first photo of several has. */
const SHARE = 0.6;

/** A large photo and up to four small ones, in whichever way they are largest. */
export function productPage(page: Page): Drawn {
  const numbers = [...new Set(page.shown.map(({ photo }) => photo))];
  const groups = numbers.map((number) => page.shown.filter(({ photo }) => photo === number));
  const { area } = page;
  const height = page.lower ? Math.min(area.height, Math.round(area.width * 0.75)) : area.height;
  const ways = mosaics({ ...area, height }, page.gap, groups.length).map((places) =>
    groups.map((group, at) => cellOf(page, group, places[at] as Box)),
  );
  // By sides, not areas: a way with one that is very large has others that are very small.
  const cell = best(ways, (drawn) => drawn.reduce((sum, { shown }) => sum + Math.sqrt(shown), 0));
  return { ...onPaper(page, cell), slack: area.height - height };
}

/** How a photo is shown the second time and after that: to the edges, then closer at its middle and towards its corners. */
const VIEWS: readonly (readonly [zoom: number, x: number, y: number])[] = [
  [1, 0.5, 0.5],
  [1.6, 0.5, 0.5],
  [1.8, 0.2, 0.3],
  [1.8, 0.8, 0.3],
  [1.8, 0.2, 0.7],
  [1.8, 0.8, 0.7],
  [2.4, 0.5, 0.5],
];

/** One photo: whole on white the first time. Beside its original it keeps its place, and the original stays whole. */
export function thumbnail(page: Page): Drawn {
  const { area, size, view, shown } = page;
  const photo = shown.at(-1) as SizedPhoto;
  const closer = view > 0 ? VIEWS[(view - 1) % VIEWS.length] : undefined;
  const alone = closer && shown.length === 1;
  const cell = cellOf(page, shown, area);
  const ops = (alone ? [imageOf(photo, { x: 0, y: 0, ...size }, 0)] : cell.ops).map((op) => {
    if (op.op !== 'image' || op.shown.look === null || !closer) return op;
    return { ...op, part: partOf(photo, op.box, ...closer) };
  });
  return onPaper(page, [{ ...cell, ops }]);
}

/** A photo alone, or beside its original. */
function cellOf(page: Page, group: readonly SizedPhoto[], area: Box): Drawn {
  const [first] = group as readonly [SizedPhoto];
  if (group.length > 1) {
    return labelled({ ...page, gap: page.gap >> 1, strong: page.small }, area, group, beforeOrAfter(page));
  }
  const box = boxOf(ratioOf(first), area);
  const { width, height } = box;
  return {
    ops: [imageOf(first, box, page.radius)],
    clipped: false,
    shown: width * height,
    slack: area.height - height,
  };
}

/** The ways to put one large and several small photos in an area. */
function mosaics(area: Box, gap: number, count: number): Box[][] {
  const small = count - 1;
  if (small === 0) return [[area]];
  const [width, height] = [Math.round(area.width * SHARE), Math.round(area.height * SHARE)];
  const below = { ...area, y: area.y + height + gap, height: area.height - height - gap };
  const beside = { ...area, x: area.x + width + gap, width: area.width - width - gap };
  return [Math.ceil(small / 2), small].flatMap((columns) => [
    [{ ...area, height }, ...cells(below, columns, small, gap)],
    [{ ...area, width }, ...cells(beside, columns, small, gap)],
  ]);
}
