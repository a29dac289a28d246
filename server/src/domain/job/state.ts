/** What is known of one job. All times are milliseconds since the Unix epoch. */
import type { JobStatus, Photo } from '../../contract/jobs.ts';
import type { PresetId } from '../../contract/presets.ts';
import { all, type Bitmap, count } from '../bitmap.ts';
import type { Choice } from '../presets.ts';
import type { Refused } from '../result.ts';

/** How far a run's dispatch got: on its way to the provider, being handed to it, or accepted by it. */
export type DispatchStage = 'none' | 'claimed' | 'sent';

/** One dispatch of some of the job's photos. It is over when none of them is open, whoever settled them. */
export type Run = {
  /** Its number, from 1: no other run of the job has it. A result that carries it renews the lease. */
  attempt: number;
  photos: Bitmap;
  stage: DispatchStage;
  /** When it counts as dead without a sign of life; while nobody has taken its message, when that is sent again. */
  leaseUntil: number;
  /** When its signed URLs end; no lease goes beyond it. */
  urlsUntil: number;
  /** The provider's name for it, once known. */
  providerId: string | null;
  /** Photos counted as sent with it. */
  handed: number;
  /** How often the provider said that it does not take it now, or the queue gave its message up. */
  refusals: number;
  /** When the provider was last asked how it stands, and how often since the last sign of life. */
  askedAt: number;
  asks: number;
  /** Until when it may work without a sign, from when the provider said that it had begun; null before. */
  workUntil: number | null;
  /** Whether the provider has ever known of it when it was asked. */
  known: boolean;
  /** Whether the provider cannot be asked about it. */
  mute: boolean;
  /** Whether the provider has said that it is over. */
  over: boolean;
};

/** How fast a job's results come; milliseconds. */
export type Pace = {
  /** When the last one came. */
  at: number;
  /** For each photo of the job, and of one run alone, on a moving average; null before there are two. */
  jobMs: number | null;
  photoMs: number | null;
  /** When each run that is out had its last one, by its number. */
  heard: Record<string, number>;
};

/** Something that has to happen outside, committed with the state that it follows from. */
export type Pending = { tries: number; due: number };
export type Effects = {
  /** Look in R2 which results really lie there; then charge. */
  verify?: Pending;
  /** Tell the user's object what to charge. */
  settle?: Pending;
  /** Tell the user's object that the job has ended, while what it costs is still to be counted. */
  freeSlot?: Pending;
  /** Tell the user's object that fewer photos reached the provider than it was told when the job settled. */
  unsent?: Pending;
  /** Put the run that nobody has taken yet into the queue. */
  send?: Pending;
  /** Offer that run to the provider from here: it did not take it when it was asked last. */
  offer?: Pending;
  /** Write history to D1, with the user's credits as they were after settling. */
  flush?: Pending & { credits: number; version: number };
  /** Cancel these runs at the provider. */
  cancelRuns?: Pending & { providerIds: string[] };
  /** Delete objects that are no longer needed, or the whole job. */
  cleanUp?: Pending;
};
export type EffectName = keyof Effects;

/** The job named in a create, and which of its photos; null for all of them. */
export type From = { jobId: string; indexes: number[] | null };

export type JobState = {
  jobId: string;
  userId: string;
  preset: PresetId;
  status: JobStatus;
  createdAt: number;
  /** When the present state ends by itself; after the end it has no meaning. */
  deadline: number;
  photos: Photo[];
  /** The job that uploaded the inputs, when it is another one, and which of its photos these are. */
  source: { jobId: string; indexes: number[] } | null;
  /** The job that its user named to make it from, by which a repeated create is known; older ones do not say. */
  from?: From;
  /** Jobs made from this one's inputs that may still need them. */
  dependents: string[];
  /** When those are asked again, as they said when they were asked last; 0 or absent: nobody has to be waited for. */
  inputsUntil?: number;

  choice: Choice | null;
  /**
   * Whether masks were asked for. Beside the choice, which the release before compares as a whole when an execute is repeated. Absent:
   * never executed, or by a release that did not ask. See {@link wantsMasks}.
   */
  masks?: boolean;
  ruleId: string | null;
  executeKey: string | null;
  cancelKey: string | null;
  /** Origin that the GPU worker calls back. */
  callbackBase: string;

  /** The number of the last run; 0 before execute. */
  attempt: number;
  /** Photos handed to the provider, over all runs. Jobs of an earlier release have none: see {@link sentPhotos}. */
  sent?: number;
  /** Those that are out, and some that are over, which the next one that is planned sweeps away. */
  runs: Run[];
  /** `tries[n]`: photos that were in more than `n` runs that died. */
  tries: Bitmap[];
  /** Photos that go into a run of their own together, since one that they were in died. */
  again: Bitmap[];
  /** Before when no run goes out: the provider took no message of the last kind. */
  notBefore?: number;
  /** What the provider said when it failed or refused a run last; for operators. */
  providerSaid?: { attempt: number; at: number; words: string };

  /** Photos whose result was reported, or failed for good; disjoint. */
  done: Bitmap;
  failed: Bitmap;
  /** How fast its results come; absent before the first. Like the leases it travels with the events. */
  pace?: Pace;
  /** Photos with a preview, a subset of `done`: as reported, and once the job has ended as it lies in storage. */
  previews: Bitmap;

  endedAt: number | null;
  error: string | null;
  deadLetter: boolean;
  charged: number | null;
  /** Last moment at which a signed PUT to one of the job's keys is good. */
  putsExpireAt: number;
  /** Sessions issued before this moment may not watch any more. Absent until one was revoked while the job lived. */
  sessionEpoch?: number;
  /** Whether the inputs were deleted, or are being deleted. */
  inputsGone: boolean;
  /** Whether the first clean-up is over: what lay there of unfinished photos is gone. */
  tidied: boolean;
  deletedAt: number | null;
  effects: Effects;
};

/** Deadlines and limits that decisions need; each is a setting. Milliseconds. */
export type JobSettings = {
  /** How long a job waits for its photos, from when their URLs were asked for last. */
  createdMs: number;
  /** The most that it waits for them, however often it is asked. */
  createdMaxMs: number;
  uploadedMs: number;
  executionMs: number;
  leaseMs: number;
  attemptPerPhotoMs: number;
  /** Tries of a photo. */
  maxAttempts: number;
  /** Runs of one job that are out at once. */
  maxRuns: number;
  /** Photos of a job's first run at most, and of the others on the average. */
  firstRunPhotos: number;
  runPhotos: number;
  /** After how long without a sign of life the provider is asked; it doubles with each time. */
  askMs: number;
  /** How long results may still come after the provider said that the run is complete. */
  completeMs: number;
  /** How long a provider that does not take a run is left alone: at first, and at most. */
  refusedMs: number;
  refusedMaxMs: number;
  uploadUrlMs: number;
  /** How long inputs of a job that was never executed stay after its end at most; those of others stay as long as the results. */
  inputRetentionMs: number;
  /** How long results stay after the end, and with them the inputs that they were made from. */
  resultRetentionMs: number;
  /** How long after their job was created photos may be made into another one. */
  lendMs: number;
  /** How long after the end of the last signed PUT storage is looked at once more: one that began in time may arrive later. */
  lastLookMs: number;
  /** How long an effect tried at once may take before the alarm tries it again. */
  effectGraceMs: number;
};

/** One settled photo: its index, how it ended, and why if it failed. */
export type ItemResult = { idx: number; status: 'done' | 'failed'; error?: string };
/**
 * A row of the job's event log. One with the job's outcome ends it, but for late results. `webhook` is the id of the signed callback
 * that the row came from, so that it is known when it comes again.
 */
export type JobEvent =
  | { type: 'items'; items: ItemResult[]; webhook?: string }
  /** Results that came after the end, or before the job was at work: for whoever asks what the GPU worker did, and for nothing else. */
  | { type: 'late'; items: ItemResult[]; webhook?: string }
  | { type: 'done' | 'failed' | 'canceled'; items: ItemResult[]; error: string | null };

/** What a command decided: the state to save, what to log, what to answer. */
export type Decided<T> = { ok: true; job: JobState; events: JobEvent[]; reply: T };
export type Decision<T> = Decided<T> | Refused;

export function decided<T>(job: JobState, reply: T, events: JobEvent[] = []): Decided<T> {
  return { ok: true, job, events, reply };
}

const ENDED: ReadonlySet<JobStatus> = new Set(['done', 'failed', 'canceled']);
export const hasEnded = (job: JobState): boolean => ENDED.has(job.status);
/** Whether it was ever executed: of one that was not, nothing is kept but that it was. */
export const hasRun = (job: JobState): boolean => job.attempt > 0;
export const isAtWork = (job: JobState): boolean => job.status === 'queued' || job.status === 'running';
/** Photos that nobody has reported on. */
export const openItems = (job: JobState): Bitmap => all(job.photos.length) & ~(job.done | job.failed);
/** Photos that reached the provider, over all attempts: where nobody counted, all of them once the job was executed. */
export const sentPhotos = (job: JobState): number => job.sent ?? (job.attempt > 0 ? job.photos.length : 0);
/** Photos counted as sent whose dispatch was not answered yet: should the provider refuse them, they never reached it. */
export const unansweredPhotos = (job: JobState): number =>
  job.runs.reduce((sum, { stage, handed }) => (stage === 'claimed' ? sum + handed : sum), 0);
/** What was executed before one could ask was promised its masks, and has them until it ends. */
export const wantsMasks = (job: JobState): boolean => job.masks ?? true;
/** Whether every photo is settled and only the look into R2 is missing. */
export const isClosing = (job: JobState): boolean => isAtWork(job) && openItems(job) === 0n;

export type Progress = { done: number; failed: number; total: number };
export const progressOf = (job: JobState): Progress => ({
  done: count(job.done),
  failed: count(job.failed),
  total: job.photos.length,
});

/** Where the inputs of the job lie: its own folder, or that of the job it was made from. */
export const inputOwner = (job: JobState): { userId: string; jobId: string } => ({
  userId: job.userId,
  jobId: job.source?.jobId ?? job.jobId,
});
export const inputIndex = (job: JobState, idx: number): number => job.source?.indexes[idx] ?? idx;
