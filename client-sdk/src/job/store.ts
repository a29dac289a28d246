/** How one job stands, and who wants to hear of it. Each photo's end is taken once, whichever way it is told. */
import type { Job, JobItem, JobStatus } from '../api/jobs.ts';
import type { PreparedPhoto } from '../upload/files.ts';
import type { JobState, RunItem, RunResult } from './types.ts';

const UNKNOWN: JobState = {
  phase: 'preparing',
  jobId: null,
  status: null,
  uploaded: 0,
  uploadedBytes: 0,
  totalBytes: 0,
  done: 0,
  failed: 0,
  total: 0,
  items: [],
  connection: 'idle',
  paused: false,
  missing: [],
  refused: [],
  result: null,
  error: null,
};

const ENDED = new Set<JobStatus>(['done', 'failed', 'canceled']);
export const hasEnded = <J extends { status: JobStatus }>(job: J): job is J & { status: RunResult['status'] } =>
  ENDED.has(job.status);
const isSet = (value: unknown): boolean => value !== undefined;

export class JobStore {
  #state: JobState;
  readonly #settled: number[] = [];
  readonly #uploaded = new Set<number>();
  readonly #listeners = new Set<() => void>();

  constructor(jobId: string | null = null) {
    this.#state = { ...UNKNOWN, jobId };
  }

  get state(): JobState {
    return this.#state;
  }

  /** Indexes of the photos that ended, in the order in which that became known. */
  get settled(): readonly number[] {
    return this.#settled;
  }

  update(patch: Partial<JobState>): void {
    if (Object.entries(patch).every(([name, value]) => this.#state[name as keyof JobState] === value)) return;
    this.#state = { ...this.#state, ...patch };
    for (const listener of [...this.#listeners]) listener();
  }

  /** The photos that this client will upload. */
  photos(photos: readonly PreparedPhoto[]): void {
    const next = [...this.#state.items];
    for (const { index, fileIndex, name, bytes } of photos) {
      next[index] = { ...(next[index] ?? blank(index)), fileIndex, name, bytes };
    }
    this.update({ items: next, total: next.length, totalBytes: next.reduce((sum, { bytes }) => sum + bytes, 0) });
  }

  /** Photos that are only known by name, and by their positions among the files that were given. */
  named(names: readonly string[], fileIndexes: readonly (number | null)[]): void {
    const items = names.map((name, idx) => {
      return { ...(this.#state.items[idx] ?? blank(idx)), name, fileIndex: fileIndexes[idx] ?? null };
    });
    this.update({ items, total: names.length });
  }

  sent(idx: number, bytes: number, complete: boolean): void {
    const { items: known, uploadedBytes: before } = this.#state;
    const item = known[idx] ?? blank(idx);
    if (complete) this.#uploaded.add(idx);
    else if (this.#uploaded.has(idx)) return;
    const items = [...known];
    items[idx] = { ...item, sentBytes: bytes };
    this.update({ items, uploadedBytes: before - item.sentBytes + bytes, uploaded: this.#uploaded.size });
  }

  /** Photos whose files are needed again; the others lie in the storage. */
  missing(indexes: readonly number[]): void {
    this.#state.items.forEach((_, idx) => {
      if (!indexes.includes(idx)) this.#uploaded.add(idx);
    });
    this.update({ missing: indexes, uploaded: this.#uploaded.size });
  }

  /** How the server says that photos stand. */
  items(told: readonly JobItem[]): void {
    const next = [...this.#state.items];
    let changed = false;
    for (const item of told) {
      const known = next[item.idx];
      if (known !== undefined && same(known, item)) continue;
      changed = true;
      if (item.status !== 'pending' && (known?.status ?? 'pending') === 'pending') this.#settled.push(item.idx);
      next[item.idx] = { ...(known ?? blank(item.idx)), ...given(item) };
    }
    if (!changed) return;
    const count = (status: string) => next.filter((item) => item?.status === status).length;
    this.update({ items: next, total: next.length, done: count('done'), failed: count('failed') });
  }

  status(now: JobStatus): void {
    const phase = phaseOf(now) ?? this.#state.phase;
    // Another tab may have brought them.
    const arrived = phase !== 'uploading' && this.#state.missing.length > 0;
    this.update({ status: now, phase, ...(arrived && { missing: [] }) });
  }

  job({ jobId, status, items }: Job): void {
    this.items(items);
    this.update({ jobId });
    this.status(status);
  }

  ended(last: Job & { status: RunResult['status'] }): RunResult {
    this.job(last);
    const { jobId, status, charged, keptUntil, error, format = null } = last;
    const { items, refused } = this.#state;
    const refunded = charged === null ? null : last.progress.total - charged;
    const result = { jobId, status, items, refused, format, charged, refunded, keptUntil, error };
    this.update({ phase: 'ended', connection: 'idle', missing: [], result });
    return result;
  }

  /** It can't be gone on with. */
  failed(error: unknown): void {
    const thrown = error instanceof Error ? error : new Error(String(error), { cause: error });
    this.update({ error: thrown, connection: 'idle' });
  }

  subscribe(listener: () => void): () => void {
    // Wrapped, so that one function given twice is two subscriptions.
    const own = () => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }
}

const blank = (idx: number): RunItem => ({
  idx,
  name: `photo-${idx + 1}`,
  fileIndex: null,
  status: 'pending',
  bytes: 0,
  sentBytes: 0,
});

/** Without what the server left out, so that a name or an URL that is known stays. */
const given = (item: JobItem): Partial<RunItem> =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => isSet(value)));

const same = (known: RunItem, told: JobItem): boolean =>
  Object.entries(given(told)).every(([name, value]) => known[name as keyof RunItem] === value);

/** Null for a job that has ended: the phase follows once it is settled. */
const phaseOf = (status: JobStatus): JobState['phase'] | null => {
  if (ENDED.has(status)) return null;
  return status === 'created' || status === 'uploaded' ? 'uploading' : 'processing';
};
