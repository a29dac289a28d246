/** A card for a client: before, after, the colours, what was changed and what was left. */
import { type Block, INK, LINE, nameLine, paragraph, stack, swatched } from './blocks.ts';
import { beforeOrAfter } from './compare.ts';
import type { Drawn, DrawOp } from './drawing.ts';
import { labelled } from './labelled.ts';
import { described, onPaper, type Page, put } from './page.ts';

/** Of the page's height, at most. */
const FACTS = 0.4;

export function clientCard(page: Page): Drawn {
  const { area, gap } = page;
  const name = nameLine(page, page.title, area.width, page.heading);
  const title = stack([name, paragraph(page, page.preset.name[page.language], area.width, page.small, 1)], 0);
  const facts = factsOf(page);
  const top = title.height + gap;
  const between = { ...area, y: area.y + top, height: area.height - top - facts.height - gap };
  const photos = labelled(page, between, page.shown, beforeOrAfter(page), true);
  const below = between.y + between.height - photos.slack + gap;
  const parts = [put(title, area.x, area.y), photos, put(facts, area.x, below)];
  return onPaper(page, parts, '#faf8f4');
}

/** Columns below a line: the colours, the changes in words, what was protected. Those that there is nothing for are left out. */
function factsOf(page: Page): Block {
  const { texts, area, gap, small } = page;
  const ink = { ...small, colour: INK };
  const { changed, kept } = described(page, page.shown.at(-1)?.look ?? 0);
  const colours = changed.flatMap(({ colour }) => colour ?? []);
  const wanted: [heading: string, lines: readonly { hex?: string; name: string }[]][] = [
    [texts.colours, colours],
    [texts.changed, changed.map((change) => ({ name: change.text }))],
    [texts.kept, kept.length > 0 ? [{ name: kept.join(', ') }] : []],
  ];
  const columns = wanted.filter(([, lines]) => lines.length > 0);
  const pitch = Math.floor((area.width + 2 * gap) / columns.length);
  const width = pitch - 2 * gap;
  const blocks = columns.map(([heading, lines]) => {
    const texts = lines.map(({ hex, name }) =>
      hex === undefined
        ? paragraph(page, name, width, ink)
        : swatched(hex, paragraph(page, name, width - 2 * small.size, ink, 1), { ...small, size: 1.4 * small.size }),
    );
    return stack([paragraph(page, heading, width, small, 1), ...texts], page.tight, page.size.height * FACTS);
  });
  return {
    height: gap + Math.max(0, ...blocks.map(({ height }) => height)),
    clipped: blocks.some(({ clipped }) => clipped),
    at: (x, y): DrawOp[] => [
      { op: 'fill', box: { x, y, width: area.width, height: Math.ceil(page.unit / 10) }, colour: LINE },
      ...blocks.flatMap((block, at) => block.at(x + at * pitch, y + gap)),
    ],
  };
}
