/** Layouts: from photos with their sizes and the width of texts to what is drawn where. Pure: the same input gives the same picture. */
import { LEAST, LONGER, LONGEST } from '../templates.ts';
import type { Channel, PictureSize, TemplateId } from '../types.ts';
import { clientCard } from './card.ts';
import { beforeAfter, optionBoard, variants } from './compare.ts';
import type { Drawing, Drawn } from './drawing.ts';
import { type LayoutInput, type Page, pageOf } from './page.ts';
import { productPage, thumbnail } from './photos.ts';

const LAYOUTS: Readonly<Record<TemplateId, (page: Page) => Drawn>> = {
  'three-variant-pack': variants,
  'before-after': beforeAfter,
  'client-card': clientCard,
  'product-pack': productPage,
  'option-board': optionBoard,
  'eight-thumbnails': thumbnail,
};

/** Of the type: words that would be cut, or leave the photos no room, get smaller, as far as this. */
const SMALLEST = 0.5;
const SMALLER = 0.87;
/** Of the page, at least, for photos. */
const ROOM = 0.25;

export function layout(input: LayoutInput): Drawing {
  const { width, height, lower } = input.size ?? sizeOf(input);
  // How high a page is that may be lower says little.
  const unit = (lower ? width * 0.87 : Math.sqrt(width * height)) / 100;
  const { ops, slack } = fitting(input, { width, height }, unit);
  if (!lower || slack === 0) return { width, height, ops };
  const size = { width, height: height - slack };
  return { ...size, ops: fitting(input, size, unit).ops };
}

function fitting(input: LayoutInput, size: PictureSize, unit: number): Drawn {
  for (let scale = 1; ; scale *= SMALLER) {
    const drawn = LAYOUTS[input.template](pageOf(input, size, scale, unit));
    const enough = drawn.shown >= ROOM * size.width * (size.height - drawn.slack);
    if ((enough && !drawn.clipped) || scale < SMALLEST) return drawn;
  }
}

/**
 * Room for the photos in their own size, side by side or in two rows, and for words, of which what is not needed goes again; as far as every
 * browser has a canvas for it.
 */
function sizeOf({ shown }: LayoutInput): Channel {
  const { width, height } = shown[0] as PictureSize;
  const rows = Math.round(Math.sqrt(shown.length));
  const across = width * Math.ceil(shown.length / rows) * 1.1;
  const room = [across, height * rows * 1.2 + across * 0.6] as const;
  const scale = Math.min(1, LONGEST / Math.max(...room));
  const side = (pixels: number, other: number) => Math.max(LEAST, Math.round(Math.max(pixels, other / LONGER) * scale));
  return { width: side(room[0], room[1]), height: side(room[1], room[0]), lower: true };
}
