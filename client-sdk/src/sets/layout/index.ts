/** Layouts: from photos with their sizes and the width of texts to what is drawn where. Pure: the same input gives the same picture. */
import { LONGEST } from '../templates.ts';
import type { PictureSize, TemplateId } from '../types.ts';
import { best } from './boxes.ts';
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

/** Sizes of the type, tried one after the other: words that would be cut, or leave the photos no room, get smaller ones. */
const SCALES = [1, 0.88, 0.76, 0.66, 0.58, 0.5];
/** Of the page, at least, for photos. */
const ROOM = 0.25;

export function layout(input: LayoutInput): Drawing {
  const size = input.size ?? sizeOf(input);
  const unit = Math.sqrt(size.width * size.height) / 100;
  const drawn = fitting(input, size, unit);
  if (input.size?.lower !== true && input.size !== null) return { ...size, ops: drawn.ops };
  const { width } = size;
  const height = size.height - drawn.slack;
  return { width, height, ops: fitting(input, { width, height }, unit).ops };
}

function fitting(input: LayoutInput, size: PictureSize, unit: number): Drawn {
  let drawn: Drawn | undefined;
  for (const scale of SCALES) {
    drawn = LAYOUTS[input.template](pageOf(input, size, scale, unit));
    if (!drawn.cut && drawn.shown >= ROOM * size.width * (size.height - drawn.slack)) break;
  }
  return drawn as Drawn;
}

/** Room for the photos in their own size, in about 4:3, and a fifth more for words; as far as every browser has a canvas for it. */
function sizeOf({ shown }: LayoutInput): PictureSize {
  const { width, height } = shown[0] as PictureSize;
  const grids = shown.map((_, at) => {
    const columns = at + 1;
    return { width: width * columns, height: height * Math.ceil(shown.length / columns) };
  });
  const grid = best(grids, (one) => -Math.abs(Math.log(one.width / one.height / (4 / 3))));
  const room = { width: grid.width * 1.1, height: grid.height * 1.2 };
  const scale = Math.min(1, LONGEST / Math.max(room.width, room.height));
  const side = (pixels: number) => Math.max(64, Math.round(pixels * scale));
  return { width: side(room.width), height: side(room.height) };
}
