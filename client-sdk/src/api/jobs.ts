/** Jobs and their photos as `jobs.*` takes them and tells of them. */
import type { PresetId } from '../concepts.ts';

export type JobStatus = 'created' | 'uploaded' | 'queued' | 'running' | 'done' | 'failed' | 'canceled';
export type ItemStatus = 'pending' | 'done' | 'failed' | 'canceled';
/** What results are encoded as. */
export type ResultFormat = 'png' | 'jpeg' | 'webp';
export type PhotoType = 'image/jpeg' | 'image/png' | 'image/webp';

export interface EstimateInput {
  preset: PresetId;
  /** 1 to 200. */
  photos: number;
}
export interface Estimate {
  credits: number;
  balance: number;
  /** Whether `create` would take it now, and else the code that it would throw: none where the day's jobs are used up. */
  allowed: boolean;
  reason?: 'ITEM_LIMIT' | 'CREDITS_EXHAUSTED' | 'CONCURRENCY_LIMIT' | undefined;
}

export interface Photo {
  contentType: PhotoType;
  /** Exact; at most 25,000,000. */
  bytes: number;
}
/** New photos, or those of an earlier job: all, or those at `indexes`. */
export type CreateInput =
  | { preset: PresetId; photos: Photo[]; idempotencyKey?: string | undefined }
  | { from: { jobId: string; indexes?: number[] | undefined }; idempotencyKey?: string | undefined };

export interface Upload {
  idx: number;
  /** PUT with exactly `headers`. 412: it lies there already; 403: the URL has expired. */
  url: string;
  headers: Record<string, string>;
  expiresAt: Date;
}
export interface CreatedJob {
  jobId: string;
  status: JobStatus;
  uploads: Upload[];
  /** When it is canceled without its photos; null once it has ended. */
  deadline: Date | null;
}

/** Photos by what became of them; the rest of `total` is open. */
export interface Progress {
  done: number;
  failed: number;
  total: number;
}
export interface JobItem {
  /** From 0, in the order of the photos. */
  idx: number;
  status: ItemStatus;
  /** In the job's `format`. GET it within the hour; `jobs.get` gives a fresh one. */
  resultUrl?: string | undefined;
  /** A small JPEG. */
  previewUrl?: string | undefined;
  /** Why it failed, in plain words. */
  error?: string | undefined;
}
export interface Job {
  jobId: string;
  status: JobStatus;
  preset: PresetId;
  progress: Progress;
  /** What the results are encoded as; absent until it is executed. */
  format?: ResultFormat | undefined;
  items: JobItem[];
  createdAt: Date;
  /** When the present status ends by itself. */
  deadline: Date | null;
  /** Until when results can be fetched; null while it lives. */
  keptUntil: Date | null;
  error: string | null;
  /** Credits; null until it is settled. */
  charged: number | null;
  /** Admits to live progress for a minute. */
  ticket: string;
}
export interface JobSummary {
  jobId: string;
  status: JobStatus;
  preset: PresetId;
  progress: Progress;
  createdAt: Date;
  /** Null while it lives. */
  finishedAt: Date | null;
  /** A preview of the first photo that has one, while results are kept. A small JPEG. */
  previewUrl?: string | undefined;
}
/** What can be fetched of a photo: its result, the preview of that, or the photo as it was uploaded. */
export type FileKind = 'result' | 'preview' | 'original';
export interface DownloadsInput {
  jobId: string;
  /** 1 to 200. */
  files: {
    idx: number;
    /** `result` when left out. */
    kind?: FileKind | undefined;
    /** What a browser saves it as, up to 255 characters. Left out, it is shown. */
    name?: string | undefined;
  }[];
}
export interface Downloads {
  /** In the order in which they were asked for; null for what is not there, or not kept any more. */
  urls: (string | null)[];
  /** When these URLs end. */
  expiresAt: Date;
}
export interface JobPage {
  /** Newest first. */
  jobs: JobSummary[];
  /** Null on the last page. */
  nextCursor: string | null;
}
