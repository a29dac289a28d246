/**
 * What a file really is, from as little of it as that takes. Loaded when photos are first given. What it shares with the main file it is
 * handed: imported, that would be a third file beside the two in every app.
 */

import type { InvalidFileReason } from '../../errors.ts';
import { MAX_PHOTO_PIXELS } from '../../generated/limits.ts';
import type { PhotoType } from '../../generated/types.ts';
import type { readBytes } from '../bytes.ts';
import type { takenType } from '../photo-type.ts';
import { otherKind } from './other-kinds.ts';
import { latin1, pagesOf } from './pages.ts';
import { jpegSize, pngSize, type Size, webpSize } from './size.ts';

export { words } from './words.ts';

const SIZE_OF = { 'image/jpeg': jpegSize, 'image/png': pngSize, 'image/webp': webpSize };

/**
 * The type of a photo that can be sent, or why it can't. A header that tells no size is no reason: the file may be damaged, and whoever
 * decodes it says so. Rejects when the file can't be read.
 */
export async function inspect(
  data: Uint8Array | Blob,
  read: typeof readBytes,
  taken: typeof takenType,
): Promise<PhotoType | InvalidFileReason> {
  const pages = pagesOf(data, read);
  const head = await pages.from(0, 0);
  const type = taken(head);
  if (type === null) return otherKind(latin1(head), pages);
  const size: Size | null = await SIZE_OF[type](pages);
  if (size?.animated) return 'animated';
  return size !== null && size.width * size.height > MAX_PHOTO_PIXELS ? 'too-many-pixels' : type;
}
