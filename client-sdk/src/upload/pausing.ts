/** Uploads that can be held and let go on. */

export interface Pausing {
  readonly paused: boolean;
  pause(): void;
  resume(): void;
  /** Fires with the next pause. */
  readonly signal: AbortSignal;
  /** Resolves while nothing is held, else with the next `resume`. */
  running(): Promise<void>;
}

export function createPausing(): Pausing {
  let now = new AbortController();
  let go = () => {};
  let running = Promise.resolve();
  return {
    get paused() {
      return now.signal.aborted;
    },
    get signal() {
      return now.signal;
    },
    pause() {
      if (now.signal.aborted) return;
      running = new Promise((resolve) => {
        go = resolve;
      });
      now.abort();
    },
    resume() {
      if (!now.signal.aborted) return;
      now = new AbortController();
      go();
    },
    running: () => running,
  };
}
