/** Time as the provider front sees it, so that tests and simulations can move it. Milliseconds. */

export type Clock = {
  /** Since any moment that stays the same. */
  now(): number;
  /** @returns calls it off */
  after(ms: number, act: () => void): () => void;
};

/** setTimeout fires at once beyond this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, Math.min(ms, LONGEST_TIMER_MS)).unref();
    return () => clearTimeout(timer);
  },
};
