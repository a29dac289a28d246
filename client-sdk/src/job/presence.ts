/**
 * Whether some page of this browser is bringing a job's photos right now. Web Locks tell it over tabs, and for certain: they end with their
 * page, however that ends. Nobody ever waits for one. Where there are none, this client's own uploads are all that is known of.
 */

import { locksHere } from '../storage.ts';

export interface Presence {
  /** Until `work` is over, others see that somebody is at this job. */
  at<T>(jobId: string, work: () => Promise<T>): Promise<T>;
  /** Whether somebody is at it, here or in another tab. */
  isAt(jobId: string): Promise<boolean>;
}

export function createPresence(prefix: string): Presence {
  const here: { name: string }[] = [];
  const lockOf = (jobId: string) => ({ name: `${prefix}:at:${jobId}` });
  return {
    async at(jobId, work) {
      const lock = lockOf(jobId);
      here.push(lock);
      const over = work().finally(() => here.splice(here.indexOf(lock), 1));
      // Refused where the page is of no origin; and `over` may fail, of which the caller hears.
      locksHere()
        ?.request(lock.name, { mode: 'shared' }, () => over)
        .catch(() => {});
      return over;
    },
    async isAt(jobId) {
      const { name } = lockOf(jobId);
      const elsewhere = await locksHere()
        ?.query()
        .catch(() => null);
      return [...here, ...(elsewhere?.held ?? [])].some((lock) => lock.name === name);
    },
  };
}
