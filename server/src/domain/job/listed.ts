/** A job on a list, whichever of object and history it comes from. */
import type { JobSummary } from '../../contract/jobs.ts';

/** `cover`: the photo whose preview stands for the job, while previews are kept. */
export type ListedJob = JobSummary & { cover?: number | undefined };
