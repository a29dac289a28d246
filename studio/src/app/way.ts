/** Which steps can be gone to from here: those that there is something for. */
import type { UsedUpload } from '@s3-workers/client-sdk/react';
import { looksWith } from './kept-jobs.ts';
import type { Place, Step } from './place.ts';

export const STEPS: readonly Step[] = ['album', 'change', 'run', 'review', 'set'];

/** Where each step leads; null where there is nothing to do yet. */
export function wayFrom(
  place: Place,
  upload: Pick<UsedUpload, 'photos' | 'jobId' | 'phase' | 'done' | 'failed'>,
): Record<Step, Place | null> {
  const here = jobsOf(place);
  const jobIds = here.length > 0 ? here : upload.jobId === null ? [] : [upload.jobId];
  const [first] = jobIds;
  const hasEnded = 'jobIds' in place || upload.phase === 'ended';
  const looks = first === undefined || 'jobIds' in place ? jobIds : looksWith(first);
  return {
    album: { step: 'album' },
    change: changeFrom(place, upload),
    run: first === undefined ? null : { step: 'run', jobId: first },
    review: first !== undefined && hasEnded ? { step: 'review', jobIds: looks } : null,
    set: first !== undefined && hasEnded ? { step: 'set', jobIds: looks } : null,
  };
}

const jobsOf = (place: Place): readonly string[] => {
  if ('jobIds' in place) return place.jobIds;
  const id = place.step === 'run' ? place.jobId : place.step === 'change' ? place.from : null;
  return id === null ? [] : [id];
};

/** What is done with an album whose work has ended is another look at it. */
function changeFrom(place: Place, { photos, jobId, phase, done, failed }: Parameters<typeof wayFrom>[1]): Place | null {
  const from = phase === 'ended' && done + failed > 0 ? jobId : 'jobIds' in place ? (place.jobIds[0] ?? null) : null;
  return from !== null || photos.length > 0 ? { step: 'change', from } : null;
}
