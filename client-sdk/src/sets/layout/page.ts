/** One page: its size, margins and type, and the words of disclosure at its foot. */
import type { Preset } from '../../generated/types.ts';
import type { Language } from '../../messages/index.ts';
import { describeChanges } from '../describe.ts';
import type { Channel, Look, PictureSize, TemplateId } from '../types.ts';
import { WORDS, type Words } from '../words.ts';
import { type Block, EMPTY, INK, paragraph, SOFT, type Style, stack } from './blocks.ts';
import type { Box } from './boxes.ts';
import type { DrawOp, Measure, Shown } from './drawing.ts';

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
  /** A hundredth of the side of a square as large as the page, in pixels. */
  readonly unit: number;
  readonly heading: Style;
  readonly strong: Style;
  readonly small: Style;
  readonly words: Words;
  readonly radius: number;
  /** How much more of a photo there is than is shown: 1 where nothing may be cut off. */
  readonly crop: number;
}

/** Of its height, at most. */
const FOOT = 0.36;
/** Where nothing has to be untouched a fifth of a photo may be cut off to fill its place. */
const CROP = 1.25;
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
    unit,
    heading: { size: px(3.2 * scale), bold: true, colour: INK },
    strong: { size: px(2.3 * scale), bold: true, colour: INK },
    small,
    words: WORDS[input.language],
    radius: px(0.6),
    crop: input.disclose ? 1 : CROP,
  };
  if (!input.disclose) return page;
  const foot = footOf(page);
  return { ...page, foot, area: { ...page.area, height: page.area.height - foot.height - page.gap } };
}

export const text = (page: Page, words: string, width: number, style: Style, most = Number.POSITIVE_INFINITY): Block =>
  paragraph(words, width, most, style, page.measure);

/** What was done to the photos of this page, and what was left. */
function footOf(page: Page): Block {
  const { words, looks, preset, language, area, small } = page;
  const shown = [...new Set(page.shown.flatMap(({ look }) => look ?? []))];
  const described = shown.map((at) => describeChanges(looks[at] as Look, preset, language));
  const kept = (described[0]?.kept ?? []).filter((name) => described.every((one) => one.kept.includes(name)));
  // What a card says itself.
  if (page.template === 'client-card') return text(page, words.altered, area.width, small);
  const lines = described.map(({ changed }, at) => {
    const what = shown.length > 1 ? words.option((shown[at] as number) + 1) : words.changed;
    return `${what} – ${changed.map((change) => change.text).join(' · ')}`;
  });
  if (kept.length > 0) lines.push(`${words.kept} – ${kept.join(', ')}`);
  const blocks = [words.altered, ...lines].map((line, at) =>
    text(page, line, area.width, at === 0 ? { ...small, colour: INK } : small),
  );
  return stack(blocks, Math.round(small.size * 0.3), page.size.height * FOOT);
}

/** The page under everything, and its foot. */
export const paper = ({ size, foot, area, gap }: Page, colour: string): DrawOp[] => [
  { op: 'fill', box: { x: 0, y: 0, ...size }, colour, radius: 0 },
  ...foot.at(area.x, area.y + area.height + gap),
];
