/** Begins what was chosen: with the album's files, or for photos that an earlier job has. Where it leads is the run. */
import type { ConceptMap, JobHandle, PresetId } from '@s3-workers/client-sdk';
import { useS3Client } from '@s3-workers/client-sdk/react';
import { useAlbum } from './album.ts';
import { goTo } from './place.ts';

export interface Begun {
  preset: PresetId;
  concepts: ConceptMap;
  protect: readonly string[];
  /** What it may cost at most; null for whatever it does. */
  maxCredits: number | null;
}

export function useBegin() {
  const client = useS3Client();
  const album = useAlbum();
  const shown = (job: JobHandle) => {
    goTo({ step: 'run', jobId: job.id });
    return job;
  };
  return {
    /** The files of the album, but for those that can't be sent. */
    album: ({ preset, concepts, protect, maxCredits }: Begun) =>
      shown(
        album.start({
          ...{ preset, onInvalid: 'skip' },
          rule: { concepts, protect: [...protect] },
          maxCredits: maxCredits ?? undefined,
        }),
      ),
    /** Another look at the photos of a job. */
    look(from: string, { concepts, protect, maxCredits }: Begun) {
      const job = client.jobs.fork(
        from,
        { concepts, protect: [...protect], format: 'jpeg' },
        { maxCredits: maxCredits ?? undefined },
      );
      album.adopt(job);
      return shown(job);
    },
  };
}
