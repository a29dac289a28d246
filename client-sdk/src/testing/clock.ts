/** The test server's time: the system's until it is moved, or one that stands still. What falls due happens in its order. */
import { abortable } from '../abort.ts';
import type { Clock } from '../clock.ts';

/** The server's time, as a test moves it. */
export interface TestClock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /**
   * Moves time on by `ms` milliseconds. What falls due on the way (deadlines, leases, the GPU's delays, retries of `createClient`)
   * happens at its own moment, in order. Resolves when it has.
   */
  advance(ms: number): Promise<void>;
}

interface Timer {
  due: number;
  run(): void;
}

/** The longest wait that `setTimeout` takes. */
const LONGEST_WAIT = 2 ** 31 - 1;
/** Turns of the event loop that what a timer has begun gets, before time moves on. */
const TURNS = 3;

export class ServerClock implements TestClock {
  /** The time, while it stands still; else null. */
  #still: number | null;
  #offset = 0;
  readonly #timers = new Set<Timer>();
  #armed: ReturnType<typeof setTimeout> | undefined;

  /** @param still the time to stand still at; the system's time runs when it is left out */
  constructor(still?: number) {
    this.#still = still ?? null;
  }

  now(): number {
    return this.#still ?? Date.now() + this.#offset;
  }

  /** Calls `run` once at `due` or soon after, never at once. Returns how to prevent it. */
  at(due: number, run: () => void): () => void {
    const timer = { due, run };
    this.#timers.add(timer);
    this.#arm();
    return () => {
      this.#timers.delete(timer);
      this.#arm();
    };
  }

  async advance(ms: number): Promise<void> {
    const target = this.now() + ms;
    await turns();
    for (let next = this.#next(); next !== undefined && next.due <= target; next = this.#next()) {
      this.#moveTo(Math.max(next.due, this.now()));
      this.#runDue();
      await turns();
    }
    this.#moveTo(Math.max(target, this.now()));
    this.#runDue();
    await turns();
  }

  /** For a client whose retries and waits follow this clock. */
  readonly client: Clock = {
    now: () => this.now(),
    sleep: (ms, signal) => {
      let prevent = () => {};
      const elapsed = new Promise<void>((resolve) => {
        prevent = this.at(this.now() + ms, resolve);
      });
      return abortable(elapsed, signal).finally(() => prevent());
    },
    random: () => Math.random(),
  };

  #moveTo(time: number): void {
    if (this.#still === null) this.#offset = time - Date.now();
    else this.#still = time;
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (first === undefined || timer.due < first.due) first = timer;
    return first;
  }

  #runDue(): void {
    for (let next = this.#next(); next !== undefined && next.due <= this.now(); next = this.#next()) {
      this.#timers.delete(next);
      next.run();
    }
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#armed);
    const next = this.#next();
    if (next === undefined) return;
    const left = next.due - this.now();
    // Nothing but `advance` gets there.
    if (left > 0 && this.#still !== null) return;
    this.#armed = setTimeout(() => this.#runDue(), Math.min(Math.max(0, left), LONGEST_WAIT));
    // Such as the deadline of a job must not keep a Node process alive.
    if (left > 0) (this.#armed as { unref?(): void }).unref?.();
  }
}

async function turns(): Promise<void> {
  for (let n = 0; n < TURNS; n++) await new Promise((resolve) => setTimeout(resolve, 0));
}
