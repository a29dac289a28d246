/** A look: what a job made of the photos, as review, set and history show it. */
import type { ItemStatus, JobStatus, RunItem } from '@s3-workers/client-sdk';
import { useJob, useS3Client } from '@s3-workers/client-sdk/react';
import { originalUrls } from '@s3-workers/client-sdk/results';
import { useQuery } from '@tanstack/react-query';

export interface LookPhoto {
  idx: number;
  /** As in the album. */
  name: string;
  status: ItemStatus;
  /** The photo as it was uploaded; null while it is not known, and once it is kept no more. */
  beforeUrl: string | null;
  /** The result; null unless it is done. */
  afterUrl: string | null;
  /** A small JPEG of the result. */
  previewUrl: string | null;
  /** Why it failed, in plain words. */
  error: string | null;
}

export interface Look {
  jobId: string;
  /** Null until the server has answered. */
  status: JobStatus | null;
  photos: readonly LookPhoto[];
  /** What made it impossible to know more: for `errorText`. */
  error: Error | null;
}

/** URLs of storage are good for half an hour at least. */
const GOOD_FOR = 25 * 60_000;

export function useLook(jobId: string): Look {
  const client = useS3Client();
  const { status, items, error } = useJob(jobId);
  const before = useQuery({
    queryKey: ['originals', jobId],
    queryFn: ({ signal }) => originalUrls(client, jobId, { signal }),
    staleTime: GOOD_FOR,
    refetchInterval: GOOD_FOR,
  });
  return { jobId, status, photos: items.map((item) => photoOf(item, before.data)), error: error ?? before.error };
}

function photoOf(item: RunItem, before: readonly (string | null)[] | undefined): LookPhoto {
  const { idx, name, status } = item;
  return {
    idx,
    name,
    status,
    beforeUrl: before?.[idx] ?? null,
    afterUrl: item.resultUrl ?? null,
    previewUrl: item.previewUrl ?? null,
    error: item.error ?? null,
  };
}
