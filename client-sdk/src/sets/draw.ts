/** The renderer: operations onto a canvas. */
import type { Box } from './layout/boxes.ts';
import type { Drawing, DrawOp, Measure, Shown } from './layout/drawing.ts';
import type { Canvas2D, DecodedPicture } from './types.ts';

const FAMILY =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", "Noto Sans CJK KR", sans-serif';
/** From the middle of a line of text to its baseline, as a share of its size: half of what a capital, or a Hangul syllable, is high. */
const BASELINE = 0.36;

const fontOf = (size: number, bold: boolean, family = FAMILY): string => `${bold ? '600 ' : ''}${size}px ${family}`;

export function measureOn(context: Canvas2D, family: string | undefined): Measure {
  return (text, size, bold) => {
    context.font = fontOf(size, bold, family);
    return context.measureText(text).width;
  };
}

export function draw(
  context: Canvas2D,
  { ops }: Drawing,
  imageOf: (shown: Shown) => DecodedPicture,
  family: string | undefined,
): void {
  context.imageSmoothingQuality = 'high';
  for (const op of ops) drawOp(context, op, imageOf, family);
}

function drawOp(
  context: Canvas2D,
  op: DrawOp,
  imageOf: (shown: Shown) => DecodedPicture,
  family: string | undefined,
): void {
  const { x, y, width, height } = op.box;
  context.save();
  if (op.op === 'text') {
    context.fillStyle = op.colour;
    context.font = fontOf(op.size, op.bold, family);
    context.fillText(op.text, x, y + height / 2 + op.size * BASELINE);
  } else {
    trace(context, op.box, op.radius);
    if (op.op === 'image') {
      const { part } = op;
      context.clip();
      context.drawImage(imageOf(op.shown), part.x, part.y, part.width, part.height, x, y, width, height);
    } else {
      context.fillStyle = op.colour;
      context.fill();
      if (op.outline !== undefined) {
        context.strokeStyle = op.outline;
        context.lineWidth = Math.max(1, height / 24);
        context.stroke();
      }
    }
  }
  context.restore();
}

function trace(context: Canvas2D, { x, y, width, height }: Box, radius: number): void {
  context.beginPath();
  context.roundRect(x, y, width, height, Math.min(radius, width / 2, height / 2));
}
