/** Which steps can be gone to from here: those that there is something for. */
import type { UsedUpload } from '@s3-workers/client-sdk/react';
import type { Place, Step } from './place.ts';

export const STEPS: readonly Step[] = ['album', 'change', 'run', 'review', 'set'];

/** Where each step leads; null where there is nothing to do yet. */
export function wayFrom(
  place: Place,
  upload: Pick<UsedUpload, 'photos' | 'jobId' | 'phase'>,
): Record<Step, Place | null> {
  const here = 'jobIds' in place ? place.jobIds : place.step === 'run' && place.jobId !== null ? [place.jobId] : [];
  const jobIds = here.length > 0 ? here : upload.jobId === null ? [] : [upload.jobId];
  const [first] = jobIds;
  const hasEnded = 'jobIds' in place || upload.phase === 'ended';
  return {
    album: { step: 'album' },
    change: upload.photos.length > 0 ? { step: 'change' } : null,
    run: first === undefined ? null : { step: 'run', jobId: first },
    review: first !== undefined && hasEnded ? { step: 'review', jobIds } : null,
    set: first !== undefined && hasEnded ? { step: 'set', jobIds } : null,
  };
}
