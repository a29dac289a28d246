/**
 * Signed callbacks that came before. The row that a callback writes carries its id, so that remembering costs no row of its own; the
 * ids of those that changed nothing are kept in memory alone: as long as the object lives, which costs nothing either.
 */
import { SIGNATURE_LIFE_MS } from '../../security/callback-auth.ts';
import type { JobStore } from './store.ts';

/** Ids in memory; the oldest goes first. */
const MAX_IDS = 1_000;

export class Replays {
  readonly #store: JobStore;
  /** Id → when it came, in the order in which they came. */
  readonly #ids = new Map<string, number>();

  constructor(store: JobStore) {
    this.#store = store;
  }

  /** Whether a callback with this id was taken before, within the time for which its signature is good. */
  isReplay(id: string, now: number): boolean {
    const since = now - SIGNATURE_LIFE_MS;
    return (this.#ids.get(id) ?? Number.NEGATIVE_INFINITY) >= since || this.#store.hasWebhook(id, since);
  }

  /** One that was refused is not noted: it changed nothing and is refused again. */
  note(id: string, now: number): void {
    this.#ids.delete(id);
    this.#ids.set(id, now);
    const oldest = this.#ids.keys().next();
    if (this.#ids.size > MAX_IDS && !oldest.done) this.#ids.delete(oldest.value);
  }
}
