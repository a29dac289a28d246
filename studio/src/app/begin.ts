/** Begins what was chosen: with the album's files, or for photos that an earlier job has. Where it leads is the run. */
import type { ConceptMap, JobHandle, PresetId } from '@s3-workers/client-sdk';
import { type UsedJob, useS3Client } from '@s3-workers/client-sdk/react';
import { useAlbum } from './album.ts';
import { type KeptConcepts, type KeptJob, keptJob, remember } from './kept-jobs.ts';
import { goTo } from './place.ts';

export interface Begun {
  preset: PresetId;
  concepts: KeptConcepts;
  protect: readonly string[];
  /** What it may cost at most; null for whatever it does. */
  maxCredits: number | null;
}

export function useBegin() {
  const client = useS3Client();
  const album = useAlbum();
  return {
    /** The files of the album, but for those that can't be sent. */
    album(chosen: Begun) {
      const { preset, concepts, protect, maxCredits } = chosen;
      const job = album.start({
        ...{ preset, onInvalid: 'skip' },
        rule: { concepts, protect: [...protect] },
        maxCredits: maxCredits ?? undefined,
      });
      return shown(job, { ...about(chosen), as: 'album', from: null, indexes: null });
    },
    /** Another look at the photos of a job. */
    look(from: string, chosen: Begun) {
      const { concepts, protect, maxCredits } = chosen;
      const job = client.jobs.fork(
        from,
        { concepts: concepts as ConceptMap, protect: [...protect], format: 'jpeg' },
        { maxCredits: maxCredits ?? undefined },
      );
      album.adopt(job);
      return shown(job, { ...about(chosen), ...lookAt(from) });
    },
    /** Another try for the photos that failed, and for these alone. Where this browser does not know what was to be done, null. */
    again({ handle, jobId, items }: UsedJob): JobHandle | null {
      const known = jobId === null ? null : keptJob(jobId);
      if (handle === null || jobId === null) return null;
      const failed = items.flatMap(({ idx, status }) => (status === 'failed' ? [idx] : []));
      const job = handle.retryFailed(known === null ? undefined : { ...changeOf(known), format: 'jpeg' });
      album.adopt(job);
      return shown(job, known && { ...about(known), as: 'again', from: jobId, indexes: failed });
    },
  };
}

type About = Omit<KeptJob, 'jobId' | 'names'>;

const about = ({ preset, concepts, protect }: Pick<KeptJob, 'preset' | 'concepts' | 'protect'>) => ({
  preset,
  concepts,
  protect,
});

const changeOf = ({ concepts, protect }: KeptJob) => ({
  concepts: concepts as ConceptMap,
  protect: protect ?? undefined,
});

/** Which photos of the album it has: that of a look is the album's first job, whatever it was made from. */
function lookAt(from: string): Pick<KeptJob, 'as' | 'from' | 'indexes'> {
  const known = keptJob(from);
  return {
    as: 'look',
    from: known?.as === 'look' ? known.from : from,
    indexes: known?.as === 'look' ? known.indexes : null,
  };
}

/** Leads to the run. Once the job is made, this browser remembers what the server does not tell of it. */
function shown(job: JobHandle, told: About | null): JobHandle {
  goTo({ step: 'run', jobId: job.id });
  if (told !== null) remember(job, told);
  return job;
}
