/** One life of an object, from its waking to its eviction, as far as it has a say in it. */

/** Milliseconds between the decision to end it and its end. */
const RESPITE_MS = 50;

export class Life {
  readonly #ctx: DurableObjectState;
  #ending = false;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  /** Ends it a moment from now; the next call begins another one. What is under way stops as at any crash. */
  end(reason: string): void {
    if (this.#ending) return;
    this.#ending = true;
    // What was committed is on the disk, and answers that are on their way have left.
    const over = this.#ctx.storage.sync().then(() => scheduler.wait(RESPITE_MS));
    this.#ctx.waitUntil(over.then(() => this.#ctx.abort(reason)));
  }
}
