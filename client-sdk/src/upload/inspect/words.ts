/** Why a file can't be sent and what to do, in English, as it stands behind the file's name. */

import type { InvalidFileReason } from '../../errors.ts';
import { MAX_PHOTO_BYTES, MAX_PHOTO_PIXELS, MAX_PHOTOS } from '../../generated/limits.ts';

const MEGA = 1_000_000;

export const words: Record<InvalidFileReason, string> = {
  empty: 'is empty',
  unreadable: 'cannot be read: it may be a folder, have been moved, or not be on this device yet',
  changed: 'was changed or removed after it was chosen: choose it again',
  folder: 'is a folder: choose the photos in it',
  'too-many': `is beyond the ${MAX_PHOTOS} photos of a job: send it with another`,
  'too-large': `is larger than ${MAX_PHOTO_BYTES / MEGA} MB: save it smaller`,
  'too-many-pixels': `has more than ${MAX_PHOTO_PIXELS / MEGA} megapixels: make it smaller`,
  animated: 'is an animation: save the one picture that is meant as JPEG or PNG',
  heic: 'is a HEIC photo: save it as JPEG (iPhone: Settings → Camera → Formats → Most Compatible)',
  avif: 'is an AVIF picture: save it as JPEG or PNG',
  gif: 'is a GIF: save it as JPEG or PNG',
  bmp: 'is a BMP: save it as JPEG or PNG',
  tiff: 'is a TIFF: save it as JPEG or PNG',
  jxl: 'is a JPEG XL picture: save it as JPEG or PNG',
  'jpeg-2000': 'is a JPEG 2000 picture: save it as JPEG or PNG',
  psd: 'is a Photoshop document: export it as JPEG or PNG',
  raw: 'is a raw photo: export it as JPEG',
  svg: 'is an SVG drawing: export it as PNG',
  pdf: 'is a PDF: export its pictures as JPEG or PNG',
  video: 'is a video: save one picture of it as JPEG',
  archive: 'is an archive: unpack it, and choose the photos in it',
  html: 'is a web page, not a photo',
  text: 'is text, not a photo',
  'unknown-type': 'is not a JPEG, PNG or WebP photo',
};
