/**
 * The API as a tRPC router's type, without the server's.
 *
 * Made from the server's contract and router by `npm run generate -w client-sdk`: what is changed here is lost.
 */
import type { Mutation, Query, Subscription } from '../trpc/procedure-types.ts';
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
  LedgerPage,
  Me,
  PageInput,
  Preset,
  PresetId,
  ResultFormat,
  Rule,
  RuleUpdateInput,
  Session,
  Upload,
  WatchEvent,
} from './types.ts';

/** The procedures as tRPC nests them. */
export type S3Procedures = {
  auth: {
    /** A token for an anonymous account, which its first change opens. A key that does not tell its age opens it at once. */
    anon: Mutation<AnonInput | undefined, Session>;
    /** A new token for one that is still good, or that expired less than 30 days ago. */
    renew: Mutation<undefined, Session>;
    /**
     * Ends every token issued before now and answers with a new one: an anonymous user has no other way back in. So the same key again, with
     * a token that was good then, is answered with one as well.
     */
    revoke: Mutation<
      | {
          /** The same key within ten minutes answers the same, also to a token that the first call has ended. Keep it as secret as a token. */
          idempotencyKey?: string | undefined;
        }
      | undefined,
      Session
    >;
  };
  user: {
    /** The user's plan, credits and limits. */
    me: Query<undefined, Me>;
    /** All that is kept of the user, a page at a time: the account and its rules first, then jobs, then receipts. */
    export: Query<
      | {
          /** `nextCursor` of the page before. */
          cursor?: string | undefined;
        }
      | undefined,
      ExportPage
    >;
    /**
     * Deletes the user with all jobs, photos, rules and receipts, and ends every session; of an account that was never opened nothing is
     * stored, and its token stays good. Live jobs are stopped and what was spent is not returned. Asked again it answers the same.
     */
    delete: Mutation<undefined, DeletedUser>;
    /** Receipts, newest first. They are history: a charge can appear a moment after its job has ended. */
    ledger: Query<PageInput | undefined, LedgerPage>;
  };
  presets: {
    /** All presets: what can be changed and protected, with names to show. */
    list: Query<undefined, Preset[]>;
    /** Throws PRESET_NOT_FOUND. */
    get: Query<{ id: PresetId }, Preset>;
  };
  rules: {
    /** Saves a choice of what to change and what to protect. Throws RULE_SLOT_FULL. */
    create: Mutation<
      {
        /** 1 to 80 characters. */
        name: string;
        presetId: PresetId;
        concepts: ConceptMap;
        /** What stays untouched; the preset's own protects when left out. */
        protect?: string[] | undefined;
        /** The same key again gives the rule that it made; the client gives each call one of its own when left out. */
        idempotencyKey?: string | undefined;
      },
      Rule
    >;
    /** Throws RULE_NOT_FOUND, as `update` and `delete` do. */
    get: Query<{ id: string }, Rule>;
    /** All rules of the user. */
    list: Query<undefined, Rule[]>;
    /** Changes what is given of a rule. */
    update: Mutation<RuleUpdateInput, Rule>;
    /** Frees the rule's slot. */
    delete: Mutation<{ id: string }, { id: string; deleted: true }>;
  };
  jobs: {
    /** What a job of that many photos would cost, and whether it would be taken now. */
    estimate: Query<EstimateInput, Estimate>;
    /**
     * Holds a credit a photo, and answers where to upload them. The same key returns the same job. Throws CREDITS_EXHAUSTED,
     * CONCURRENCY_LIMIT, ITEM_LIMIT.
     */
    create: Mutation<CreateInput, CreatedJob>;
    /** Fresh upload URLs, while the job is `created`, and more time to use them. */
    renewUploads: Mutation<
      {
        /** What names no job of the user's is JOB_NOT_FOUND. */
        jobId: string;
        /** Positions of photos, from 0. */
        indexes: number[];
      },
      {
        uploads: Upload[];
        /** When it is canceled without its photos: in an hour, a day after it was made at the latest. */
        deadline: Date;
      }
    >;
    /** Says that all photos are uploaded. UPLOAD_INCOMPLETE names those that are not. */
    confirmUpload: Mutation<
      {
        /** What names no job of the user's is JOB_NOT_FOUND. */
        jobId: string;
      },
      { status: JobStatus }
    >;
    /** Starts the work. */
    execute: Mutation<
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
      {
        status: JobStatus;
        /** Admits to the job's live progress for a minute. */
        ticket: string;
      }
    >;
    /** A job with its photos. JOB_NOT_FOUND for a foreign job as well. */
    get: Query<
      {
        /** What names no job of the user's is JOB_NOT_FOUND. */
        jobId: string;
      },
      Job
    >;
    /** URLs of results, previews and originals, to save under names of your own. JOB_NOT_FOUND once nothing of the job is kept. */
    downloads: Mutation<DownloadsInput, Downloads>;
    /** The user's jobs, newest first. */
    list: Query<PageInput | undefined, JobPage>;
    /** Photos that are done are kept and charged, the rest is refunded; in credits. */
    cancel: Mutation<
      {
        /** What names no job of the user's is JOB_NOT_FOUND. */
        jobId: string;
        idempotencyKey?: string | undefined;
      },
      { status: JobStatus; charged: number; refunded: number }
    >;
    /** What happens to a job, as it happens: resumed behind `lastEventId`, over at its end. Served over a WebSocket. */
    watch: Subscription<
      {
        /** What names no job of the user's is JOB_NOT_FOUND. */
        jobId: string;
        /** The id of the last event that was taken; everything is told when it is left out. */
        lastEventId?: string | null | undefined;
      },
      WatchEvent
    >;
    /** Removes an ended job with its photos. What was charged for it stays on the receipts. */
    delete: Mutation<
      {
        /** What names no job of the user's is JOB_NOT_FOUND. */
        jobId: string;
      },
      { jobId: string; deleted: true }
    >;
  };
};
