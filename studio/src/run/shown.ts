/** A run's photos as tiles show them: where this page has no file of one, with the photo as it was uploaded. */
import { type UsedPhoto, type UsedUpload, useS3Client } from '@s3-workers/client-sdk/react';
import { originalUrls } from '@s3-workers/client-sdk/results';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

/** URLs of storage are good for half an hour at least, in milliseconds. */
const GOOD_FOR = 25 * 60_000;

export function useShown({ photos, jobId, phase, waiting }: UsedUpload): readonly UsedPhoto[] {
  const client = useS3Client();
  const lacks = photos.some(({ file, status }) => file === null && status !== 'missing');
  const { data } = useQuery({
    queryKey: ['originals', jobId],
    queryFn: ({ signal }) => originalUrls(client, jobId ?? '', { signal }),
    enabled: jobId !== null && lacks && (phase === 'processing' || phase === 'ended'),
    staleTime: GOOD_FOR,
  });
  return useMemo(
    () =>
      photos.map((photo) => {
        if (photo.item !== null && waiting?.missing.includes(photo.item.idx)) return { ...photo, status: 'missing' };
        const original = photo.file === null && photo.item !== null ? data?.[photo.item.idx] : null;
        if (!original || photo.item?.previewUrl || photo.item?.resultUrl) return photo;
        return { ...photo, item: photo.item && { ...photo.item, previewUrl: original } };
      }),
    [photos, data, waiting],
  );
}
