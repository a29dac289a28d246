/** Albums of the past, what was charged for them, and how one is deleted. */
import { isS3Error, type JobSummary, type Receipt } from '@s3-workers/client-sdk';
import { useS3Client } from '@s3-workers/client-sdk/react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { forgetJob } from '../app/kept-jobs.ts';

export interface Pages<T> {
  entries: readonly T[];
  pending: boolean;
  error: Error | null;
  /** Null: these are all. */
  more: (() => void) | null;
}

export function usePastAlbums(): Pages<JobSummary> {
  const client = useS3Client();
  const { data, isPending, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['history'],
    queryFn: ({ pageParam, signal }) => client.jobs.list(pageParam === null ? {} : { cursor: pageParam }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const entries = data?.pages.flatMap(({ jobs }) => jobs) ?? [];
  return { entries, pending: isPending, error, more: hasNextPage ? () => void fetchNextPage() : null };
}

export function useReceipts(): Pages<Receipt> {
  const client = useS3Client();
  const { data, isPending, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['receipts'],
    queryFn: ({ pageParam, signal }) => client.user.ledger(pageParam === null ? {} : { cursor: pageParam }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const entries = data?.pages.flatMap(({ receipts }) => receipts) ?? [];
  return { entries, pending: isPending, error, more: hasNextPage ? () => void fetchNextPage() : null };
}

/** @param done once it is gone, whoever was first to delete it */
export function useRemoval(done: (album: JobSummary) => void) {
  const client = useS3Client();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ jobId }: JobSummary) =>
      client.jobs.delete({ jobId }).catch((error: unknown) => {
        // Another tab was quicker.
        if (!isS3Error(error, 'JOB_NOT_FOUND')) throw error;
      }),
    onSuccess: (_, album) => {
      forgetJob(album.jobId);
      done(album);
      void queries.invalidateQueries({ queryKey: ['history'] });
    },
  });
}
