/** Another try for photos that failed: a job of these alone, without a second upload, whose results take their places in the look. */
import type { ConceptMap } from '@s3-workers/client-sdk';
import { useS3Client, useS3Options } from '@s3-workers/client-sdk/react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { remember } from '../app/kept-jobs.ts';
import type { Look } from '../app/looks.ts';

export interface UsedAgain {
  /** Null where this browser does not know what is done with the photos. */
  begin: ((indexes: readonly number[]) => void) | null;
  running: boolean;
  error: unknown;
}

export function useAgain({ jobId, kept }: Look): UsedAgain {
  const client = useS3Client();
  const queries = useQueryClient();
  const me = useS3Options().user.me.queryFilter();
  const [last, setLast] = useState<{ of: string; running: boolean; error: unknown } | null>(null);
  const { running, error } = last?.of === jobId ? last : { running: false, error: null };
  if (kept === null) return { begin: null, running, error };
  const { preset, concepts, protect } = kept;
  const begin = (indexes: readonly number[]): void => {
    if (running) return;
    setLast({ of: jobId, running: true, error: null });
    const change = { concepts: concepts as ConceptMap, ...(protect !== null && { protect: [...protect] }) };
    const handle = client.jobs.fork(jobId, { ...change, indexes } as Parameters<typeof client.jobs.fork>[1]);
    remember(handle, { as: 'again', from: jobId, indexes, preset, concepts, protect });
    const over = (why: unknown) => {
      void queries.invalidateQueries(me);
      setLast({ of: jobId, running: false, error: why });
    };
    handle.result().then(() => over(null), over);
  };
  return { begin, running, error };
}
