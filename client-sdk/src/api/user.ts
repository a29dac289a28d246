/** `user.*`: what the user has and what it was spent on. Amounts are whole credits; one credit is one photo. */
import type { ConceptMap, PresetId } from '../concepts.ts';
import type { CallOptions, PageInput } from './call.ts';
import type { ItemStatus, JobStatus, Progress, ResultFormat } from './jobs.ts';
import type { Paged } from './pages.ts';
import type { Rule } from './rules.ts';

export type PlanId = 'free' | 'pro';

/** Always `balance + held + spent = granted`. */
export interface Credits {
  balance: number;
  /** For jobs that have not ended. */
  held: number;
  spent: number;
  granted: number;
}

export interface Me {
  userId: string;
  plan: PlanId;
  credits: Credits;
  activeJobs: number;
  ruleSlots: { used: number; max: number };
  /** The plan's. `photoBytes`: of one photo. */
  limits: { activeJobs: number; photosPerJob: number; ruleSlots: number; photoBytes: number };
}

export interface Receipt {
  id: string;
  type: 'grant' | 'charge';
  /** Negative for a charge. */
  amount: number;
  /** The job that was charged, or the reason of the grant. */
  ref: string | null;
  createdAt: Date;
}

export interface LedgerPage {
  /** Newest first. */
  receipts: Receipt[];
  /** Null on the last page. */
  nextCursor: string | null;
}

export interface ExportedPhoto {
  idx: number;
  status: ItemStatus;
  error?: string | undefined;
  /** What is still kept, to GET within the hour: the photo as it was uploaded, its result, and the result's preview. */
  inputUrl?: string | undefined;
  resultUrl?: string | undefined;
  previewUrl?: string | undefined;
}

export interface ExportedJob {
  jobId: string;
  status: JobStatus;
  preset: PresetId;
  progress: Progress;
  createdAt: Date;
  /** Null while it lives. */
  finishedAt: Date | null;
  /** What was asked for; null when it was never executed. */
  concepts: ConceptMap | null;
  protect: string[] | null;
  outputTemplate: string | null;
  /** What the results are encoded as; absent when it was never executed. */
  format?: ResultFormat | undefined;
  ruleId: string | null;
  /** Credits; null until it is settled. */
  charged: number | null;
  error: string | null;
  photos: ExportedPhoto[];
}

export interface ExportPage {
  /** On the first page alone; `createdAt` is null for an account that nothing was done with yet. */
  user: {
    userId: string;
    plan: PlanId;
    credits: Credits;
    createdAt: Date | null;
    deviceHash: string | null;
  } | null;
  rules: Rule[];
  /** Newest first, as are receipts. */
  jobs: ExportedJob[];
  receipts: Receipt[];
  nextCursor: string | null;
}

/** What becomes of a user who is being deleted. */
export interface DeletedUser {
  userId: string;
  /** When the last URL has ended under which something could still be written, and all that is left goes. */
  goneBy: Date;
  done: boolean;
}

export interface UserApi {
  me(options?: CallOptions): Promise<Me>;
  /** `await` gives a page, `for await` the receipts, page after page. */
  ledger(input?: PageInput, options?: CallOptions): Paged<LedgerPage, Receipt>;
  /** All that is kept of the user: `await` gives the first page, with the account and its rules; `for await` all pages. */
  export(input?: Pick<PageInput, 'cursor'>, options?: CallOptions): Paged<ExportPage, ExportPage>;
  /**
   * Deletes the user with all jobs, photos, rules and receipts, on all devices; stops live jobs. The session here is removed. Of an
   * account that no change has opened nothing is stored, and a copy of its token stays good.
   */
  delete(options?: CallOptions): Promise<DeletedUser>;
}
