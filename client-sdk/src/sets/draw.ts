/** The renderer: operations onto a canvas. */
import { LINE } from './layout/blocks.ts';
import type { Drawing, DrawOp, Measure, Shown } from './layout/drawing.ts';
import type { Canvas2D, DecodedPicture } from './types.ts';

const FAMILY = 'system-ui, "Apple SD Gothic Neo", "Malgun Gothic"';
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
  if (op.op === 'text') {
    context.fillStyle = op.colour;
    context.font = fontOf(op.size, op.bold, family);
    context.fillText(op.text, x, y + height / 2 + op.size * BASELINE);
    return;
  }
  context.save();
  context.beginPath();
  context.roundRect(x, y, width, height, op.op === 'swatch' ? width / 2 : op.op === 'image' ? op.radius : 0);
  if (op.op === 'image') {
    const { part } = op;
    context.clip();
    context.drawImage(imageOf(op.shown), part.x, part.y, part.width, part.height, x, y, width, height);
  } else {
    context.fillStyle = op.colour;
    context.fill();
    if (op.op === 'swatch') {
      context.strokeStyle = LINE;
      context.lineWidth = height / 24;
      context.stroke();
    }
  }
  context.restore();
}
