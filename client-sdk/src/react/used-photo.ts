/** A file as a list of an app shows it. */
import { isS3Error } from '../errors.ts';
import type { RunItem } from '../job/types.ts';
import type { PhotoFile } from '../upload/photo-file.ts';
import type { Held } from './place.ts';
import type { UsedJob } from './use-job.ts';

export interface UsedPhoto {
  /** A key for lists: the same as long as the page lives, whatever is added, taken out or started. */
  id: string;
  name: string;
  /** Null where the job was begun before this page was loaded. */
  file: PhotoFile | null;
  /**
   * `picked`: no run has it yet. `refused`: it can't be sent, `error` says why. `missing`: it has to be picked again. `uploaded`: the server
   * has it and works on it, or will.
   */
  status: 'picked' | 'refused' | 'missing' | 'uploading' | 'uploaded' | 'done' | 'failed' | 'canceled';
  /** 0 to 1 of its upload. */
  progress: number;
  /** Why it was refused or failed. */
  error: string | null;
  /** What the run knows of it: `resultUrl`, `previewUrl`, `bytes`, …; null before that. */
  item: RunItem | null;
}

/** @internal The files that were added, in their order, then what else the run has. */
export function photosOf({ entries, sent, handle }: Held, job: UsedJob): UsedPhoto[] {
  const idOf = (position: number | null, idx: number): string =>
    (position === null ? undefined : sent?.[position]) ?? `${job.jobId}-${idx}`;
  const items = new Map(job.items.map((item) => [idOf(item.fileIndex, item.idx), item]));
  const bad = isS3Error(job.error, 'INVALID_FILE') ? job.error.data.files : job.refused;
  const refused = new Map(bad.map((file) => [sent?.[file.index], file]));
  const photos = entries.map(({ id, file }, at): UsedPhoto => {
    const item = items.get(id);
    items.delete(id);
    if (item !== undefined) return { ...photoOf(id, item, job), file };
    const why = refused.get(id);
    const name = (file as { name?: unknown }).name;
    return {
      id,
      name: typeof name === 'string' && name !== '' ? name : `photo-${at + 1}`,
      file,
      status: why === undefined ? 'picked' : 'refused',
      progress: 0,
      error: why?.message ?? null,
      item: null,
    };
  });
  // Files that are picked to go on with are those of the job, which has them in its list.
  const own = handle !== null && sent === null && items.size > 0 ? [] : photos;
  return [...own, ...Array.from(items, ([id, item]) => photoOf(id, item, job))];
}

function photoOf(id: string, item: RunItem, { missing, phase }: UsedJob): UsedPhoto {
  const { idx, name, status, bytes, sentBytes, uploaded, error = null } = item;
  const there = uploaded || phase === 'processing' || phase === 'ended';
  const open = missing.includes(idx) ? 'missing' : there ? 'uploaded' : 'uploading';
  const progress = there ? 1 : sentBytes / (bytes || 1);
  return { id, name, file: null, status: status === 'pending' ? open : status, progress, error, item };
}
