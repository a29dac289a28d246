/**
 * What a job needs of the world around it, as small records of functions. The object fills them with the platform (outside.ts, store.ts,
 * sockets.ts); whoever runs a job on memory fills them with that. Nothing here, nor in the files that take these, knows the platform.
 */
import type { QueueMessage } from '../../contract/gpu-message.ts';
import type { Bitmap } from '../../domain/bitmap.ts';
import type { RunReport } from '../../domain/job/leases.ts';
import type { Look } from '../../domain/job/look.ts';
import type { JobEvent, JobSettings, JobState } from '../../domain/job/state.ts';
import type { LogRow, Told } from '../../domain/job/telling.ts';
import type { Found } from '../../domain/job/uploads.ts';
import type { Settle } from '../../domain/ledger.ts';
import type { Result } from '../../domain/result.ts';
import type { Prepared } from '../../gpu/send.ts';
import type { log } from '../../log.ts';
import type { Addressee } from '../../wire/watch-frames.ts';

export type Log = typeof log;

export type Clock = {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  wait(ms: number): Promise<void>;
};

/** `abandoned`: a reservation whose job never came to be; no job can be created here any more. `at`: milliseconds since the Unix epoch. */
export type Loaded = { kind: 'none' } | { kind: 'abandoned'; at: number } | { kind: 'job'; job: JobState };

/** What is stored of the job: its state and its log, whose rows are numbered from 1. */
export type JobStorage = {
  load(): Loaded;
  /** Writes what changed, all of it or nothing. `before` is what was loaded; null when there was no job. */
  save(before: JobState | null, after: JobState, events: JobEvent[], now: number): void;
  saveTombstone(abandonedAt: number): void;
  /** The number of the log's last row; 0 while it has none. */
  head(): number;
  /** The log's rows beyond this one, oldest first. */
  eventsAfter(row: number): LogRow[];
  /** Why photos failed, by index. */
  errors(): Map<number, string>;
  /** Photos of which a result came after the end. */
  late(): number;
  /** How many signed callbacks are known to have come before the job was at work. */
  early(): number;
  /** Whether a row from `since` on (milliseconds since the Unix epoch) came of the signed callback with this id. */
  hasWebhook(id: string, since: number): boolean;
  /** Deletes all of it, and the alarm with it. */
  deleteAll(): Promise<void>;
};

/** The one alarm (next-alarm.ts). */
export type Alarm = {
  look(): void;
  atLatest(time: number): Promise<boolean>;
  gone(): void;
  readonly time: number | null;
};

/** The user's object, as far as a job speaks to it. */
export type UserOfJob = {
  settle(command: Settle): Promise<Result<{ credits: number; version: number }>>;
  freeSlot(jobId: string): Promise<void>;
  unsent(jobId: string, sent: number): Promise<void>;
  claimPhotos(claim: { jobId: string; photos: number }): Promise<Result<null>>;
  hasEnded(jobId: string): Promise<boolean>;
  forgetJob(jobId: string): Promise<void>;
};

/** Another job's object: the one that uploaded this one's photos, or one made from them. */
export type OtherJob = {
  needsInputs(): Promise<number | null>;
  giveBack(dependent: string): Promise<void>;
};

/** The objects in R2. */
export type Photos = {
  listInputs(job: JobState): Promise<ReadonlyMap<number, Found>>;
  /** The look at the end: which of these photos have a result there, and a preview. */
  look(job: JobState, done: Bitmap): Promise<Look>;
  /** Whether nothing is left to delete under the prefixes of what does not pass `keep`. */
  deleteUnder(prefixes: string[], keep: (key: string) => boolean): Promise<boolean>;
  /** A signed URL of an object, good from now on. */
  download(key: string, now: number): string;
};

export type History = {
  write(job: JobState, errors: ReadonlyMap<number, string>, at: { credits: number; version: number }): Promise<void>;
  erase(jobId: string): Promise<void>;
};

export type Provider = {
  status(runId: string): Promise<RunReport>;
  cancel(runId: string): Promise<void>;
};

export type Outside = {
  user(userId: string): UserOfJob;
  job(jobId: string): OtherJob;
  photos: Photos;
  history: History;
  send(message: QueueMessage): Promise<void>;
  /** Signs a message, so that it can be sent to the provider from here. */
  prepare(message: QueueMessage, now: number): Prepared;
  /** Null where none is set up, which only development allows. */
  provider(): Provider | null;
};

/** Times in milliseconds. */
export type Limits = {
  job: JobSettings;
  effectMs: number;
  providerMs: number;
  batchConcurrency: number;
  /** For how long a callback's signature is good. */
  signatureMs: number;
  watch: { sockets: number; socketMs: number; idleMs: number; closeMs: number; tokenMs: number };
};

/** One subscription: what it was told, and under which id its frames go. */
export type Subscription = Told & Addressee;
/** What a watcher's line carries through hibernation: some 100 bytes, of the platform's 2,048. Times in milliseconds since the Unix epoch. */
export type Attachment = {
  userId: string;
  /** When the session was issued that it was opened for; lines of an earlier release do not say. */
  sessionFrom?: number;
  /** Since when it has had no subscription, if it has none. */
  idleSince: number;
  until: number;
  subscriptions: Subscription[];
  /** When we closed it, and when somebody has to look whether its peer has answered that. */
  closed?: { at: number; look: number };
};

/** Our end of a watcher's connection. */
export type Line = {
  /** Whether neither side has closed it. */
  readonly isOpen: boolean;
  /** The request that opened it, to name in errors. */
  readonly requestId: string;
  attachment(): Attachment;
  keep(attachment: Attachment): void;
  /** Of a line whose peer has gone, nothing comes. */
  send(frame: string): void;
  close(code: number, reason: string): void;
};

export type JobPorts = {
  jobId: string;
  store: JobStorage;
  alarm: Alarm;
  clock: Clock;
  log: Log;
  limits(): Limits;
  outside: Outside;
  /** Every line, also those that are closing. */
  lines(): Line[];
  /** Keeps the object alive for what nobody waits for. */
  background(work: Promise<void>): void;
  /** Ends this life of the object a moment from now; the next call begins another one. */
  restart(reason: string): void;
};
