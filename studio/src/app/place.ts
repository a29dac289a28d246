/**
 * Which step is shown stands in the address, behind `#`: back, forward, a reload and a link find it. What is no place is the album.
 *
 *     #/album   #/change   #/change/JOB   #/run/JOB   #/review/JOB,JOB   #/set/JOB,JOB   #/history
 */
import { useSyncExternalStore } from 'react';

export type Step = 'album' | 'change' | 'run' | 'review' | 'set';
export type Place =
  | { step: 'album' | 'history' }
  /** For the photos of the album, or of the job `from`, which has them already: another look at them. */
  | { step: 'change'; from: string | null }
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
    case 'history':
      return { step };
    case 'change':
      return { step, from: jobIds[0] ?? null };
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
  const ids = 'jobIds' in place ? place.jobIds : [idIn(place) ?? []].flat();
  return ['#', place.step, ...(ids.length > 0 ? [ids.join(',')] : [])].join('/');
}

function idIn(place: Place): string | null {
  if (place.step === 'run') return place.jobId;
  return place.step === 'change' ? place.from : null;
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
