/** One photo beside itself: before and after, variants, the colours that it can be had in. */
import { type Block, indentOf, nameLine, paragraph, type Style, stack, swatched } from './blocks.ts';
import type { Drawn } from './drawing.ts';
import { type LabelOf, labelled } from './labelled.ts';
import { described, onPaper, optionName, type Page, put } from './page.ts';

/** Of the page's height, at most. */
const LABEL = 0.2;

export const variants = (page: Page): Drawn =>
  onPaper(page, [labelled(page, page.area, page.shown, page.disclose ? dotted(page) : told(page))]);

export const beforeAfter = (page: Page): Drawn =>
  onPaper(page, [labelled(page, page.area, page.shown, beforeOrAfter(page))]);

export function optionBoard(page: Page): Drawn {
  const { area, gap, strong } = page;
  const title = nameLine(page, page.title, area.width, page.heading);
  const top = title.height + gap;
  const below = { ...area, y: area.y + top, height: area.height - top };
  const label: LabelOf = ({ look }, width) =>
    look === null ? nameOf(page, look, width) : changesOf(page, look, width, strong);
  const photos = labelled(page, below, page.shown, label, true);
  return onPaper(page, [put(title, area.x, area.y), photos]);
}

export const beforeOrAfter =
  (page: Page): LabelOf =>
  ({ look }, width) =>
    paragraph(page, look === null ? page.texts.before : page.texts.after, width, page.strong, 1);

const nameOf = (page: Page, look: number | null, width: number): Block =>
  paragraph(page, look === null ? page.texts.original : optionName(page, look), width, page.strong, 1);

/** What was changed in words, below its name. */
const told =
  (page: Page): LabelOf =>
  ({ look }, width) => {
    const name = nameOf(page, look, width);
    return look === null ? name : stack([name, changesOf(page, look, width, page.small)], page.tight);
  };

/** Its colours behind its name: the words are in the foot. */
const dotted =
  (page: Page): LabelOf =>
  ({ look }, width) => {
    const name = nameOf(page, look, width);
    if (look === null) return name;
    const { strong } = page;
    const begin = Math.round(page.measure(optionName(page, look), strong.size, strong.bold) + strong.size / 2);
    const pitch = indentOf(strong);
    const room = Math.max(0, Math.floor((width - begin) / pitch));
    const colours = described(page, look).changed.flatMap(({ colour }) => colour?.hex ?? []);
    const dots = colours.slice(0, room).map((hex) => swatched(hex, { ...name, at: () => [] }, strong));
    return {
      ...name,
      at: (x, y) => [...name.at(x, y), ...dots.flatMap((dot, at) => dot.at(x + begin + at * pitch, y))],
    };
  };

/** Colours with their names in a style, as a shop has them, or in words like the rest. */
const changesOf = (page: Page, look: number, width: number, style: Style): Block =>
  stack(
    described(page, look).changed.map(({ text: whole, colour }) => {
      if (colour === null) return paragraph(page, whole, width, page.small, 2);
      const name = style.bold ? colour.name : whole;
      return swatched(colour.hex, paragraph(page, name, width - indentOf(style), style, 2), style);
    }),
    page.tight,
    page.size.height * LABEL,
  );
