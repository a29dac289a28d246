// Looks at a photo file without decoding it: is it of a kind that is worked on, of a size that is, a single picture, and all there?
// What libvips says of a failed decode is no answer to any of it: its error texts are shared by all threads.

import { BadPhoto } from './bad-photo.ts';
import { jpegDamage, jpegFrame } from './jpeg/jpeg.ts';
import { kindOf, type PhotoKind } from './kind.ts';
import { pngDamage, pngFrames, readPng, withProfile } from './png.ts';
import { readWebp } from './webp.ts';

export const MOST_BYTES = 25 * 1024 * 1024;
const MOST_PIXELS = 64_000_000;
const LEAST_SIDE = 16;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** looks closely, once the size is known to be one that can be worked on */
  readonly damage: () => string | null;
  /** the bytes as decoders should have them */
  readonly bytes: Uint8Array;
}

function pngHeader(bytes: Uint8Array): Header | null {
  const png = readPng(bytes);
  if (!png) return null;
  const damage = (): string | null => pngDamage(png);
  return { ...png, frames: pngFrames(png), damage, bytes: withProfile(bytes, png) ?? bytes };
}

function jpegHeader(bytes: Uint8Array): Header | null {
  const frame = jpegFrame(bytes);
  return frame && { ...frame, frames: 1, damage: () => jpegDamage(bytes), bytes };
}

function webpHeader(bytes: Uint8Array): Header | null {
  const webp = readWebp(bytes);
  return webp && { ...webp, damage: () => (webp.whole ? null : 'the data end early'), bytes };
}

const HEADERS = { jpeg: jpegHeader, png: pngHeader, webp: webpHeader } satisfies Record<
  PhotoKind,
  (bytes: Uint8Array) => Header | null
>;

export const damaged = (how: string): BadPhoto =>
  new BadPhoto(`the photo file is damaged or incomplete: ${how}; upload its original once more`);

/** Returns the bytes to decode; throws BadPhoto. */
export function inspect(bytes: Uint8Array): { readonly kind: PhotoKind; readonly bytes: Uint8Array } {
  if (bytes.length === 0) throw new BadPhoto('the photo file is empty');
  if (bytes.length > MOST_BYTES) throw new BadPhoto('the photo file is larger than 25 MB');
  const found = kindOf(bytes);
  if ('refused' in found) throw new BadPhoto(found.refused);
  const header = HEADERS[found.kind](bytes);
  if (!header) throw damaged('it has no header');
  const { width, height, frames } = header;
  const size = `${width} × ${height} pixels`;
  if (width * height > MOST_PIXELS) throw new BadPhoto(`the photo has more than 64 megapixels: ${size}`);
  if (Math.min(width, height) < LEAST_SIDE)
    throw new BadPhoto(`the photo is too small: ${size}, at least ${LEAST_SIDE} × ${LEAST_SIDE} are needed`);
  if (frames > 1)
    throw new BadPhoto(
      `the file is an animation of ${frames} frames, not a photo: export the frame that you want as JPEG`,
    );
  const damage = header.damage();
  if (damage !== null) throw damaged(damage);
  return { kind: found.kind, bytes: header.bytes };
}
