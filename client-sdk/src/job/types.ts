/** What goes into `jobs.run` and `jobs.start`, how a job stands meanwhile, and what comes out. */
import type { CallOptions } from '../api/call.ts';
import type { Concepts, ConceptsIn, ProtectIn, ProtectOf, RuleFile, TemplateIn, TemplateOf } from '../concepts.ts';
import type { AnyS3Error, InvalidFile } from '../errors.ts';
import type { JobItem, JobStatus, PresetId, Progress, ResultFormat } from '../generated/types.ts';
import type { PhotoFiles } from '../upload/photo-file.ts';

interface RunBase<P extends PresetId> extends RunOptions {
  preset: P;
  /** 1 to 200: JPEG, PNG or WebP, each at most 25 MB and 64 megapixels; an array or a `FileList`. */
  files: PhotoFiles;
  /**
   * When some files can't be sent: `throw` (when left out) INVALID_FILE, which lists them all, or `skip` them: the rest goes on, `refused`
   * lists them, and each item's `fileIndex` says which file it is. When none can be sent, INVALID_FILE is thrown either way.
   */
  onInvalid?: 'throw' | 'skip' | undefined;
  outputTemplate?: TemplateOf<P> | undefined;
  /** What the results are encoded as; jpeg when left out. */
  format?: ResultFormat | undefined;
  /** Whether masks are stored as well; not when left out. */
  masks?: boolean | undefined;
}

/** A file that was picked to go on with, and is none that the job lacks: another picture, or one that can't be sent. */
export interface UnmatchedFile extends Omit<InvalidFile, 'reason'> {
  reason: InvalidFile['reason'] | 'another';
}

/** What a job waits for that its user has to bring. */
export interface Waiting {
  /**
   * `files`: those of the photos in `missing`, for `resume(files)`. `change`: this client does not know what is to be done with the
   * photos; `attach` with `change` says it. Until then, or until someone else brings it, the job is only followed.
   */
  for: 'files' | 'change';
  missing: readonly number[];
  /** Of the files that were picked last, those that brought nothing. */
  unmatched: readonly UnmatchedFile[];
}

export interface FollowOptions {
  /** What moved: bytes, a photo, the job's status. If it throws, the run ends. */
  onProgress?: ((progress: RunProgress) => void) | undefined;
  /** Once for each photo, when it is done, failed or canceled. If it throws, the run ends. */
  onItem?: ((item: RunItem) => void) | undefined;
  /** Once for each file that is left out by `onInvalid: 'skip'`, before anything is sent. If it throws, the run ends. */
  onRefused?: ((file: InvalidFile) => void) | undefined;
  /** Each time that the job begins to wait for its user, and when what he picked did not end that. If it throws, the run ends. */
  onWaiting?: ((waiting: Waiting) => void) | undefined;
  /** Ends it at once with ABORTED, and cancels its job on the server; one that was attached to goes on. */
  signal?: AbortSignal | undefined;
}
export interface RunOptions extends FollowOptions {
  /** OVER_BUDGET is thrown before anything is held if the job would cost more. */
  maxCredits?: number | undefined;
  /**
   * 8 to 128 visible ASCII characters: runs of one key are one job, whatever becomes of the programs that ask for them. With other
   * photos IDEMPOTENCY_CONFLICT is thrown.
   */
  idempotencyKey?: string | undefined;
}

// Nothing has this type. `undefined` in its place would make each of the three a discriminant, and TypeScript would then lose the
// type of `protect: ['Grout']` in an input that is spread from another object.
interface OnlyOne {
  readonly 'exactly one of concepts, rule and ruleId': never;
}
export interface RunWithConcepts<P extends PresetId> extends RunBase<P> {
  concepts: Concepts<P>;
  /** The preset's own protects when left out. */
  protect?: readonly ProtectOf<P>[] | undefined;
  rule?: OnlyOne | undefined;
  ruleId?: OnlyOne | undefined;
}
export interface RunWithRule<P extends PresetId> extends RunBase<P> {
  rule: RuleFile;
  /** In place of the rule's own. */
  protect?: readonly ProtectOf<P>[] | undefined;
  concepts?: OnlyOne | undefined;
  ruleId?: OnlyOne | undefined;
}
/** A rule saved on the server, with its protects. */
export interface RunWithRuleId<P extends PresetId> extends RunBase<P> {
  ruleId: string;
  concepts?: OnlyOne | undefined;
  protect?: OnlyOne | undefined;
  rule?: OnlyOne | undefined;
}
/** Exactly one of `concepts`, `rule` and `ruleId`. */
export type RunInput<P extends PresetId> = RunWithConcepts<P> | RunWithRule<P> | RunWithRuleId<P>;

/**
 * What to do with photos that the server has already. `format` is what the results are encoded as; left out it is jpeg, for a retry that of
 * the job, and for `jobs.execute`, which sends what it is given, the server's own, png.
 */
export type Change<P extends PresetId = never> =
  | {
      concepts: ConceptsIn<P>;
      protect?: readonly ProtectIn<P>[] | undefined;
      outputTemplate?: TemplateIn<P> | undefined;
      format?: ResultFormat | undefined;
      masks?: boolean | undefined;
    }
  | {
      ruleId: string;
      outputTemplate?: TemplateIn<P> | undefined;
      format?: ResultFormat | undefined;
      masks?: boolean | undefined;
    };

/** `live`: told as it happens; `polling`: asked for; `offline`: out of reach, tried again by itself. */
export type Connection = 'idle' | 'connecting' | 'live' | 'polling' | 'offline';

export interface RunProgress extends Progress {
  phase: 'preparing' | 'uploading' | 'processing' | 'ended';
  /** Null until the job is made. */
  jobId: string | null;
  status: JobStatus | null;
  /** Photos whose upload is complete. */
  uploaded: number;
  /** Counted as they leave in browsers, photo by photo elsewhere. */
  uploadedBytes: number;
  totalBytes: number;
  /**
   * 0 to 1 over the whole job, and never back: the first half is the upload, by bytes, the second the photos' work. A fork, which has
   * nothing to upload, is all work.
   */
  progress: number;
  /** Milliseconds until its last photo can be expected, from the pace of its own; null while there is none. */
  etaMs: number | null;
  /** Whether its photos wait for a GPU: the server's provider does not take them now, and is asked again. */
  busy: boolean;
}

export interface RunItem extends JobItem {
  /** The file's; `photo-1`, … where it is not known. */
  name: string;
  /** Its position in `files` as they were given; null where they are not known. With files that were left out it is not `idx`. */
  fileIndex: number | null;
  /** 0 where this client does not upload it. */
  bytes: number;
  /** They do not go back when it is sent again. */
  sentBytes: number;
  /** Whether the storage has it, as far as this client knows. */
  uploaded: boolean;
}

export interface RunResult {
  jobId: string;
  /** `done` when at least one photo is, `failed` when none is, `canceled` by someone or a deadline. */
  status: 'done' | 'failed' | 'canceled';
  /** In the order of `files`, without those in `refused`. */
  items: readonly RunItem[];
  /** Files that were left out. */
  refused: readonly InvalidFile[];
  /** What the results are encoded as; null when none was begun. */
  format: ResultFormat | null;
  /** Credits, one for each photo that is done. Null if not settled within seconds of the end. */
  charged: number | null;
  refunded: number | null;
  keptUntil: Date | null;
  error: string | null;
}

/** A new object with each change, the same one in between. */
export interface JobState extends RunProgress {
  /** In the order of `files`, without those in `refused`. */
  items: readonly RunItem[];
  /** Files that were left out. */
  refused: readonly InvalidFile[];
  connection: Connection;
  paused: boolean;
  /** Photos that have to be picked again after a reload: give them to `resume(files)`. */
  missing: readonly number[];
  /** What it waits for that its user has to bring; null for nothing. */
  waiting: Waiting | null;
  result: RunResult | null;
  /** What ended it without a result; not an `S3Error` if the app's own callback threw it. */
  error: AnyS3Error | Error | null;
}

/** Each photo, and each file that was left out, is told of once; of progress that comes faster than it is read, the latest. */
export type JobEvent =
  | ({ type: 'progress' } & RunProgress)
  | { type: 'refused'; file: InvalidFile }
  | ({ type: 'waiting' } & Waiting)
  | { type: 'item'; item: RunItem }
  | { type: 'connection'; connection: Connection }
  | { type: 'done' | 'failed' | 'canceled'; result: RunResult };

/** A job on its way. `for await (const event of job)` tells each loop what happens, from the beginning. */
export interface JobHandle<P extends PresetId = never> extends AsyncIterable<JobEvent> {
  /** Null until the job is made. */
  readonly id: string | null;
  readonly state: JobState;
  /** For `useSyncExternalStore`: calls `listener` after each change of `state`. */
  subscribe(listener: () => void): () => void;
  /** Rejects with what made it impossible to go on. */
  result(): Promise<RunResult>;
  cancel(): Promise<{ status: JobStatus; charged: number; refunded: number }>;
  /**
   * A new job of the photos that failed, without a second upload. `change` may be left out where this client began the job. Throws
   * INVALID_TRANSITION while the job lives or when nothing failed.
   */
  retryFailed(change?: Change<P>, options?: RunOptions): JobHandle<P>;
  /** Stops the uploads at once. A photo that is half sent is sent again. */
  pause(): void;
  /** Goes on; with files picked again after a reload, recognised by their content. */
  resume(files?: PhotoFiles): void;
  /**
   * Stops following and uploading, cancels nothing. `jobs.attach` takes it up again. Where `attach` gave other handles of an upload that is
   * under way here, it is left with the last of them.
   */
  detach(): void;
}

export interface AttachOptions<P extends PresetId = never> extends FollowOptions {
  /** The files again, if they were not all uploaded. */
  files?: PhotoFiles | undefined;
  /** What is to be done, if its work has not begun and the storage does not know. */
  change?: Change<P> | undefined;
}

/** A job of this browser that waits for its user: a page was left, reloaded or closed in the middle of its upload. */
export interface UnfinishedJob {
  jobId: string;
  /** `created`: it waits for photos. `uploaded`: it has them all, and its work has to be begun. */
  status: 'created' | 'uploaded';
  preset: PresetId;
  /** Of its photos, in their order. */
  names: readonly string[];
  createdAt: Date;
  /** When it ends by itself, and gives back what it holds. */
  deadline: Date | null;
  /**
   * Goes on with it, as `attach` does. Without `files`, `state.missing` says which photos have to be picked again, for `resume` of the
   * handle; those that are given have to bring them all.
   */
  resume(files?: PhotoFiles): JobHandle;
  /** Ends it, and frees the credits and the slot that it holds. */
  cancel(): Promise<{ status: JobStatus; charged: number; refunded: number }>;
}

export interface Runs {
  /**
   * Looks at the files, creates the job, uploads, executes and follows it to its end. A job that ended `failed` or `canceled` is a
   * result. Thrown is what made it impossible to go on: INVALID_FILE, CREDITS_EXHAUSTED, CONCURRENCY_LIMIT, ITEM_LIMIT,
   * VALIDATION_ERROR, NETWORK_ERROR, ABORTED, …. Before the work has begun that cancels the job, but for CEILING_REACHED,
   * ALLOWANCE_EXHAUSTED and RATE_LIMITED: then it waits with its photos, and `attach(error.jobId)` goes on with it once `data.until`
   * has come. After the work has begun the job goes on, and `attach(error.jobId)` finds it.
   *
   * Asked for again while it is under way, with the same photos and the same to be done with them, it is the same run. Photos of a job
   * that a page of this browser left in the middle of their upload are that job's: it is gone on with.
   */
  run<P extends PresetId>(input: RunInput<P>): Promise<RunResult>;
  /** The same without waiting for its end: a handle to show, cancel, pause, and go on with. */
  start<P extends PresetId>(input: RunInput<P>): JobHandle<P>;
  /**
   * Takes a job up again: after a reload, in another tab, on another device. If photos are missing, `state.waiting` names them, and
   * `resume(files)` brings them. `files` given here have to bring them all, else UPLOAD_INCOMPLETE is thrown; INVALID_TRANSITION where it
   * is not known what to do with them. A job that this client is uploading is looked at.
   */
  attach<P extends PresetId = never>(jobId: string, options?: AttachOptions<P>): JobHandle<P>;
  /** A new job on the same uploaded photos, all or those at `indexes`. */
  fork<P extends PresetId = never>(
    jobId: string,
    change: Change<P> & { indexes?: readonly number[] | undefined },
    options?: RunOptions,
  ): JobHandle<P>;
  /** Jobs that this browser began and that wait for their user; those that are being uploaded here or in another tab are not among them. */
  unfinished(options?: CallOptions): Promise<UnfinishedJob[]>;
}
