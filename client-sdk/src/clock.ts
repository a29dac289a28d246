/** Time and chance as a dependency, so that tests neither wait nor roll dice. */
import { abortable } from './abort.ts';

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with ABORTED as soon as the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** 0 ≤ n < 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep(ms, signal) {
    let cancel = () => {};
    const elapsed = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      cancel = () => clearTimeout(timer);
    });
    return abortable(elapsed, signal).finally(cancel);
  },
  random: () => Math.random(),
};
