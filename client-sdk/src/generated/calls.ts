/**
 * The client's methods, each a call of its procedure.
 *
 * Made from the server's contract and router by `npm run generate -w client-sdk`: what is changed here is lost.
 */
import type { CallOptions } from '../api/call.ts';
import type { Paged } from '../api/pages.ts';
import type {
  AnonInput,
  ConceptMap,
  CreatedJob,
  CreateInput,
  DeletedUser,
  Downloads,
  DownloadsInput,
  Estimate,
  EstimateInput,
  ExportPage,
  Job,
  JobPage,
  JobStatus,
  JobSummary,
  LedgerPage,
  Me,
  PageInput,
  Preset,
  PresetId,
  Receipt,
  ResultFormat,
  Rule,
  RuleUpdateInput,
  Session,
  Upload,
} from './types.ts';

export interface AuthCalls {
  /** A token for an anonymous account, which its first change opens. A key that does not tell its age opens it at once. */
  anon(input?: AnonInput, options?: CallOptions): Promise<Session>;
  /** A new token for one that is still good, or that expired less than 30 days ago. */
  renew(options?: CallOptions): Promise<Session>;
  /**
   * Ends every token issued before now and answers with a new one: an anonymous user has no other way back in. So the same key again, with
   * a token that was good then, is answered with one as well.
   */
  revoke(
    input?: {
      /** The same key within ten minutes answers the same, also to a token that the first call has ended. Keep it as secret as a token. */
      idempotencyKey?: string | undefined;
    },
    options?: CallOptions,
  ): Promise<Session>;
}

export interface UserCalls {
  /** The user's plan, credits and limits. */
  me(options?: CallOptions): Promise<Me>;
  /** All that is kept of the user, a page at a time: the account and its rules first, then jobs, then receipts. */
  export(
    input?: {
      /** `nextCursor` of the page before. */
      cursor?: string | undefined;
    },
    options?: CallOptions,
  ): Paged<ExportPage, ExportPage>;
  /**
   * Deletes the user with all jobs, photos, rules and receipts, and ends every session; of an account that was never opened nothing is
   * stored, and its token stays good. Live jobs are stopped and what was spent is not returned. Asked again it answers the same.
   */
  delete(options?: CallOptions): Promise<DeletedUser>;
  /** Receipts, newest first. They are history: a charge can appear a moment after its job has ended. */
  ledger(input?: PageInput, options?: CallOptions): Paged<LedgerPage, Receipt>;
}

export interface PresetsCalls {
  /** All presets: what can be changed and protected, with names to show. */
  list(options?: CallOptions): Promise<Preset[]>;
  /** Throws PRESET_NOT_FOUND. */
  get(input: { id: PresetId }, options?: CallOptions): Promise<Preset>;
}

export interface RulesCalls {
  /** Saves a choice of what to change and what to protect. Throws RULE_SLOT_FULL. */
  create(
    input: {
      /** 1 to 80 characters. */
      name: string;
      presetId: PresetId;
      concepts: ConceptMap;
      /** What stays untouched; the preset's own protects when left out. */
      protect?: string[] | undefined;
      /** The same key again gives the rule that it made; the client gives each call one of its own when left out. */
      idempotencyKey?: string | undefined;
    },
    options?: CallOptions,
  ): Promise<Rule>;
  /** Throws RULE_NOT_FOUND, as `update` and `delete` do. */
  get(input: { id: string }, options?: CallOptions): Promise<Rule>;
  /** All rules of the user. */
  list(options?: CallOptions): Promise<Rule[]>;
  /** Changes what is given of a rule. */
  update(input: RuleUpdateInput, options?: CallOptions): Promise<Rule>;
  /** Frees the rule's slot. */
  delete(input: { id: string }, options?: CallOptions): Promise<{ id: string; deleted: true }>;
}

export interface JobsCalls {
  /** What a job of that many photos would cost, and whether it would be taken now. */
  estimate(input: EstimateInput, options?: CallOptions): Promise<Estimate>;
  /**
   * Holds a credit a photo, and answers where to upload them. The same key returns the same job. Throws CREDITS_EXHAUSTED,
   * CONCURRENCY_LIMIT, ITEM_LIMIT.
   */
  create(input: CreateInput, options?: CallOptions): Promise<CreatedJob>;
  /** Fresh upload URLs, while the job is `created`, and more time to use them. */
  renewUploads(
    input: {
      /** What names no job of the user's is JOB_NOT_FOUND. */
      jobId: string;
      /** Positions of photos, from 0. */
      indexes: number[];
    },
    options?: CallOptions,
  ): Promise<{
    uploads: Upload[];
    /** When it is canceled without its photos: in an hour, a day after it was made at the latest. */
    deadline: Date;
  }>;
  /** Says that all photos are uploaded. UPLOAD_INCOMPLETE names those that are not. */
  confirmUpload(
    input: {
      /** What names no job of the user's is JOB_NOT_FOUND. */
      jobId: string;
    },
    options?: CallOptions,
  ): Promise<{ status: JobStatus }>;
  /** Starts the work. */
  execute(
    input:
      | {
          /** What names no job of the user's is JOB_NOT_FOUND. */
          jobId: string;
          concepts: ConceptMap;
          /** What stays untouched; the preset's own protects when left out. */
          protect?: string[] | undefined;
          outputTemplate?: string | undefined;
          /** What the results are encoded as; png when left out. */
          format?: ResultFormat | undefined;
          /** Whether masks are stored as well; not when left out. */
          masks?: boolean | undefined;
          idempotencyKey?: string | undefined;
        }
      | {
          /** What names no job of the user's is JOB_NOT_FOUND. */
          jobId: string;
          ruleId: string;
          outputTemplate?: string | undefined;
          format?: ResultFormat | undefined;
          masks?: boolean | undefined;
          idempotencyKey?: string | undefined;
        },
    options?: CallOptions,
  ): Promise<{
    status: JobStatus;
    /** Admits to the job's live progress for a minute. */
    ticket: string;
  }>;
  /** A job with its photos. JOB_NOT_FOUND for a foreign job as well. */
  get(
    input: {
      /** What names no job of the user's is JOB_NOT_FOUND. */
      jobId: string;
    },
    options?: CallOptions,
  ): Promise<Job>;
  /** URLs of results, previews and originals, to save under names of your own. JOB_NOT_FOUND once nothing of the job is kept. */
  downloads(input: DownloadsInput, options?: CallOptions): Promise<Downloads>;
  /** The user's jobs, newest first. */
  list(input?: PageInput, options?: CallOptions): Paged<JobPage, JobSummary>;
  /** Photos that are done are kept and charged, the rest is refunded; in credits. */
  cancel(
    input: {
      /** What names no job of the user's is JOB_NOT_FOUND. */
      jobId: string;
      idempotencyKey?: string | undefined;
    },
    options?: CallOptions,
  ): Promise<{ status: JobStatus; charged: number; refunded: number }>;
  /** Removes an ended job with its photos. What was charged for it stays on the receipts. */
  delete(
    input: {
      /** What names no job of the user's is JOB_NOT_FOUND. */
      jobId: string;
    },
    options?: CallOptions,
  ): Promise<{ jobId: string; deleted: true }>;
}

/** A method for each procedure. */
export interface Calls {
  readonly auth: AuthCalls;
  readonly user: UserCalls;
  readonly presets: PresetsCalls;
  readonly rules: RulesCalls;
  readonly jobs: JobsCalls;
}
