/** The album that is worked on: its files, and the job that they became. It lives with the client, so every part of the page sees the same. */
import { type UsedUpload, useUpload } from '@s3-workers/client-sdk/react';

export const useAlbum = (): UsedUpload => useUpload({ name: 'album' });
