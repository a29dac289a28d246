/** Time of a simulation: it stands still while something happens, and goes on to what happens next. */

type Event = { at: number; order: number; happen: () => void };

export class Timeline {
  now: number;
  /** A heap: no event is earlier than the one at half its index. */
  readonly #events: Event[] = [];
  #order = 0;

  /** @param now milliseconds since the Unix epoch */
  constructor(now: number) {
    this.now = now;
  }

  /** What comes at the same time happens in the order in which it was told. */
  at(time: number, happen: () => void): void {
    this.#events.push({ at: Math.max(this.now, time), order: this.#order++, happen });
    this.#rise(this.#events.length - 1);
  }

  after(ms: number, happen: () => void): void {
    this.at(this.now + ms, happen);
  }

  /** Lets happen what comes until then, or until `isOver`. */
  run(until: number, isOver: () => boolean): void {
    for (let next = this.#events[0]; next !== undefined && next.at <= until && !isOver(); next = this.#events[0]) {
      this.#removeFirst();
      this.now = next.at;
      next.happen();
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#events[a], this.#events[b]];
    if (one === undefined || other === undefined) return one !== undefined;
    return one.at === other.at ? one.order < other.order : one.at < other.at;
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#events[a], this.#events[b]];
    if (one === undefined || other === undefined) return;
    this.#events[a] = other;
    this.#events[b] = one;
  }

  #rise(index: number): void {
    for (let at = index; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #removeFirst(): void {
    this.#swap(0, this.#events.length - 1);
    this.#events.pop();
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const child = this.#isBefore(left + 1, left) ? left + 1 : left;
      if (!this.#isBefore(child, at)) return;
      this.#swap(at, child);
      at = child;
    }
  }
}
