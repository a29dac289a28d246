/**
 * Signed callbacks that came before. The row that a callback writes carries its id, so that remembering costs no row of its own; the
 * ids of those that changed nothing are kept in memory alone: as long as the object lives, which costs nothing either.
 */
import { isAtWork, type JobSettings, type JobState } from '../../domain/job/state.ts';
import { SIGNATURE_LIFE_MS } from '../../security/callback-auth.ts';
import { type JobStore, MAX_EARLY } from './store.ts';

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

  /**
   * Until when no signed callback can be taken (milliseconds since the Unix epoch), because more of them came before the job was at work
   * than are remembered: what is signed now may be one of them. Null when that is not so.
   */
  unsureUntil(job: JobState, now: number, settings: JobSettings): number | null {
    if (!isAtWork(job)) return null;
    // Its deadline was set when it was executed.
    const until = job.deadline - settings.executionMs + SIGNATURE_LIFE_MS;
    return now < until && this.#store.early() >= MAX_EARLY ? until : null;
  }

  /** One that was refused is not noted: it changed nothing and is refused again. */
  note(id: string, now: number): void {
    this.#ids.delete(id);
    this.#ids.set(id, now);
    const oldest = this.#ids.keys().next();
    if (this.#ids.size > MAX_IDS && !oldest.done) this.#ids.delete(oldest.value);
  }
}
