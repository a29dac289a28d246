/** The album that is worked on: its files, and the job that they became. It lives with the client, so every part of the page sees the same. */
import { type UsedUpload, useS3Client, useUpload } from '@s3-workers/client-sdk/react';
import { useEffect } from 'react';

const ALBUM = 'album';

export const useAlbum = (): UsedUpload => useUpload({ name: ALBUM });

/** A job by its id: the album's own, or one that is taken up, from an earlier page or another device. @param jobId null for the album's */
export function useRunOf(jobId: string | null): UsedUpload {
  const client = useS3Client();
  const album = useAlbum();
  const isOwn = jobId === null || album.jobId === jobId || album.handle?.id === jobId;
  const run = useUpload({ name: isOwn ? ALBUM : jobId });
  const isKnown = run.handle !== null;
  const { adopt } = run;
  useEffect(() => {
    if (!isOwn && !isKnown) adopt(client.jobs.attach(jobId));
  }, [client, jobId, isOwn, isKnown, adopt]);
  return run;
}
