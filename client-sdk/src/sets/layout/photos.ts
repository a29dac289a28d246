/** Several photos of an album: a page of up to five, and a thumbnail of one. */

import { type Box, best, cells, partOf, placed } from './boxes.ts';
import { beforeOrAfter } from './compare.ts';
import type { Drawn, DrawOp } from './drawing.ts';
import { imageOf, labelled } from './labelled.ts';
import { type Page, paper, type SizedPhoto } from './page.ts';

/** Shares of the page that the first photo of several may have. */
const SHARES = [0.5, 0.6, 0.67];

/** A large photo and up to four small ones. */
export function productPage(page: Page): Drawn {
  const groups = groupedByPhoto(page.shown);
  const ways = mosaics(page, groups.length).map((places) =>
    groups.map((group, at) => cellOf(page, group, places[at] as Box)),
  );
  return together(page, best(ways, shownIn));
}

const shownIn = (drawn: readonly Drawn[]): number => drawn.reduce((sum, { shown }) => sum + shown, 0);

/** How a photo is shown the second time and after that: to the edges, then closer at its middle and towards its corners. */
const VIEWS: readonly { zoom: number; at: readonly [number, number] }[] = [
  { zoom: 1, at: [0.5, 0.5] },
  { zoom: 1.6, at: [0.5, 0.5] },
  { zoom: 1.8, at: [0.2, 0.3] },
  { zoom: 1.8, at: [0.8, 0.3] },
  { zoom: 1.8, at: [0.2, 0.7] },
  { zoom: 1.8, at: [0.8, 0.7] },
  { zoom: 2.4, at: [0.5, 0.5] },
];

/** One photo: whole on white the first time. Beside its original it keeps its place, and the original stays whole. */
export function thumbnail(page: Page): Drawn {
  const { area, size, view, shown } = page;
  const whole = shown.length > 1 || view === 0;
  const drawn = whole
    ? cellOf({ ...page, crop: 1 }, shown, area)
    : {
        ops: [imageOf(shown[0] as SizedPhoto, { x: 0, y: 0, ...size }, 0)],
        cut: false,
        shown: size.width * size.height,
        slack: 0,
      };
  const closer = VIEWS[(view - 1) % VIEWS.length];
  if (view === 0 || closer === undefined) return together(page, [drawn]);
  const ops = drawn.ops.map((op): DrawOp => {
    const photo = op.op === 'image' && op.shown.look !== null ? shown.at(-1) : undefined;
    return op.op === 'image' && photo ? { ...op, part: partOf(photo, op.box, closer.zoom, closer.at) } : op;
  });
  return together(page, [{ ...drawn, ops }]);
}

function groupedByPhoto(shown: readonly SizedPhoto[]): SizedPhoto[][] {
  const groups = new Map<number, SizedPhoto[]>();
  for (const one of shown) groups.set(one.photo, [...(groups.get(one.photo) ?? []), one]);
  return [...groups.values()];
}

/** A photo alone, or beside its original. */
function cellOf(page: Page, group: readonly SizedPhoto[], area: Box): Drawn {
  const [first] = group as readonly [SizedPhoto];
  if (group.length > 1)
    return labelled({ ...page, gap: page.gap >> 1, strong: page.small }, area, group, beforeOrAfter(page));
  const { box, part } = placed(first, area, page.crop);
  return { ops: [imageOf(first, box, page.radius, part)], cut: false, shown: box.width * box.height, slack: 0 };
}

/** The ways to put one large and several small photos on the page. */
function mosaics({ area, gap }: Page, count: number): Box[][] {
  const small = count - 1;
  if (small === 0) return [[area]];
  return [1, 2, 4].flatMap((columns) =>
    SHARES.flatMap((share) => {
      const rows = Math.ceil(small / columns);
      const [width, height] = [Math.round(area.width * share), Math.round(area.height * share)];
      const below = { ...area, y: area.y + height + gap, height: area.height - height - gap };
      const beside = { ...area, x: area.x + width + gap, width: area.width - width - gap };
      return [
        [{ ...area, height }, ...cells(below, columns, rows, gap)],
        [{ ...area, width }, ...cells(beside, columns, rows, gap)],
      ];
    }),
  );
}

function together(page: Page, drawn: readonly Drawn[]): Drawn {
  return {
    ops: [...paper(page, '#ffffff'), ...drawn.flatMap(({ ops }) => ops)],
    cut: page.foot.cut || drawn.some(({ cut }) => cut),
    shown: shownIn(drawn),
    slack: 0,
  };
}
