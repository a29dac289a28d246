/** Text in blocks that know their height before they have a place. */
import { shortened, wrapped } from '../text.ts';
import type { DrawOp, Measure } from './drawing.ts';

export const INK = '#1c1b19';
export const SOFT = '#5f5b54';
export const LINE = '#d9d5cc';

export interface Block {
  readonly height: number;
  /** Whether something was left out for want of room. */
  readonly clipped: boolean;
  at(x: number, y: number): DrawOp[];
}

export interface Style {
  /** Pixels. */
  readonly size: number;
  readonly bold: boolean;
  readonly colour: string;
}

const LEADING = 1.4;
/** More lines, or pixels, than a page has. */
const MANY = 1e5;

interface Measuring {
  readonly measure: Measure;
}

export const leading = ({ size }: Style): number => Math.round(size * LEADING);

export const EMPTY: Block = { height: 0, clipped: false, at: () => [] };

function linesOf(lines: readonly string[], clipped: boolean, width: number, style: Style): Block {
  const height = leading(style);
  return {
    height: height * lines.length,
    clipped,
    at: (x, y) =>
      lines.map((text, at) => ({ op: 'text', box: { x, y: y + at * height, width, height }, text, ...style })),
  };
}

/** Lines that are as wide as they can be, `most` at most. */
export function paragraph({ measure }: Measuring, text: string, width: number, style: Style, most = MANY): Block {
  const { lines, clipped } = wrapped(text, width, most, (part) => measure(part, style.size, style.bold));
  return linesOf(lines, clipped, width, style);
}

/** One line; a name that is too long loses its middle. */
export function nameLine({ measure }: Measuring, text: string, width: number, style: Style): Block {
  const line = shortened(text, width, (part) => measure(part, style.size, style.bold));
  return linesOf(line === '' ? [] : [line], false, width, style);
}

/** One below the other. Those that are higher together than `most` lose the last ones. */
export function stack(blocks: readonly Block[], gap: number, most = MANY): Block {
  const kept: { block: Block; top: number }[] = [];
  let height = 0;
  for (const block of blocks) {
    if (block.height === 0) continue;
    const top = height === 0 ? 0 : height + gap;
    if (top + block.height > most) return { ...stacked(kept, height), clipped: true };
    kept.push({ block, top });
    height = top + block.height;
  }
  return stacked(kept, height);
}

const stacked = (kept: readonly { block: Block; top: number }[], height: number): Block => ({
  height,
  clipped: kept.some(({ block }) => block.clipped),
  at: (x, y) => kept.flatMap(({ block, top }) => block.at(x, y + top)),
});

/** A colour before a text, in the middle of its first line. */
export function swatched(hex: string, text: Block, style: Style): Block {
  const side = Math.round(style.size * 0.9);
  const height = Math.max(text.height, side);
  return {
    ...text,
    height,
    at: (x, y) => [
      {
        op: 'swatch',
        box: { x, y: y + ((Math.min(height, leading(style)) - side) >> 1), width: side, height: side },
        colour: hex,
      },
      ...text.at(x + indentOf(style), y),
    ],
  };
}
/** Pixels that a colour takes before its text. */
export const indentOf = ({ size }: Style): number => Math.round(size * 1.3);
