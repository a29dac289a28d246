/** A card for a client: before, after, the colours, what was changed and what was left. */
import { describeChanges } from '../describe.ts';
import type { Look } from '../types.ts';
import { type Block, EMPTY, INK, LINE, nameLine, stack } from './blocks.ts';
import { beforeOrAfter } from './compare.ts';
import type { Drawn, DrawOp } from './drawing.ts';
import { labelled } from './labelled.ts';
import { type Page, paper, text } from './page.ts';

/** Of the page's height, at most. */
const FACTS = 0.4;
const CHIPS = 6;

export function clientCard(page: Page): Drawn {
  const { area, gap, measure } = page;
  const title = stack(
    [
      nameLine(page.title, area.width, page.heading, measure),
      text(page, page.preset.name[page.language], area.width, page.small, 1),
    ],
    0,
  );
  const facts = factsOf(page);
  const top = title.height + gap;
  const height = area.height - top - facts.height - gap;
  const photos = labelled(page, { ...area, y: area.y + top, height }, page.shown, beforeOrAfter(page), 'left');
  return {
    ops: [
      ...paper(page, '#faf8f4'),
      ...title.at(area.x, area.y),
      ...photos.ops,
      ...facts.at(area.x, area.y + area.height - facts.height),
    ],
    cut: photos.cut || facts.cut || page.foot.cut,
    shown: photos.shown,
    slack: photos.slack,
  };
}

/** Columns: the colours, the changes in words, what was protected. Those that there is nothing for are left out. */
function factsOf(page: Page): Block {
  const { words, looks, preset, language, area, gap, small } = page;
  const { changed, kept } = describeChanges(looks[page.shown.at(-1)?.look ?? 0] as Look, preset, language);
  const colours = changed.flatMap(({ colour }) => colour ?? []).slice(0, CHIPS);
  const columns: [string, (width: number) => readonly Block[]][] = [];
  if (colours.length > 0) columns.push([words.colours, (width) => colours.map((colour) => chip(page, colour, width))]);
  if (changed.length > 0)
    columns.push([words.changed, (width) => changed.map((change) => text(page, change.text, width, ink(page)))]);
  if (kept.length > 0) columns.push([words.kept, (width) => [text(page, kept.join(', '), width, ink(page))]]);
  if (columns.length === 0) return EMPTY;
  const width = Math.floor((area.width - 2 * gap * (columns.length - 1)) / columns.length);
  const most = page.size.height * FACTS - 2 * gap;
  const blocks = columns.map(([heading, blocksOf]) =>
    stack([text(page, heading, width, small, 1), ...blocksOf(width)], Math.round(small.size * 0.4), most),
  );
  return {
    height: gap + Math.max(...blocks.map((block) => block.height)),
    cut: blocks.some((block) => block.cut),
    at: (x, y) => [
      {
        op: 'fill',
        box: { x, y, width: area.width, height: Math.max(1, Math.round(page.unit / 10)) },
        colour: LINE,
        radius: 0,
      },
      ...blocks.flatMap((block, at) => block.at(x + at * (width + 2 * gap), y + gap)),
    ],
  };
}

const ink = (page: Page) => ({ ...page.small, colour: INK });

function chip(page: Page, { hex, name }: { hex: string; name: string }, width: number): Block {
  const side = Math.round(page.small.size * 1.8);
  const named = text(page, name, width - side - page.gap / 2, ink(page), 1);
  return {
    height: side,
    cut: named.cut,
    at: (x, y): DrawOp[] => [
      { op: 'fill', box: { x, y, width: side, height: side }, colour: hex, radius: page.radius, outline: LINE },
      ...named.at(x + side + (page.gap >> 1), y + ((side - named.height) >> 1)),
    ],
  };
}
