/** A clock that stands still until it is moved, and waiting for what promises bring about without waiting for time. */
import { abortable } from '../src/abort.ts';
import type { Clock } from '../src/clock.ts';

export class ManualClock implements Clock {
  time = Date.parse('2026-01-01T00:00:00Z');
  readonly #sleepers = new Set<{ due: number; wake: () => void }>();

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    let cancel = () => {};
    const slept = new Promise<void>((resolve) => {
      const sleeper = { due: this.time + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      cancel = () => this.#sleepers.delete(sleeper);
    });
    return abortable(slept, signal).finally(cancel);
  }

  random(): number {
    return 0.5;
  }

  /** Milliseconds until each sleeper wakes, soonest first. */
  get waits(): number[] {
    return [...this.#sleepers].map(({ due }) => Math.round(due - this.time)).sort((a, b) => a - b);
  }

  /** Moves on, waking each sleeper at its time, and lets everything happen that follows from it. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await turns();
      const next = [...this.#sleepers].sort((a, b) => a.due - b.due)[0];
      if (next === undefined || next.due > end) break;
      this.time = Math.max(this.time, next.due);
      this.#sleepers.delete(next);
      next.wake();
    }
    this.time = end;
    await turns();
  }
}

/** Lets all promises run that can. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Lets promises run until `seen` is true. Throws if nothing brings it about. */
export async function until(seen: () => boolean, what = seen.toString()): Promise<void> {
  for (let turn = 0; turn < 100_000; turn++) {
    if (seen()) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  throw new Error(`never came: ${what}`);
}
