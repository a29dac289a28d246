/** `jobs.*`, one to one with the API; `jobs.run` does the whole of it in one call. */
import type { PresetId } from '../concepts.ts';
import type { Change, Runs } from '../job/types.ts';
import type { Procedures } from '../procedures.ts';
import type { Call } from '../transport.ts';
import type { CallOptions, PageInput } from './call.ts';
import { type Paged, paged } from './pages.ts';

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

/** What to do with the job's photos. */
export type ExecuteInput<P extends PresetId = never> = Change<P> & {
  jobId: string;
  idempotencyKey?: string | undefined;
};

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
}
export interface JobPage {
  /** Newest first. */
  jobs: JobSummary[];
  /** Null on the last page. */
  nextCursor: string | null;
}

export interface JobsApi extends Runs {
  estimate(input: EstimateInput, options?: CallOptions): Promise<Estimate>;
  /** Holds a credit a photo, or throws CREDITS_EXHAUSTED, CONCURRENCY_LIMIT, ITEM_LIMIT. The same key returns the same job. */
  create(input: CreateInput, options?: CallOptions): Promise<CreatedJob>;
  /** Fresh URLs, while the job is `created`. */
  renewUploads(input: { jobId: string; indexes: number[] }, options?: CallOptions): Promise<{ uploads: Upload[] }>;
  /** Says that all photos are uploaded. UPLOAD_INCOMPLETE names those that are not. */
  confirmUpload(input: { jobId: string }, options?: CallOptions): Promise<{ status: JobStatus }>;
  /** Starts the work. `execute<'seller'>` types the names. */
  execute<P extends PresetId = never>(
    input: ExecuteInput<P>,
    options?: CallOptions,
  ): Promise<{ status: JobStatus; ticket: string }>;
  /** JOB_NOT_FOUND for a foreign job as well. */
  get(input: { jobId: string }, options?: CallOptions): Promise<Job>;
  /** `await` gives a page, `for await` the jobs, page after page. */
  list(input?: PageInput, options?: CallOptions): Paged<JobPage, JobSummary>;
  /** Removes an ended job with its photos. */
  delete(input: { jobId: string }, options?: CallOptions): Promise<{ jobId: string; deleted: true }>;
  /** Photos that are done are kept and charged, the rest is refunded; in credits. */
  cancel(
    input: { jobId: string; idempotencyKey?: string | undefined },
    options?: CallOptions,
  ): Promise<{ status: JobStatus; charged: number; refunded: number }>;
}

export function jobsApi(call: Call, runs: Runs): JobsApi {
  return {
    ...runs,
    estimate: (input, options) => call('jobs.estimate', input, options),
    create: (input, options) => call('jobs.create', input, options),
    renewUploads: (input, options) => call('jobs.renewUploads', input, options),
    confirmUpload: (input, options) => call('jobs.confirmUpload', input, options),
    execute: (input, options) => call('jobs.execute', input as Procedures['jobs.execute']['input'], options),
    get: (input, options) => call('jobs.get', input, options),
    list: (input, options) =>
      paged(
        (page, rest) => call('jobs.list', page, rest),
        ({ jobs }) => jobs,
        input,
        options,
      ),
    delete: (input, options) => call('jobs.delete', input, options),
    cancel: (input, options) => call('jobs.cancel', input, options),
  };
}
