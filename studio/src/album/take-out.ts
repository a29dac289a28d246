/** Takes photos out of the album, those that `which` says. */
import type { UsedPhoto, UsedUpload } from '@s3-workers/client-sdk/react';

export function takeOut(album: Pick<UsedUpload, 'photos' | 'remove'>, which: (photo: UsedPhoto) => boolean): void {
  for (const { id } of album.photos.filter(which)) album.remove(id);
}
