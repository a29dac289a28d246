/**
 * Signed callbacks that came before. The row that a callback writes carries its id, so that remembering costs no row of its own; the
 * ids of those that changed nothing are kept in memory alone: as long as the object lives, which costs nothing either.
 */
import { isAtWork, type JobSettings, type JobState } from '../../domain/job/state.ts';
import type { JobStorage } from './ports.ts';

/** Ids in memory; the oldest goes first. */
const MAX_IDS = 1_000;

/**
 * Ids of signed callbacks that came before the job was at work: rows at most. A worker that never stops must not fill the object, so
 * beyond them none is kept, and who comes in the time in which it could matter is refused.
 */
export const MAX_EARLY = 16;

type ReplayStorage = Pick<JobStorage, 'hasWebhook' | 'early'>;

export class Replays {
  readonly #store: ReplayStorage;
  /** Id → when it came, in the order in which they came. */
  readonly #ids = new Map<string, number>();

  /** Milliseconds for which a signature is good. */
  readonly #signatureMs: () => number;

  constructor(store: ReplayStorage, signatureMs: () => number) {
    this.#store = store;
    this.#signatureMs = signatureMs;
  }

  /** Whether a callback with this id was taken before, within the time for which its signature is good. */
  isReplay(id: string, now: number): boolean {
    const since = now - this.#signatureMs();
    return (this.#ids.get(id) ?? Number.NEGATIVE_INFINITY) >= since || this.#store.hasWebhook(id, since);
  }

  /**
   * Until when no signed callback can be taken (milliseconds since the Unix epoch), because more of them came before the job was at work
   * than are remembered: what is signed now may be one of them. Null when that is not so.
   */
  unsureUntil(job: JobState, now: number, settings: JobSettings): number | null {
    if (!isAtWork(job)) return null;
    // Its deadline was set when it was executed.
    const until = job.deadline - settings.executionMs + this.#signatureMs();
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
