/** One page: its size, margins and type, and the words of disclosure at its foot. */
import type { Preset } from '../../generated/types.ts';
import type { Language } from '../../messages/index.ts';
import { type DescribedChanges, describeChanges } from '../describe.ts';
import type { Channel, Look, PictureSize, TemplateId } from '../types.ts';
import { WORDS, type Words } from '../words.ts';
import { type Block, EMPTY, INK, paragraph, SOFT, type Style, stack } from './blocks.ts';
import type { Box } from './boxes.ts';
import type { Drawn, DrawOp, Measure, Shown } from './drawing.ts';

export interface SizedPhoto extends Shown, PictureSize {}

/** All that a picture depends on: the same gives the same picture. */
export interface LayoutInput {
  readonly template: TemplateId;
  /** The picture's; null: as large as its photos are. */
  readonly size: Channel | null;
  /** Originals before looks, photo by photo; at least one. */
  readonly shown: readonly SizedPhoto[];
  /** How often the photo was shown before in this set. */
  readonly view: number;
  /** Name of the photo that it is of. */
  readonly title: string;
  readonly preset: Preset;
  readonly looks: readonly Look[];
  readonly language: Language;
  readonly disclose: boolean;
  readonly measure: Measure;
}

export interface Page extends LayoutInput {
  readonly size: PictureSize;
  /** Within the margins, above the foot. */
  readonly area: Box;
  readonly foot: Block;
  readonly gap: number;
  /** Between lines that belong together. */
  readonly tight: number;
  /** A hundredth of the side of a square as large as the page, in pixels. */
  readonly unit: number;
  readonly heading: Style;
  readonly strong: Style;
  readonly small: Style;
  readonly texts: Words;
  readonly radius: number;
  /** Whether it may be less high than it is. */
  readonly lower: boolean;
}

/** Of its height, at most. */
const FOOT = 0.36;
const ENDING = /\.\w{1,5}$/;

/** @param scale of the type: smaller where there is much to say @param unit see Page */
export function pageOf(input: LayoutInput, size: PictureSize, scale: number, unit: number): Page {
  const px = (units: number) => Math.max(1, Math.round(unit * units));
  const margin = px(4);
  const small: Style = { size: Math.max(8, px(1.9 * scale)), bold: false, colour: SOFT };
  const page: Page = {
    ...input,
    size,
    title: input.title.replace(ENDING, ''),
    area: { x: margin, y: margin, width: size.width - 2 * margin, height: size.height - 2 * margin },
    foot: EMPTY,
    gap: px(2),
    tight: px(0.6),
    unit,
    heading: { size: px(3.2 * scale), bold: true, colour: INK },
    strong: { size: px(2.3 * scale), bold: true, colour: INK },
    small,
    texts: WORDS[input.language],
    radius: px(0.6),
    lower: input.size === null || input.size.lower === true,
  };
  if (!input.disclose) return page;
  const foot = footOf(page);
  return { ...page, foot, area: { ...page.area, height: page.area.height - foot.height - page.gap } };
}

/** What was done in a look. */
export const described = ({ looks, preset, language }: LayoutInput, look: number): DescribedChanges =>
  describeChanges(looks[look] as Look, preset, language);

/** What was done to the photos of this page, and what was left. A card says that itself. */
function footOf(page: Page): Block {
  const { texts, area, small } = page;
  const shown = [...new Set(page.shown.flatMap(({ look }) => look ?? []))];
  const looks = shown.map((look) => described(page, look));
  const lines = looks.map(({ changed }, at) => {
    const what = shown.length > 1 ? optionName(page, shown[at] as number) : texts.changed;
    return `${what} – ${changed.map((change) => change.text).join(' · ')}`;
  });
  const kept = looks[0]?.kept.filter((name) => looks.every((one) => one.kept.includes(name))) ?? [];
  if (kept.length > 0) lines.push(`${texts.kept} – ${kept.join(', ')}`);
  const blocks = (page.template === 'client-card' ? [] : lines).map((line) => paragraph(page, line, area.width, small));
  return stack(
    [paragraph(page, texts.altered, area.width, { ...small, colour: INK }), ...blocks],
    page.tight,
    page.size.height * FOOT,
  );
}

export const optionName = ({ texts }: Page, look: number): string => `${texts.option} ${look + 1}`;

/** A block in its place. */
export const put = (block: Block, x: number, y: number): Drawn => ({
  ops: block.at(x, y),
  clipped: block.clipped,
  shown: 0,
  slack: 0,
});

/** All that is on a page, with its ground and its foot. */
export function onPaper(page: Page, parts: readonly Drawn[], colour = '#ffffff'): Drawn {
  const { size, foot, area, gap } = page;
  const all = [put(foot, area.x, area.y + area.height + gap), ...parts];
  const ground: DrawOp = { op: 'fill', box: { x: 0, y: 0, width: size.width, height: size.height }, colour };
  return {
    ops: [ground, ...all.flatMap(({ ops }) => ops)],
    clipped: all.some(({ clipped }) => clipped),
    shown: all.reduce((sum, { shown }) => sum + shown, 0),
    slack: all.reduce((sum, { slack }) => sum + slack, 0),
  };
}
