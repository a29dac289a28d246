/** A look: what a job made of the photos, as review and set show it. */
import type { ItemStatus, JobItem, JobStatus, PresetId, RunItem } from '@s3-workers/client-sdk';
import { useJob, useS3Client } from '@s3-workers/client-sdk/react';
import { originalUrls } from '@s3-workers/client-sdk/results';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type KeptJob, useKeptJobs } from './kept-jobs.ts';
import { MOST_LOOKS } from './place.ts';

export interface LookPhoto {
  /** In its job. */
  idx: number;
  /** Of the photo in the album: a look of some of the photos counts them in its own way. */
  position: number;
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
  /** 0 to 1; 1 once it has ended. */
  progress: number;
  ended: boolean;
  /** Null until the server has answered. */
  preset: PresetId | null;
  /** What this browser knows of it; null for one that was begun elsewhere, or long ago. */
  kept: KeptJob | null;
  /** What made it impossible to know more: for `errorText`. */
  error: Error | null;
  /** Asks for fresh URLs. */
  refresh(): void;
}

/** URLs of storage are good for half an hour at least, in milliseconds. */
const GOOD_FOR = 25 * 60_000;

/** @param jobIds one to three jobs on the same photos, the first of which the others were made from */
export function useLooks(jobIds: readonly string[]): Look[] {
  const [first = null, second = null, third = null] = jobIds.slice(0, MOST_LOOKS);
  const kept = useKeptJobs(jobIds);
  const names = kept[0]?.names ?? NO_NAMES;
  const before = useOriginals(first);
  const one = useLook(first, kept[0] ?? null, names, before);
  const two = useLook(second, kept[1] ?? null, names, before);
  const three = useLook(third, kept[2] ?? null, names, before);
  return useMemo(() => [one, two, three].filter((look) => look !== null), [one, two, three]);
}
const NO_NAMES: readonly string[] = [];

interface Originals {
  urls: readonly (string | null)[] | undefined;
  refresh(): void;
}

function useOriginals(jobId: string | null): Originals {
  const client = useS3Client();
  const { phase, result } = useJob(jobId);
  const { data, refetch } = useQuery({
    queryKey: ['originals', jobId],
    queryFn: ({ signal }) => originalUrls(client, jobId ?? '', { signal }),
    // Photos that are still being sent have none yet.
    enabled: jobId !== null && (phase === 'processing' || result !== null),
    staleTime: GOOD_FOR,
    refetchInterval: GOOD_FOR,
  });
  return useMemo(() => ({ urls: data, refresh: () => void refetch() }), [data, refetch]);
}

function useLook(jobId: string | null, kept: KeptJob | null, names: readonly string[], before: Originals): Look | null {
  const client = useS3Client();
  const job = useJob(jobId);
  const ended = job.result !== null;
  // The job itself tells URLs once.
  const { data, refetch } = useQuery({
    queryKey: ['results', jobId],
    queryFn: ({ signal }) => client.jobs.get({ jobId: jobId ?? '' }, { signal }),
    enabled: jobId !== null && ended,
    staleTime: GOOD_FOR,
    refetchInterval: GOOD_FOR,
  });
  const photos = useMemo(
    () => job.items.map((item) => photoOf(item, data?.items[item.idx] ?? item, kept, names, before.urls)),
    [job.items, data, kept, names, before.urls],
  );
  const { status, progress, error } = job;
  return useMemo(() => {
    if (jobId === null) return null;
    const refresh = () => {
      if (ended) void refetch();
      before.refresh();
    };
    return { jobId, status, photos, progress, ended, preset: data?.preset ?? null, kept, error, refresh };
  }, [jobId, status, photos, progress, ended, data, kept, error, refetch, before]);
}

function photoOf(
  { idx, name, status, error }: RunItem,
  { resultUrl, previewUrl }: JobItem,
  kept: KeptJob | null,
  names: readonly string[],
  before: readonly (string | null)[] | undefined,
): LookPhoto {
  const position = kept?.indexes?.[idx] ?? idx;
  return {
    ...{ idx, position, status },
    name: names[position] ?? name,
    beforeUrl: before?.[position] ?? null,
    afterUrl: resultUrl ?? null,
    previewUrl: previewUrl ?? null,
    error: error ?? null,
  };
}
