/**
 * The API's procedures, and how each may be called.
 *
 * Made from the server's contract and router by `npm run generate -w client-sdk`: what is changed here is lost.
 */
import type { ProcedureKind } from '../procedure-kind.ts';
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
} from './types.ts';

export type ProcedurePath =
  | 'auth.anon'
  | 'auth.renew'
  | 'auth.revoke'
  | 'user.me'
  | 'user.export'
  | 'user.delete'
  | 'user.ledger'
  | 'presets.list'
  | 'presets.get'
  | 'rules.create'
  | 'rules.get'
  | 'rules.list'
  | 'rules.update'
  | 'rules.delete'
  | 'jobs.estimate'
  | 'jobs.create'
  | 'jobs.renewUploads'
  | 'jobs.confirmUpload'
  | 'jobs.execute'
  | 'jobs.get'
  | 'jobs.downloads'
  | 'jobs.list'
  | 'jobs.cancel'
  | 'jobs.delete';

/** By path: what a procedure is given, and what it answers. */
export interface Procedures {
  /** A token for an anonymous account, which its first change opens. A key that does not tell its age opens it at once. */
  'auth.anon': { input: AnonInput | undefined; output: Session };
  /** A new token for one that is still good, or that expired less than 30 days ago. */
  'auth.renew': { input: undefined; output: Session };
  /**
   * Ends every token issued before now and answers with a new one: an anonymous user has no other way back in. So the same key again, with
   * a token that was good then, is answered with one as well.
   */
  'auth.revoke': {
    input:
      | {
          /** The same key within ten minutes answers the same, also to a token that the first call has ended. Keep it as secret as a token. */
          idempotencyKey?: string | undefined;
        }
      | undefined;
    output: Session;
  };
  /** The user's plan, credits and limits. */
  'user.me': { input: undefined; output: Me };
  /** All that is kept of the user, a page at a time: the account and its rules first, then jobs, then receipts. */
  'user.export': {
    input:
      | {
          /** `nextCursor` of the page before. */
          cursor?: string | undefined;
        }
      | undefined;
    output: ExportPage;
  };
  /**
   * Deletes the user with all jobs, photos, rules and receipts, and ends every session; of an account that was never opened nothing is
   * stored, and its token stays good. Live jobs are stopped and what was spent is not returned. Asked again it answers the same.
   */
  'user.delete': { input: undefined; output: DeletedUser };
  /** Receipts, newest first. They are history: a charge can appear a moment after its job has ended. */
  'user.ledger': { input: PageInput | undefined; output: LedgerPage };
  /** All presets: what can be changed and protected, with names to show. */
  'presets.list': { input: undefined; output: Preset[] };
  /** Throws PRESET_NOT_FOUND. */
  'presets.get': { input: { id: PresetId }; output: Preset };
  /** Saves a choice of what to change and what to protect. Throws RULE_SLOT_FULL. */
  'rules.create': {
    input: {
      /** 1 to 80 characters. */
      name: string;
      presetId: PresetId;
      concepts: ConceptMap;
      /** What stays untouched; the preset's own protects when left out. */
      protect?: string[] | undefined;
      /** The same key again gives the rule that it made; the client gives each call one of its own when left out. */
      idempotencyKey?: string | undefined;
    };
    output: Rule;
  };
  /** Throws RULE_NOT_FOUND, as `update` and `delete` do. */
  'rules.get': { input: { id: string }; output: Rule };
  /** All rules of the user. */
  'rules.list': { input: undefined; output: Rule[] };
  /** Changes what is given of a rule. */
  'rules.update': { input: RuleUpdateInput; output: Rule };
  /** Frees the rule's slot. */
  'rules.delete': { input: { id: string }; output: { id: string; deleted: true } };
  /** What a job of that many photos would cost, and whether it would be taken now. */
  'jobs.estimate': { input: EstimateInput; output: Estimate };
  /**
   * Holds a credit a photo, and answers where to upload them. The same key returns the same job. Throws CREDITS_EXHAUSTED,
   * CONCURRENCY_LIMIT, ITEM_LIMIT.
   */
  'jobs.create': { input: CreateInput; output: CreatedJob };
  /** Fresh upload URLs, while the job is `created`, and more time to use them. */
  'jobs.renewUploads': {
    input: {
      /** What names no job of the user's is JOB_NOT_FOUND. */
      jobId: string;
      /** Positions of photos, from 0. */
      indexes: number[];
    };
    output: {
      uploads: Upload[];
      /** When it is canceled without its photos: in an hour, a day after it was made at the latest. */
      deadline: Date;
    };
  };
  /** Says that all photos are uploaded. UPLOAD_INCOMPLETE names those that are not. */
  'jobs.confirmUpload': {
    input: {
      /** What names no job of the user's is JOB_NOT_FOUND. */
      jobId: string;
    };
    output: { status: JobStatus };
  };
  /** Starts the work. */
  'jobs.execute': {
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
        };
    output: {
      status: JobStatus;
      /** Admits to the job's live progress for a minute. */
      ticket: string;
    };
  };
  /** A job with its photos. JOB_NOT_FOUND for a foreign job as well. */
  'jobs.get': {
    input: {
      /** What names no job of the user's is JOB_NOT_FOUND. */
      jobId: string;
    };
    output: Job;
  };
  /** URLs of results, previews and originals, to save under names of your own. JOB_NOT_FOUND once nothing of the job is kept. */
  'jobs.downloads': { input: DownloadsInput; output: Downloads };
  /** The user's jobs, newest first. */
  'jobs.list': { input: PageInput | undefined; output: JobPage };
  /** Photos that are done are kept and charged, the rest is refunded; in credits. */
  'jobs.cancel': {
    input: {
      /** What names no job of the user's is JOB_NOT_FOUND. */
      jobId: string;
      idempotencyKey?: string | undefined;
    };
    output: { status: JobStatus; charged: number; refunded: number };
  };
  /** Removes an ended job with its photos. What was charged for it stays on the receipts. */
  'jobs.delete': {
    input: {
      /** What names no job of the user's is JOB_NOT_FOUND. */
      jobId: string;
    };
    output: { jobId: string; deleted: true };
  };
}

export const PROCEDURES: { readonly [P in ProcedurePath]: ProcedureKind } = {
  'auth.anon': { type: 'mutation', open: true, keyed: true },
  'auth.renew': { type: 'mutation', safe: true, bare: true },
  'auth.revoke': { type: 'mutation', keyed: true },
  'user.me': { type: 'query', safe: true, bare: true },
  'user.export': { type: 'query', safe: true, pages: null },
  'user.delete': { type: 'mutation', safe: true, bare: true },
  'user.ledger': { type: 'query', safe: true, pages: 'receipts' },
  'presets.list': { type: 'query', open: true, safe: true, bare: true },
  'presets.get': { type: 'query', open: true, safe: true },
  'rules.create': { type: 'mutation', keyed: true },
  'rules.get': { type: 'query', safe: true },
  'rules.list': { type: 'query', safe: true, bare: true },
  'rules.update': { type: 'mutation', safe: true },
  'rules.delete': { type: 'mutation', safe: true },
  'jobs.estimate': { type: 'query', safe: true },
  'jobs.create': { type: 'mutation', keyed: true },
  'jobs.renewUploads': { type: 'mutation', safe: true },
  'jobs.confirmUpload': { type: 'mutation', safe: true },
  'jobs.execute': { type: 'mutation', keyed: true },
  'jobs.get': { type: 'query', safe: true },
  'jobs.downloads': { type: 'mutation', safe: true },
  'jobs.list': { type: 'query', safe: true, pages: 'jobs' },
  'jobs.cancel': { type: 'mutation', keyed: true },
  'jobs.delete': { type: 'mutation', safe: true },
};
