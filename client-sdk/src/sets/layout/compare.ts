/** One photo beside itself: before and after, variants, the colours that it can be had in. */
import { type DescribedChange, describeChanges } from '../describe.ts';
import type { Look } from '../types.ts';
import { type Block, EMPTY, indentOf, nameLine, stack, swatched } from './blocks.ts';
import type { Drawn } from './drawing.ts';
import { type LabelOf, labelled } from './labelled.ts';
import { type Page, paper, text } from './page.ts';

/** Of the page's height, at most. */
const LABEL = 0.2;

export function variants(page: Page): Drawn {
  const { words, strong } = page;
  return compared(page, '#ffffff', EMPTY, ({ look }, width) => {
    if (look === null) return text(page, words.original, width, strong, 1);
    const title = text(page, words.option(look + 1), width, strong, 1);
    return page.disclose ? dotted(page, look, title, width) : label(page, [title, ...changesOf(page, look, width)]);
  });
}

export function beforeAfter(page: Page): Drawn {
  return compared(page, '#ffffff', EMPTY, beforeOrAfter(page));
}

export const beforeOrAfter =
  (page: Page): LabelOf =>
  ({ look }, width) =>
    text(page, look === null ? page.words.before : page.words.after, width, page.strong, 1);

export function optionBoard(page: Page): Drawn {
  const { words, strong } = page;
  const title = nameLine(page.title, page.area.width, page.heading, page.measure);
  return compared(page, '#ffffff', title, ({ look }, width) => {
    if (look === null) return text(page, words.original, width, strong, 1);
    return label(page, optionOf(page, look, width));
  });
}

function compared(page: Page, ground: string, title: Block, labelOf: LabelOf): Drawn {
  const { area, gap } = page;
  const top = title.height === 0 ? 0 : title.height + gap;
  const drawn = labelled(page, { ...area, y: area.y + top, height: area.height - top }, page.shown, labelOf);
  return {
    ops: [...paper(page, ground), ...title.at(area.x, area.y), ...drawn.ops],
    cut: drawn.cut || page.foot.cut,
    shown: drawn.shown,
    slack: drawn.slack,
  };
}

const label = (page: Page, blocks: readonly Block[]): Block =>
  stack(blocks, Math.round(page.small.size * 0.3), page.size.height * LABEL);

/** What was changed, in words, with its colours. */
const changesOf = (page: Page, look: number, width: number): Block[] =>
  described(page, look).map(({ text: whole, colour }) => {
    if (colour === null) return text(page, whole, width, page.small, 2);
    return swatched(colour.hex, text(page, whole, width - indentOf(page.small.size), page.small, 2), page.small);
  });

/** Colours by their names, as a shop has them, and the rest in words. */
const optionOf = (page: Page, look: number, width: number): Block[] =>
  described(page, look).map(({ text: whole, colour }) => {
    if (colour === null) return text(page, whole, width, page.small, 2);
    return swatched(
      colour.hex,
      text(page, colour.name, width - indentOf(page.strong.size), page.strong, 2),
      page.strong,
    );
  });

/** Its colours behind its name: the words are in the foot. */
function dotted(page: Page, look: number, title: Block, width: number): Block {
  const { strong, measure, words } = page;
  const begin = measure(words.option(look + 1), strong.size, strong.bold) + strong.size / 2;
  const pitch = indentOf(strong.size);
  const room = Math.max(0, Math.floor((width - begin) / pitch));
  const colours = described(page, look).flatMap(({ colour }) => colour?.hex ?? []);
  const dots = colours.slice(0, room).map((hex) => swatched(hex, { ...title, at: () => [] }, strong));
  return {
    ...title,
    at: (x, y) => [...title.at(x, y), ...dots.flatMap((dot, at) => dot.at(Math.round(x + begin) + at * pitch, y))],
  };
}

const described = (page: Page, look: number): DescribedChange[] =>
  describeChanges(page.looks[look] as Look, page.preset, page.language).changed;
