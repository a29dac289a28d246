/** How one job stands, and who wants to hear of it. Each photo's end is taken once, whichever way it is told. */
import type { Job, JobItem, JobStatus } from '../generated/types.ts';
import type { JobState, RunItem, RunResult, UnmatchedFile, Waiting } from './types.ts';
import { UNKNOWN } from './unknown.ts';

const ENDED = new Set<JobStatus>(['done', 'failed', 'canceled']);
export const hasEnded = <J extends { status: JobStatus }>(job: J): job is J & { status: RunResult['status'] } =>
  ENDED.has(job.status);
const NOT_WAITING = { missing: UNKNOWN.missing, waiting: null };

/** What is known of a photo here, by its index in the job. */
export type KnownPhoto = Pick<RunItem, 'name' | 'fileIndex' | 'bytes'> & { index: number };

/** Of a job that is made. */
export const jobIdIn = ({ state }: JobStore): string => state.jobId as string;

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
    if (isIn(this.#state, patch)) return;
    const next = { ...this.#state, ...patch };
    const sum = (of: (item: RunItem) => number | boolean) =>
      next.items.reduce((total, item) => total + Number(of(item)), 0);
    next.total = Math.max(next.total, next.items.length);
    next.done = sum(({ status }) => status === 'done');
    next.failed = sum(({ status }) => status === 'failed');
    next.uploaded = this.#forked ? next.total : sum(({ uploaded }) => uploaded);
    next.uploadedBytes = sum(({ sentBytes }) => sentBytes);
    next.totalBytes = sum(({ bytes }) => bytes);
    // What was shown once is never taken back: a part that is tried again has been waited for before.
    next.progress = Math.max(next.progress, shareOf(next, this.#forked));
    this.#state = next;
    for (const listener of [...this.#listeners]) listener();
  }

  /** The photos by what this client knows of them, of whose bytes none are sent by it yet. */
  photos(photos: readonly KnownPhoto[]): void {
    this.#learn(photos.map(({ index: idx, fileIndex, name, bytes }) => ({ idx, fileIndex, name, bytes })));
  }

  /** Its photos are those of another job: there is nothing to upload. @param total how many they are, if more are known of than by name */
  forked(total = 0): void {
    this.#forked = true;
    this.update({ total });
  }

  /** A photo that is sent again does not take back what was shown of it. */
  sent(idx: number, bytes: number, complete = false): void {
    const { sentBytes, uploaded } = this.#state.items[idx] ?? blank(idx);
    this.#learn([{ idx, sentBytes: Math.max(sentBytes, bytes), uploaded: complete || uploaded }]);
  }

  /** All photos but these lie in the storage. */
  arrivedBut(indexes: readonly number[]): void {
    const arrived = this.#state.items.filter(({ idx }) => !indexes.includes(idx));
    this.#learn(arrived.map(({ idx, bytes }) => ({ idx, sentBytes: bytes, uploaded: true })));
  }

  /** Photos whose files are needed again, and what was picked for them in vain. */
  missing(indexes: readonly number[], unmatched: readonly UnmatchedFile[] = []): void {
    const waiting: Waiting | null = indexes.length > 0 ? { for: 'files', missing: indexes, unmatched } : null;
    this.update({ missing: indexes, waiting });
  }

  /** How the server says that photos stand. */
  items(told: readonly JobItem[]): void {
    const news: JobItem[] = [];
    for (const item of told.map(given)) {
      const known = this.#state.items[item.idx];
      const wasOver = known !== undefined && known.status !== 'pending';
      // The same, or an answer that was under way when the photo ended.
      if (known && (isIn(known, item) || (wasOver && item.status === 'pending'))) continue;
      if (!wasOver && item.status !== 'pending') this.#settled.push(item.idx);
      news.push(item);
    }
    if (news.length > 0) this.#learn(news);
  }

  /** Photos that nothing is known of yet, before those that are told of, stand there as such. */
  #learn(news: readonly (Partial<RunItem> & { idx: number })[]): void {
    const known = this.#state.items;
    const length = Math.max(known.length, ...news.map(({ idx }) => idx + 1));
    const items = Array.from({ length }, (_, idx) => known[idx] ?? blank(idx));
    for (const item of news) items[item.idx] = { ...(items[item.idx] as RunItem), ...item };
    this.update({ items });
  }

  status(now: JobStatus, { etaMs = null, waiting: busy = false }: Pick<Job, 'etaMs' | 'waiting'> = {}): void {
    const phase = phaseOf(now) ?? this.#state.phase;
    if (phase === 'processing' && phase !== this.#state.phase) this.arrivedBut([]);
    // Another tab may have brought them, or another device said what to do.
    this.update({ status: now, phase, etaMs, busy, ...(phase !== 'uploading' && NOT_WAITING) });
  }

  job(job: Job): void {
    this.items(job.items);
    this.update({ jobId: job.jobId });
    this.status(job.status, job);
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
const given = (item: JobItem): JobItem =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)) as unknown as JobItem;

/** Whether `more` says nothing that is not in `known`. */
const isIn = <T extends object>(known: T, more: Partial<T>): boolean =>
  Object.entries(more).every(([name, value]) => known[name as keyof T] === value);

/** Null for a job that has ended: the phase follows once it is settled. */
const phaseOf = (status: JobStatus): JobState['phase'] | null => {
  if (ENDED.has(status)) return null;
  return status === 'created' || status === 'uploaded' ? 'uploading' : 'processing';
};
