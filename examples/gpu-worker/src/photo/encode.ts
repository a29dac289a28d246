// From pixels to files: the result in the type that was asked for, and the preview. Both carry sRGB as their profile, results also that
// they were made by an algorithm, and neither what the photo's own file said of its camera, time and place.

import type { Sharp } from 'sharp';
import type { OutputType } from '../message.ts';
import { BadPhoto } from './bad-photo.ts';
import { interleaved } from './decode.ts';
import type { Pixels } from './pixels.ts';
import { withSrgb, withXmp } from './png.ts';
import { XMP } from './xmp.ts';

/** Longest side of a preview, in pixels. */
const PREVIEW_SIDE = 512;
/** What transparency becomes in JPEG, which has none. */
const GROUND = '#ffffff';
/** Longest side that a format can write down. */
const LONGEST_SIDE: Readonly<Record<OutputType, number>> = {
  'image/png': 2 ** 31 - 1,
  'image/jpeg': 65_535,
  'image/webp': 16_383,
};

function encoder(image: Sharp, type: OutputType): Sharp {
  switch (type) {
    case 'image/png':
      return image.png({ compressionLevel: 5 });
    case 'image/jpeg':
      // Colours at full resolution: at half of it a new colour would bleed over the edge of what was recoloured.
      return image
        .flatten({ background: GROUND })
        .withIccProfile('srgb')
        .withXmp(XMP)
        .jpeg({ quality: 92, chromaSubsampling: '4:4:4' });
    case 'image/webp':
      return image
        .withIccProfile('srgb')
        .withXmp(XMP)
        .webp({ quality: 92, effort: 2, smartSubsample: true, alphaQuality: 100 });
  }
}

/** Throws BadPhoto when a result of the photo's size cannot be of the type. */
export function checkFits({ width, height }: Pixels, type: OutputType): void {
  const side = Math.max(width, height);
  const most = LONGEST_SIDE[type];
  if (side > most)
    throw new BadPhoto(`a result of type ${type} has at most ${most} pixels a side, the photo has ${side}`);
}

export async function encodeResult(pixels: Pixels, type: OutputType): Promise<Uint8Array> {
  const bytes = await encoder(interleaved(pixels), type).toBuffer();
  return type === 'image/png' ? withSrgb(withXmp(bytes, XMP)) : bytes;
}

export const encodePreview = (pixels: Pixels): Promise<Uint8Array> =>
  interleaved(pixels)
    .resize(PREVIEW_SIDE, PREVIEW_SIDE, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: GROUND })
    .jpeg({ quality: 80, mozjpeg: false })
    .toBuffer();
