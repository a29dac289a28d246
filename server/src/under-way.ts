/**
 * Work that several callers wait for, done once. What the platform has to bring it on belongs to the call that began it: when that call is
 * given up, the work stops where it stands, and never ends. So it is waited for no longer than such work takes, and begun anew then: it must
 * be safe to repeat.
 */
export class UnderWay<K, T> {
  readonly #now: () => number;
  readonly #work = new Map<K, { since: number; done: Promise<T> }>();

  /** @param now milliseconds since the Unix epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param mostMs what it takes at most; milliseconds */
  once(key: K, mostMs: number, begin: () => Promise<T>): Promise<T> {
    const known = this.#work.get(key);
    if (known !== undefined && this.#now() - known.since < mostMs) return known.done;
    const mine = { since: this.#now(), done: begin().finally(() => this.#forget(key, mine)) };
    this.#work.set(key, mine);
    return mine.done;
  }

  #forget(key: K, work: object): void {
    if (this.#work.get(key) === work) this.#work.delete(key);
  }
}
