/** Text in blocks that know their height before they have a place. */
import { shortened, wrapped } from '../text.ts';
import type { DrawOp, Measure } from './drawing.ts';

export const INK = '#1c1b19';
export const SOFT = '#5f5b54';
export const LINE = '#d9d5cc';

export interface Block {
  readonly height: number;
  /** Whether something was left out for want of room. */
  readonly cut: boolean;
  at(x: number, y: number): DrawOp[];
}

export interface Style {
  /** Pixels. */
  readonly size: number;
  readonly bold: boolean;
  readonly colour: string;
}

const LEADING = 1.4;
export const leading = ({ size }: Style): number => Math.round(size * LEADING);

export const EMPTY: Block = { height: 0, cut: false, at: () => [] };

function linesOf(lines: readonly string[], cut: boolean, width: number, style: Style): Block {
  const height = leading(style);
  return {
    height: height * lines.length,
    cut,
    at: (x, y) =>
      lines.map((text, at) => ({ op: 'text', box: { x, y: y + at * height, width, height }, text, ...style })),
  };
}

export function paragraph(text: string, width: number, most: number, style: Style, measure: Measure): Block {
  const { lines, cut } = wrapped(text, width, most, (part) => measure(part, style.size, style.bold));
  return linesOf(lines, cut, width, style);
}

/** One line; a name that is too long loses its middle. */
export const nameLine = (text: string, width: number, style: Style, measure: Measure): Block =>
  linesOf([shortened(text, width, (part) => measure(part, style.size, style.bold))], false, width, style);

/** One below the other. Those that are higher together than `most` lose the last ones. */
export function stack(blocks: readonly Block[], gap: number, most = Number.POSITIVE_INFINITY): Block {
  const kept: { block: Block; top: number }[] = [];
  let height = 0;
  for (const block of blocks) {
    if (block.height === 0) continue;
    const top = height === 0 ? 0 : height + gap;
    if (top + block.height > most) return { ...stacked(kept, height), cut: true };
    kept.push({ block, top });
    height = top + block.height;
  }
  return stacked(kept, height);
}

const stacked = (kept: readonly { block: Block; top: number }[], height: number): Block => ({
  height,
  cut: kept.some(({ block }) => block.cut),
  at: (x, y) => kept.flatMap(({ block, top }) => block.at(x, y + top)),
});

/** A colour before a text. */
export function swatched(hex: string, text: Block, { size }: Style): Block {
  const height = Math.round(size * LEADING);
  const side = Math.round(size * 0.9);
  return {
    ...text,
    at: (x, y) => [
      {
        op: 'fill',
        box: { x, y: y + ((height - side) >> 1), width: side, height: side },
        colour: hex,
        radius: side / 2,
        outline: LINE,
      },
      ...text.at(x + indentOf(size), y),
    ],
  };
}
/** Pixels that a colour takes before its text. */
export const indentOf = (size: number): number => Math.round(size * 1.3);
