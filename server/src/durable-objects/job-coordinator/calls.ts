/** What a job's object answers to, by RPC: our own Worker and objects alone can call it. */
import type { DurableObject } from 'cloudflare:workers';
import type { AdminJob } from '../../contract/admin.ts';
import type { CallbackAnswer, CallbackResult } from '../../contract/callback.ts';
import type { CreateInput } from '../../contract/jobs.ts';
import type { Create, Loan } from '../../domain/job/create.ts';
import type { Claim } from '../../domain/job/dispatch.ts';
import type { Execute } from '../../domain/job/execute.ts';
import type { Result } from '../../domain/result.ts';
import type { Erased } from './inside-calls.ts';
import type { Call, CancelReply, Renewed } from './owner-calls.ts';
import type { JobExport, JobSnapshot, Recipe, UploadSlot } from './view.ts';

export interface JobCalls {
  /** The saga's second step: the credits are reserved. Refused for ever once the reservation was given up. */
  create(command: Omit<Create, 'jobId'>): Result<{ snapshot: JobSnapshot; uploads: UploadSlot[] }>;

  /**
   * Asked by the user's object when a hold's check time has come. A job that never came to be leaves a tombstone, so that
   * it never will; one that has yet to settle lives.
   */
  abandon(): { lives: boolean };

  /**
   * The job as a create that comes again finds it; null when there is none, or none any more. Refused when it was made from other photos
   * than `asked` now says.
   */
  again(call: Call, asked: CreateInput): Result<JobSnapshot | null>;

  /** Null when nothing is here (any more), so that history may know; a deleted or foreign job is refused. */
  get(call: Call): Result<JobSnapshot | null>;

  renewUploads(call: Call, indexes: number[]): Result<Renewed>;

  confirmUpload(call: Call): Promise<Result<JobSnapshot>>;

  execute(call: Call, command: Execute): Promise<Result<JobSnapshot>>;

  cancel(call: Call, idempotencyKey: string | null): Promise<Result<CancelReply>>;

  /** Of a job that was deleted by the same user, also after its object has forgotten itself, it is done already. */
  remove(call: Call): Promise<Result<null>>;

  /**
   * Its user is being deleted, and the job with him.
   * @param held whether credits are held for it: one that never came to be then never will
   * @returns null when nothing is here
   */
  erase(userId: string, held: boolean): Erased | null;

  /** For the owner's export: what was asked for, and where the inputs lie as long as they are kept. */
  exported(call: Call): Result<JobExport | null>;

  /** What a job made from this one would work on. */
  loan(call: Call, indexes: number[] | undefined): Result<Loan>;

  /** Keeps this job's inputs for `dependent`, which is about to be created. */
  lend(call: Call, dependent: string): Result<null>;

  /**
   * Until when this job needs the photos that it was made from (milliseconds since the Unix epoch); null when it does not any more. One
   * that never came to be never will.
   */
  needsInputs(): number | null;

  /** A job that was made from this one's photos needs them no more. */
  giveBack(dependent: string): void;

  /** Results from the GPU worker. Authenticated by the caller. @param webhookId of a signed callback: the same one counts once */
  report(
    requestId: string,
    results: CallbackResult[],
    isBatch?: boolean,
    webhookId?: string | null,
  ): Promise<Result<CallbackAnswer>>;

  /** @param signedUntil when the URLs end that were signed for it @param message the photos in it */
  beginDispatch(attempt: number, signedUntil?: number, message?: number[]): Claim;

  confirmDispatch(attempt: number, providerId: string | null): Promise<void>;

  /** The provider does not take the run now. @param said its answer */
  refuseDispatch(attempt: number, said: string): Promise<void>;

  /** The provider takes no such message. @param said its answer */
  rejectDispatch(attempt: number, said: string): Promise<void>;

  /** The queue gave up on the run's message. */
  deadLetter(attempt: number): Promise<{ sentAgain: boolean }>;

  /** For operators. */
  inspect(): AdminJob | null;

  /** Writes the ended job's history to D1 again; for reconciliation. False when there is nothing here to write. */
  project(): Promise<boolean>;

  /** For reconciliation: that it is asked wakes the job, which sets an alarm that was lost. Whether all of it is deleted. */
  attend(): { gone: boolean };

  /** For operators: what it takes to do the same again. */
  recipe(): Recipe | null;

  /** The user's sessions that were issued before this moment are void: nobody goes on watching with one, nor begins to. */
  endWatching(epoch: number): void;
}

/** The object as its namespace knows it: a type of its own, since bindings.ts must not import what imports it. */
export interface JobObject extends DurableObject, JobCalls {
  alarm(): Promise<void>;
}
