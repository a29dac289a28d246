/** `jobs.*`, one to one with the API; `jobs.run` does the whole of it in one call. */
import type { ItemStatus, JobStatus } from '../../../server/src/contract/jobs.ts';
import type { PhotoType } from '../../../server/src/contract/limits.ts';
import type { ConceptMap, PresetId } from '../concepts.ts';
import type { RunInput, RunResult } from '../run-types.ts';
import type { Call } from '../transport.ts';
import type { CallOptions, PageInput } from './call.ts';

export type { ItemStatus, JobStatus, PhotoType };

export interface EstimateInput {
  preset: PresetId;
  /** How many, 1 to 200. */
  photos: number;
}
export interface Estimate {
  /** What the job would hold. */
  credits: number;
  /** Credits that can be spent now. */
  balance: number;
  /** Whether `create` with that many photos would be taken now. */
  allowed: boolean;
  /** The code that `create` would throw. */
  reason?: 'ITEM_LIMIT' | 'CREDITS_EXHAUSTED' | 'CONCURRENCY_LIMIT' | undefined;
}

/** What is said of a photo before its bytes are sent. */
export interface Photo {
  contentType: PhotoType;
  /** Its exact size, at most 25,000,000. */
  bytes: number;
}
/** A job on new photos, or on photos that an earlier job of the same user uploaded: all of them, or those at `indexes`. */
export type CreateInput =
  | { preset: PresetId; photos: Photo[]; idempotencyKey?: string | undefined }
  | { from: { jobId: string; indexes?: number[] | undefined }; idempotencyKey?: string | undefined };

/** Where one photo's bytes go. */
export interface Upload {
  /** Index of the photo, from 0. */
  idx: number;
  /** PUT the bytes here with exactly `headers`. 412 means that the photo already lies there, 403 that the URL has expired. */
  url: string;
  headers: Record<string, string>;
  /** About 15 minutes after it was signed. */
  expiresAt: Date;
}
export interface CreatedJob {
  jobId: string;
  status: JobStatus;
  uploads: Upload[];
  /** When the job is canceled if its photos are not there; null once it has ended. */
  deadline: Date | null;
}

/** Concepts by plain names, or a saved rule. `jobs.run` types the names by preset. */
export type ExecuteInput =
  | {
      jobId: string;
      concepts: ConceptMap;
      /** What stays untouched; the preset's own protects when left out. */
      protect?: string[] | undefined;
      outputTemplate?: string | undefined;
      idempotencyKey?: string | undefined;
    }
  | { jobId: string; ruleId: string; outputTemplate?: string | undefined; idempotencyKey?: string | undefined };

/** Photos by what became of them; the rest of `total` is still open. */
export interface Progress {
  done: number;
  failed: number;
  total: number;
}
export interface JobItem {
  /** Index of the photo, from 0, in the order of `files` or `photos`. */
  idx: number;
  status: ItemStatus;
  /** GET it within the hour; `jobs.get` gives a fresh one. PNG. */
  resultUrl?: string | undefined;
  /** A small JPEG, on the same terms. */
  previewUrl?: string | undefined;
  /** Why it failed, in plain words. */
  error?: string | undefined;
}
export interface Job {
  jobId: string;
  status: JobStatus;
  preset: PresetId;
  progress: Progress;
  items: JobItem[];
  createdAt: Date;
  /** When the present state ends by itself; null once the job has ended. */
  deadline: Date | null;
  /** Until when results can be fetched; null while the job lives. */
  keptUntil: Date | null;
  /** Why the job failed or was canceled. */
  error: string | null;
  /** Credits charged for it; null until it is settled. */
  charged: number | null;
  /** Admits to the job's live progress for a minute. */
  ticket: string;
}
export interface JobSummary {
  jobId: string;
  status: JobStatus;
  preset: PresetId;
  progress: Progress;
  createdAt: Date;
  /** Null while the job lives. */
  finishedAt: Date | null;
}
export interface JobPage {
  /** Newest first. */
  jobs: JobSummary[];
  /** For the next page; null on the last. */
  nextCursor: string | null;
}

export interface JobsApi {
  /**
   * Everything in one call: looks at the files, creates the job, uploads, executes and follows it to its end.
   *
   * A job that ended `failed` or `canceled` is a result, not an error: look at `status` and at each item's. Thrown are refusals and
   * what made it impossible to go on (`S3Error`: INVALID_FILE, CREDITS_EXHAUSTED, CONCURRENCY_LIMIT, ITEM_LIMIT, VALIDATION_ERROR,
   * NETWORK_ERROR, ABORTED, …). An error before the job was executed cancels it, so that it holds no credits; after that the job
   * goes on without us and `error.jobId` finds it again.
   */
  run<P extends PresetId>(input: RunInput<P>): Promise<RunResult>;
  /** What a job would cost, and whether it would be taken. */
  estimate(input: EstimateInput, options?: CallOptions): Promise<Estimate>;
  /** Holds one credit a photo. Throws CREDITS_EXHAUSTED, CONCURRENCY_LIMIT, ITEM_LIMIT. The same `idempotencyKey` returns the same job. */
  create(input: CreateInput, options?: CallOptions): Promise<CreatedJob>;
  /** Fresh upload URLs, while the job is `created`. */
  renewUploads(input: { jobId: string; indexes: number[] }, options?: CallOptions): Promise<{ uploads: Upload[] }>;
  /** Says that all photos are uploaded. Throws UPLOAD_INCOMPLETE, which names those that are not. */
  confirmUpload(input: { jobId: string }, options?: CallOptions): Promise<{ status: JobStatus }>;
  /** Starts the work. Takes plain names, so a rule from a file fits; they are checked against the job's preset. */
  execute(input: ExecuteInput, options?: CallOptions): Promise<{ status: JobStatus; ticket: string }>;
  /** Throws JOB_NOT_FOUND, for a foreign job as well. */
  get(input: { jobId: string }, options?: CallOptions): Promise<Job>;
  list(input?: PageInput, options?: CallOptions): Promise<JobPage>;
  /** Removes an ended job with its photos. */
  delete(input: { jobId: string }, options?: CallOptions): Promise<{ jobId: string; deleted: true }>;
  /** Ends a job. Photos that are done are kept and charged, the rest is refunded; amounts in credits. */
  cancel(
    input: { jobId: string; idempotencyKey?: string | undefined },
    options?: CallOptions,
  ): Promise<{ status: JobStatus; charged: number; refunded: number }>;
}

export function jobsApi(call: Call, run: JobsApi['run']): JobsApi {
  return {
    run,
    estimate: (input, options) => call('jobs.estimate', input, options),
    create: (input, options) => call('jobs.create', input, options),
    renewUploads: (input, options) => call('jobs.renewUploads', input, options),
    confirmUpload: (input, options) => call('jobs.confirmUpload', input, options),
    execute: (input, options) => call('jobs.execute', input, options),
    get: (input, options) => call('jobs.get', input, options),
    list: (input, options) => call('jobs.list', input, options),
    delete: (input, options) => call('jobs.delete', input, options),
    cancel: (input, options) => call('jobs.cancel', input, options),
  };
}
