/** Another try for the photos that failed, and for these alone. */
import type { UsedUpload } from '@s3-workers/client-sdk/react';
import { goTo } from '../app/place.ts';

export function useAgain() {
  return (run: UsedUpload): void => {
    const job = run.handle?.retryFailed();
    if (job === undefined) return;
    run.adopt(job);
    goTo({ step: 'run', jobId: job.id });
  };
}
