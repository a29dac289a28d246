/** What goes into `jobs.run` and what comes out. */
import type { ItemStatus, JobStatus } from '../../server/src/contract/jobs.ts';
import type { Concepts, PresetId, ProtectOf, RuleFile, TemplateOf } from './concepts.ts';
import type { PhotoFile } from './files.ts';

interface RunBase<P extends PresetId> {
  preset: P;
  /** 1 to 200 photos, JPEG, PNG or WebP, each at most 25 MB; an array or a `FileList`. */
  files: ArrayLike<PhotoFile>;
  /** How the results are put together; an id from the preset's `outputTemplates`. */
  outputTemplate?: TemplateOf<P> | undefined;
  /** Called when something has moved: an upload, a photo, the job's status. What it throws ends the run. */
  onProgress?: ((progress: RunProgress) => void) | undefined;
  /** Called once for each photo, when it is done, failed or canceled. What it throws ends the run. */
  onItem?: ((item: RunItem) => void) | undefined;
  /** Ends the run at once with ABORTED; the job is canceled on the server, as far as it can be reached. */
  signal?: AbortSignal | undefined;
}

/**
 * Nothing has this type. `undefined` in its place would make each of the three a discriminant, and TypeScript would then lose the
 * type of `protect: ['Grout']` in an input that is spread from another object.
 */
interface OnlyOne {
  readonly 'exactly one of concepts, rule and ruleId': never;
}
/** What to change, typed by preset. */
export interface RunWithConcepts<P extends PresetId> extends RunBase<P> {
  concepts: Concepts<P>;
  /** What stays untouched; the preset's own protects when left out. */
  protect?: readonly ProtectOf<P>[] | undefined;
  rule?: OnlyOne | undefined;
  ruleId?: OnlyOne | undefined;
}
/** What to change, from a file: names are checked by the server, not by the compiler. */
export interface RunWithRule<P extends PresetId> extends RunBase<P> {
  rule: RuleFile;
  /** In place of the rule's own. */
  protect?: readonly ProtectOf<P>[] | undefined;
  concepts?: OnlyOne | undefined;
  ruleId?: OnlyOne | undefined;
}
/** What to change, as a rule saved on the server, with its protects. */
export interface RunWithRuleId<P extends PresetId> extends RunBase<P> {
  ruleId: string;
  concepts?: OnlyOne | undefined;
  protect?: OnlyOne | undefined;
  rule?: OnlyOne | undefined;
}
/** Input of `jobs.run`: exactly one of `concepts`, `rule` and `ruleId`. */
export type RunInput<P extends PresetId> = RunWithConcepts<P> | RunWithRule<P> | RunWithRuleId<P>;

export interface RunProgress {
  phase: 'uploading' | 'processing' | 'ended';
  jobId: string;
  status: JobStatus;
  /** Photos whose upload is complete. */
  uploaded: number;
  /** Bytes of those photos, and of all. */
  uploadedBytes: number;
  totalBytes: number;
  /** Photos by what became of them; the rest of `total` is open. */
  done: number;
  failed: number;
  total: number;
}

/** One photo of a run. */
export interface RunItem {
  /** Its position in `files`, from 0. */
  idx: number;
  /** The file's name. */
  name: string;
  status: ItemStatus;
  /** GET it within the hour; `jobs.get` gives a fresh one. PNG. */
  resultUrl?: string;
  /** A small JPEG, on the same terms. */
  previewUrl?: string;
  /** Why it failed, in plain words. */
  error?: string;
}

export interface RunResult {
  jobId: string;
  /** `done` when at least one photo is done, `failed` when none is, `canceled` by someone or by a deadline. */
  status: 'done' | 'failed' | 'canceled';
  /** In the order of `files`. */
  items: RunItem[];
  /** Credits charged: one for each photo that is done. Null if it was not settled within seconds of the end. */
  charged: number | null;
  /** Credits that came back; null along with `charged`. */
  refunded: number | null;
  /** Until when results can be fetched. */
  keptUntil: Date | null;
  /** Why the job failed or was canceled. */
  error: string | null;
}
