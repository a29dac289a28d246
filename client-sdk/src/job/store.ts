/** How one job stands, and who wants to hear of it. Each photo's end is taken once, whichever way it is told. */
import type { Job, JobItem, JobStatus } from '../generated/types.ts';
import type { PreparedPhoto } from '../upload/files.ts';
import type { JobState, RunItem, RunResult, UnmatchedFile, Waiting } from './types.ts';
import { UNKNOWN } from './unknown.ts';

const ENDED = new Set<JobStatus>(['done', 'failed', 'canceled']);
export const hasEnded = <J extends { status: JobStatus }>(job: J): job is J & { status: RunResult['status'] } =>
  ENDED.has(job.status);
const NOT_WAITING = { missing: UNKNOWN.missing, waiting: null };
const isSet = (value: unknown): boolean => value !== undefined;

export class JobStore {
  #state: JobState;
  readonly #settled: number[] = [];
  #forked = false;
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
    const next = { ...this.#state, ...patch };
    const sum = (of: (item: RunItem) => number) => next.items.reduce((total, item) => total + of(item), 0);
    next.uploaded = this.#forked ? next.total : sum(({ uploaded }) => Number(uploaded));
    next.uploadedBytes = sum(({ sentBytes }) => sentBytes);
    next.totalBytes = sum(({ bytes }) => bytes);
    // What was shown once is never taken back: a part that is tried again has been waited for before.
    next.progress = Math.max(next.progress, shareOf(next, this.#forked));
    this.#state = next;
    for (const listener of [...this.#listeners]) listener();
  }

  /** The photos that this client will upload. */
  photos(photos: readonly PreparedPhoto[]): void {
    const next = [...this.#state.items];
    for (const { index, fileIndex, name, bytes } of photos) {
      next[index] = { ...(next[index] ?? blank(index)), fileIndex, name, bytes };
    }
    this.update({ items: next, total: next.length });
  }

  /** Photos that are only known by name, by their positions among the files that were given, and by their sizes if at all. */
  named(names: readonly string[], fileIndexes: readonly (number | null)[], sizes: readonly number[] = []): void {
    const items = names.map((name, idx) => {
      const known = this.#state.items[idx] ?? blank(idx);
      return { ...known, name, fileIndex: fileIndexes[idx] ?? null, bytes: sizes[idx] ?? known.bytes };
    });
    this.update({ items, total: names.length });
  }

  /** Its photos are those of another job: there is nothing to upload. @param total how many they are, if that is known */
  forked(total = this.#state.total): void {
    this.#forked = true;
    this.update({ total });
  }

  /** A photo that is sent again does not take back what was shown of it. */
  sent(idx: number, bytes: number, complete: boolean): void {
    const items = [...this.#state.items];
    const item = items[idx] ?? blank(idx);
    items[idx] = { ...item, sentBytes: Math.max(item.sentBytes, bytes), uploaded: complete || item.uploaded };
    this.update({ items });
  }

  /** All photos but these lie in the storage. */
  arrivedBut(indexes: readonly number[]): void {
    const arrived = (item: RunItem): RunItem => ({ ...item, sentBytes: item.bytes, uploaded: true });
    this.update({ items: this.#state.items.map((item, idx) => (indexes.includes(idx) ? item : arrived(item))) });
  }

  /** Photos whose files are needed again, and what was picked for them in vain. */
  missing(indexes: readonly number[], unmatched: readonly UnmatchedFile[] = []): void {
    const waiting: Waiting | null = indexes.length > 0 ? { for: 'files', missing: indexes, unmatched } : null;
    this.update({ missing: indexes, waiting });
  }

  /** How the server says that photos stand. */
  items(told: readonly JobItem[]): void {
    const next = [...this.#state.items];
    let changed = false;
    for (const item of told) {
      const known = next[item.idx];
      if (known && same(known, item)) continue;
      const { status } = known ?? item;
      // An answer that was under way when the photo ended.
      if (item.status === 'pending' && status !== 'pending') continue;
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
    if (phase === 'processing' && phase !== this.#state.phase) this.arrivedBut([]);
    // Another tab may have brought them, or another device said what to do.
    this.update({ status: now, phase, ...(phase !== 'uploading' && NOT_WAITING) });
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
    this.update({ phase: 'ended', connection: 'idle', ...NOT_WAITING, result });
    return result;
  }

  /** It can't be gone on with. */
  failed(error: unknown): void {
    const thrown = error instanceof Error ? error : new Error(String(error), { cause: error });
    this.update({ error: thrown, connection: 'idle', ...NOT_WAITING });
  }

  subscribe(listener: () => void): () => void {
    // Wrapped, so that one function given twice is two subscriptions.
    const own = () => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }
}

/** 0 to 1 of the whole: one half is the upload, by bytes, the other the work, by photos. A fork has nothing to upload. */
function shareOf({ result, phase, uploadedBytes, totalBytes, done, failed, total }: JobState, forked: boolean): number {
  if (result) return 1;
  const worked = (done + failed) / (total || 1);
  if (forked) return worked;
  const brought = phase === 'processing' ? 1 : uploadedBytes / (totalBytes || 1);
  return (brought + worked) / 2;
}

const blank = (idx: number): RunItem => ({
  idx,
  name: `photo-${idx + 1}`,
  fileIndex: null,
  status: 'pending',
  bytes: 0,
  sentBytes: 0,
  uploaded: false,
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
