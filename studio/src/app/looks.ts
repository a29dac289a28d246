/** A look: what a job made of the photos, as review and set show it. */
import type { ItemStatus, Job, JobItem, JobStatus, PresetId, RunItem } from '@s3-workers/client-sdk';
import { type UsedJob, useJob, useS3Client } from '@s3-workers/client-sdk/react';
import { originalUrls } from '@s3-workers/client-sdk/results';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type KeptJob, useKeptJob, useTries } from './kept-jobs.ts';
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
  /** Whether the server cannot be reached now; it is tried again by itself. */
  away: boolean;
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
/** How often another try is asked for, in milliseconds, until it has ended. */
const ASK = 2_000;

/** @param jobIds one to three jobs on the same photos, the first of which the others were made from */
export function useLooks(jobIds: readonly string[]): Look[] {
  const [first = null, second = null, third = null] = jobIds.slice(0, MOST_LOOKS);
  const jobs = [useJob(first), useJob(second), useJob(third)] as const;
  const album: Album = {
    names: useKeptJob(first)?.names ?? NO_NAMES,
    before: useOriginals(first, jobs[0]),
    tries: useTried(jobIds),
  };
  const one = useLook(first, jobs[0], album);
  const two = useLook(second, jobs[1], album);
  const three = useLook(third, jobs[2], album);
  return useMemo(() => [one, two, three].filter((look) => look !== null), [one, two, three]);
}
const NO_NAMES: readonly string[] = [];

/** What looks of the same photos share. */
interface Album {
  names: readonly string[];
  before: { urls: readonly (string | null)[] | undefined; refresh(): void };
  tries: readonly Try[];
}
/** Another try for photos that had failed. */
interface Try {
  of: string;
  /** By the photo's index in the look. */
  items: ReadonlyMap<number, JobItem>;
}

function useOriginals(jobId: string | null, { phase, result }: UsedJob): Album['before'] {
  const client = useS3Client();
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

function useTried(jobIds: readonly string[]): readonly Try[] {
  const client = useS3Client();
  const tries = useTries(jobIds);
  return useQueries({
    queries: tries.map(({ jobId }) => ({
      queryKey: ['results', jobId],
      queryFn: ({ signal }: { signal: AbortSignal }) => client.jobs.get({ jobId }, { signal }),
      staleTime: GOOD_FOR,
      refetchInterval: ({ state }: { state: { data?: Job | undefined } }) => (state.data?.keptUntil ? GOOD_FOR : ASK),
    })),
    combine: (answers) =>
      answers.flatMap(({ data }, at): Try[] => {
        const { from = '', indexes = null } = tries[at] ?? {};
        const items = data?.items.map((item): [number, JobItem] => [indexes?.[item.idx] ?? item.idx, item]);
        return items === undefined ? [] : [{ of: from ?? '', items: new Map(items) }];
      }),
  });
}

function useLook(jobId: string | null, job: UsedJob, { names, before, tries }: Album): Look | null {
  const client = useS3Client();
  const kept = useKeptJob(jobId);
  const ended = job.result !== null;
  // The job itself tells URLs once.
  const { data, refetch } = useQuery({
    queryKey: ['results', jobId],
    queryFn: ({ signal }) => client.jobs.get({ jobId: jobId ?? '' }, { signal }),
    enabled: jobId !== null && ended,
    staleTime: GOOD_FOR,
    refetchInterval: GOOD_FOR,
  });
  const photos = useMemo(() => {
    const own = tries.filter(({ of }) => of === jobId);
    return job.items.map((item) => {
      const last = own.map(({ items }) => items.get(item.idx)).findLast((one) => one !== undefined);
      return photoOf(
        item,
        last ?? { ...(data?.items[item.idx] ?? item), status: item.status },
        kept,
        names,
        before.urls,
      );
    });
  }, [jobId, job.items, tries, data, kept, names, before.urls]);
  const { status, progress, error, connection } = job;
  const away = connection === 'offline';
  return useMemo(() => {
    if (jobId === null) return null;
    const refresh = () => {
      if (ended) void refetch();
      before.refresh();
    };
    return { jobId, status, photos, progress, ended, away, preset: data?.preset ?? null, kept, error, refresh };
  }, [jobId, status, photos, progress, ended, away, data, kept, error, refetch, before]);
}

function photoOf(
  { idx, name }: RunItem,
  { status, error, resultUrl, previewUrl }: JobItem,
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
