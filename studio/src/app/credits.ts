/** What is left to spend is asked for again whenever a run holds, charges or gives back. */
import { useS3Options } from '@s3-workers/client-sdk/react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useAlbum } from './album.ts';

/** For one component that is always there. */
export function useFreshCredits(): void {
  const s3 = useS3Options();
  const queries = useQueryClient();
  const { jobId, status, result, error } = useAlbum();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of them may have moved credits
  useEffect(() => {
    void queries.invalidateQueries(s3.user.me.queryFilter());
    void queries.invalidateQueries(s3.jobs.estimate.queryFilter());
    void queries.invalidateQueries({ queryKey: ['history'] });
  }, [queries, s3, jobId, status, result, error]);
}
