/**
 * Which step is shown stands in the address, behind `#`: back, forward, a reload and a link find it. What is no place is the album.
 *
 *     #/album   #/change   #/run/JOB   #/review/JOB,JOB   #/set/JOB,JOB   #/history
 */
import { useSyncExternalStore } from 'react';

export type Step = 'album' | 'change' | 'run' | 'review' | 'set';
export type Place =
  | { step: 'album' | 'change' | 'history' }
  /** Null until the job is made. */
  | { step: 'run'; jobId: string | null }
  /** Looks at the same photos, side by side; the first is the one that the others were made from. */
  | { step: 'review' | 'set'; jobIds: readonly string[] };

/** Looks that are shown side by side at most. */
export const MOST_LOOKS = 3;
const ID = /^[A-Za-z0-9]{1,128}$/;

export function placeIn(hash: string): Place {
  const [step = '', ids = ''] = hash.replace(/^#?\/?/, '').split('/');
  const jobIds = ids.split(',').filter((id) => ID.test(id));
  switch (step) {
    case 'change':
    case 'history':
      return { step };
    case 'run':
      return { step, jobId: jobIds[0] ?? null };
    case 'review':
    case 'set':
      return jobIds.length > 0 ? { step, jobIds: [...new Set(jobIds)].slice(0, MOST_LOOKS) } : { step: 'album' };
    default:
      return { step: 'album' };
  }
}

export function hashOf(place: Place): string {
  if (place.step === 'run') return place.jobId === null ? '#/run' : `#/run/${place.jobId}`;
  return 'jobIds' in place ? `#/${place.step}/${place.jobIds.join(',')}` : `#/${place.step}`;
}

const subscribe = (listener: () => void) => {
  addEventListener('hashchange', listener);
  addEventListener('popstate', listener);
  return () => {
    removeEventListener('hashchange', listener);
    removeEventListener('popstate', listener);
  };
};

let seen = '';
let place: Place = { step: 'album' };
/** The same object while the address is the same. */
function read(): Place {
  if (location.hash === seen) return place;
  seen = location.hash;
  place = placeIn(seen);
  return place;
}

export const usePlace = (): Place => useSyncExternalStore(subscribe, read, read);

/** @param how `replace` leaves nothing to go back to: for a place that has only become exacter */
export function goTo(next: Place, how: 'push' | 'replace' = 'push'): void {
  const hash = hashOf(next);
  if (hash === location.hash) return;
  history[how === 'push' ? 'pushState' : 'replaceState'](null, '', hash);
  dispatchEvent(new PopStateEvent('popstate'));
}
