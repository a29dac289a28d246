/** What a job stores, in memory: the state that was decided last, and the rows of its log. */
import type { JobEvent, JobState } from '../../../server/src/domain/job/state.ts';
import { itemsOf, type LogRow } from '../../../server/src/domain/job/telling.ts';
import type { JobStorage, Loaded } from '../../../server/src/durable-objects/job-coordinator/ports.ts';

export class MemoryStore implements JobStorage {
  #loaded: Loaded = { kind: 'none' };
  #rows: LogRow[] = [];

  load(): Loaded {
    return this.#loaded;
  }

  save(_before: JobState | null, job: JobState, events: JobEvent[]): void {
    this.#loaded = { kind: 'job', job };
    for (const event of events) this.#rows.push({ row: this.#rows.length + 1, event });
  }

  saveTombstone(at: number): void {
    this.#loaded = { kind: 'abandoned', at };
  }

  head(): number {
    return this.#rows.length;
  }

  eventsAfter(after: number): LogRow[] {
    return this.#rows.slice(after);
  }

  errors(): Map<number, string> {
    const failed = this.#rows.flatMap(({ event }) => itemsOf(event)).filter(({ status }) => status === 'failed');
    return new Map(failed.map(({ idx, error = 'failed' }) => [idx, error]));
  }

  late(): number {
    return this.#rows.reduce((sum, { event }) => sum + (event.type === 'late' ? event.items.length : 0), 0);
  }

  /** No callback here is signed. */
  early(): number {
    return 0;
  }

  hasWebhook(): boolean {
    return false;
  }

  async deleteAll(): Promise<void> {
    this.#loaded = { kind: 'none' };
    this.#rows = [];
  }
}
