/** `jobs.*`, one to one with the API; `jobs.run` does the whole of it in one call. */
import type { PresetId } from '../concepts.ts';
import type { Change, Runs } from '../job/types.ts';
import type { CallOptions, PageInput } from './call.ts';
import type {
  CreatedJob,
  CreateInput,
  Downloads,
  DownloadsInput,
  Estimate,
  EstimateInput,
  Job,
  JobPage,
  JobStatus,
  JobSummary,
  Upload,
} from './jobs.ts';
import type { Paged } from './pages.ts';

/** What to do with the job's photos. */
export type ExecuteInput<P extends PresetId = never> = Change<P> & {
  jobId: string;
  idempotencyKey?: string | undefined;
};

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
  /** URLs of results, previews and originals, to save under names of your own. JOB_NOT_FOUND once nothing of the job is kept. */
  downloads(input: DownloadsInput, options?: CallOptions): Promise<Downloads>;
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
