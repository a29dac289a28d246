/** What a file really is, from as little of it as that takes. Loaded when photos are first given. */

import type { InvalidFileReason } from '../../errors.ts';
import { MAX_PHOTO_PIXELS } from '../../generated/limits.ts';
import type { PhotoType } from '../../generated/types.ts';
import { latin1, takenType } from '../photo-type.ts';
import { otherKind } from './other-kinds.ts';
import { pagesOf } from './pages.ts';
import { jpegSize, pngSize, type Size, webpSize } from './size.ts';

export { words } from './words.ts';

const SIZE_OF = { 'image/jpeg': jpegSize, 'image/png': pngSize, 'image/webp': webpSize };

/**
 * The type of a photo that can be sent, or why it can't. A header that tells no size is no reason: the file may be damaged, and whoever
 * decodes it says so. Rejects when the file can't be read.
 */
export async function inspect(data: Uint8Array | Blob): Promise<PhotoType | InvalidFileReason> {
  const pages = pagesOf(data);
  const head = latin1(await pages.from(0, 0));
  const type = takenType(head);
  if (type === null) return otherKind(head, pages);
  const size: Size | null = await SIZE_OF[type](pages);
  if (size?.animated) return 'animated';
  return size !== null && size.width * size.height > MAX_PHOTO_PIXELS ? 'too-many-pixels' : type;
}
