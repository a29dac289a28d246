/** A clock that stands still until it is moved: for tests and simulations. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from './clock.ts';

export class ManualClock implements Clock {
  #now = 0;
  #timers: { at: number; act: () => void }[] = [];

  now = (): number => this.#now;

  after = (ms: number, act: () => void): (() => void) => {
    const timer = { at: this.#now + ms, act };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  };

  /** Whatever is due until then happens at its time, in order, with all that follows from it in the same moment. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await turn();
      const next = this.#timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.act();
    }
    this.#now = end;
    await turn();
  }
}
