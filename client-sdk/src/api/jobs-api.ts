/** `jobs.*`: one to one with the API, and `jobs.run`, which does the whole of it in one call. */
import type { JobsCalls } from '../generated/calls.ts';
import type { JobStatus, PresetId } from '../generated/types.ts';
import type { Change, Runs } from '../job/types.ts';
import type { CallOptions } from './call.ts';

/** What to do with the job's photos. */
export type ExecuteInput<P extends PresetId = never> = Change<P> & {
  jobId: string;
  idempotencyKey?: string | undefined;
};

export interface JobsApi extends JobsCalls, Runs {
  /** Starts the work. `execute<'seller'>` types the names. */
  execute<P extends PresetId = never>(
    input: ExecuteInput<P>,
    options?: CallOptions,
  ): Promise<{ status: JobStatus; ticket: string }>;
}
