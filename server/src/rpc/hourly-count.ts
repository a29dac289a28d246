/**
 * Counts by the hour, in this isolate's memory: approximate like the platform's own binding, which counts at each of its places for
 * itself. An isolate that ends forgets, and so does one that meets more addresses than it has room for.
 */
const HOUR_MS = 3_600_000;

export class HourlyCount {
  readonly #room: number;
  /** By key, oldest hour first. `endsAt` in milliseconds since the Unix epoch. */
  readonly #counts = new Map<string, { count: number; endsAt: number }>();

  /** @param room how many keys are counted at once; beyond it the oldest is forgotten */
  constructor(room: number) {
    this.#room = room;
  }

  /** Counts one more, unless that were over the limit. @returns 0, or the milliseconds until it goes on */
  add(key: string, limit: number, now: number): number {
    const known = this.#counts.get(key);
    if (known !== undefined && known.endsAt > now) {
      if (known.count >= limit) return known.endsAt - now;
      known.count++;
      return 0;
    }
    // Put in anew, so that the order stays that of the hours' ends.
    this.#counts.delete(key);
    const [oldest] = this.#counts.size >= this.#room ? this.#counts.keys() : [];
    if (oldest !== undefined) this.#counts.delete(oldest);
    this.#counts.set(key, { count: 1, endsAt: now + HOUR_MS });
    return 0;
  }
}
