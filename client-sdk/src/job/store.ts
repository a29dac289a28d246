/** How one job stands, and who wants to hear of it. Each photo's end is taken once, whichever way it is told. */
import type { Job, JobItem, JobStatus } from '../api/jobs.ts';
import type { PreparedPhoto } from '../upload/files.ts';
import type { JobState, RunItem, RunResult } from './types.ts';

export interface JobStore {
  readonly state: JobState;
  /** Indexes of the photos that ended, in the order in which that became known. */
  readonly settled: readonly number[];
  update(patch: Partial<JobState>): void;
  /** The photos that this client will upload. */
  photos(photos: readonly PreparedPhoto[]): void;
  /** Photos that are only known by name, and by their positions among the files that were given. */
  named(names: readonly string[], fileIndexes: readonly (number | null)[]): void;
  sent(idx: number, bytes: number, complete: boolean): void;
  /** Photos whose files are needed again; the others lie in the storage. */
  missing(indexes: readonly number[]): void;
  /** How the server says that photos stand. */
  items(items: readonly JobItem[]): void;
  job(job: Job): void;
  status(status: JobStatus): void;
  ended(job: Job & { status: RunResult['status'] }): RunResult;
  /** It can't be gone on with. */
  failed(error: unknown): void;
  subscribe(listener: () => void): () => void;
}

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

export function createStore(jobId: string | null = null): JobStore {
  let state: JobState = { ...UNKNOWN, jobId };
  const settled: number[] = [];
  const uploaded = new Set<number>();
  const listeners = new Set<() => void>();

  const update = (patch: Partial<JobState>): void => {
    if (Object.entries(patch).every(([name, value]) => state[name as keyof JobState] === value)) return;
    state = { ...state, ...patch };
    for (const listener of [...listeners]) listener();
  };
  const change = (idx: number, patch: Partial<RunItem>): RunItem[] => {
    const items = [...state.items];
    items[idx] = { ...(items[idx] ?? blank(idx)), ...patch };
    return items;
  };
  const items = (told: readonly JobItem[]): void => {
    const next = [...state.items];
    let changed = false;
    for (const item of told) {
      const known = next[item.idx];
      if (known !== undefined && same(known, item)) continue;
      changed = true;
      if (item.status !== 'pending' && (known?.status ?? 'pending') === 'pending') settled.push(item.idx);
      next[item.idx] = { ...(known ?? blank(item.idx)), ...given(item) };
    }
    if (!changed) return;
    const count = (status: string) => next.filter((item) => item?.status === status).length;
    update({ items: next, total: next.length, done: count('done'), failed: count('failed') });
  };
  const status = (now: JobStatus): void => {
    const phase = phaseOf(now) ?? state.phase;
    // Another tab may have brought them.
    update({ status: now, phase, ...(phase !== 'uploading' && state.missing.length > 0 && { missing: [] }) });
  };
  const job = ({ jobId: id, status: now, items: all }: Job): void => {
    items(all);
    update({ jobId: id });
    status(now);
  };

  return {
    get state() {
      return state;
    },
    settled,
    update,
    photos(photos) {
      const next = [...state.items];
      for (const { index, fileIndex, name, bytes } of photos) {
        next[index] = { ...(next[index] ?? blank(index)), fileIndex, name, bytes };
      }
      update({ items: next, total: next.length, totalBytes: next.reduce((sum, { bytes }) => sum + bytes, 0) });
    },
    named(names, fileIndexes) {
      const items = names.map((name, idx) => {
        return { ...(state.items[idx] ?? blank(idx)), name, fileIndex: fileIndexes[idx] ?? null };
      });
      update({ items, total: names.length });
    },
    sent(idx, bytes, complete) {
      const before = state.items[idx]?.sentBytes ?? 0;
      if (complete) uploaded.add(idx);
      else if (uploaded.has(idx)) return;
      const uploadedBytes = state.uploadedBytes - before + bytes;
      update({ items: change(idx, { sentBytes: bytes }), uploadedBytes, uploaded: uploaded.size });
    },
    missing(indexes) {
      state.items.forEach((_, idx) => {
        if (!indexes.includes(idx)) uploaded.add(idx);
      });
      update({ missing: indexes, uploaded: uploaded.size });
    },
    items,
    job,
    status,
    ended(last) {
      job(last);
      const { charged, keptUntil, error, format = null } = last;
      const refunded = charged === null ? null : last.progress.total - charged;
      const result = {
        jobId: last.jobId,
        status: last.status,
        items: state.items,
        refused: state.refused,
        format,
        charged,
        refunded,
        keptUntil,
        error,
      };
      update({ phase: 'ended', connection: 'idle', missing: [], result });
      return result;
    },
    failed(error) {
      const thrown = error instanceof Error ? error : new Error(String(error), { cause: error });
      update({ error: thrown, connection: 'idle' });
    },
    subscribe(listener) {
      // Wrapped, so that one function given twice is two subscriptions.
      const own = () => listener();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
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
