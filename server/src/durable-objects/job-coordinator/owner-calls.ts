/** What a job's owner asks of it. Every call checks that it is his. */
import type { CreateInput } from '../../contract/jobs.ts';
import { count } from '../../domain/bitmap.ts';
import {
  type Create,
  create,
  fromOf,
  isMadeOf,
  jobGone,
  keyTaken,
  type Loan,
  lendAt,
  loanOf,
  madeFrom,
} from '../../domain/job/create.ts';
import { cancel } from '../../domain/job/ending.ts';
import { type Execute, execute } from '../../domain/job/execute.ts';
import { remove } from '../../domain/job/removal.ts';
import type { EffectName, JobSettings, JobState } from '../../domain/job/state.ts';
import { confirmUpload, renewUploads } from '../../domain/job/uploads.ts';
import { ok, type Refused, type Result, refuse } from '../../domain/result.ts';
import { failure } from '../../log.ts';
import { withTimeLimit } from '../../time-limit.ts';
import type { Effects } from './effects.ts';
import type { JobPorts } from './ports.ts';
import type { Decide, JobShell } from './shell.ts';
import { exportOf, type JobExport, type JobSnapshot, snapshotOf, type UploadSlot, uploadSlots } from './view.ts';

/** On whose behalf a method is called, and the request to name in logs. */
export type Call = { userId: string; requestId: string };
/** `deadline`: until when the photos are waited for; milliseconds since the Unix epoch. */
export type Renewed = { uploads: UploadSlot[]; deadline: number };
export type CancelReply = { status: JobSnapshot['status']; charged: number; refunded: number };

/** What is tried before a cancel is answered: the charge is known then, or at least the slot is free. */
const MONEY: ReadonlySet<EffectName> = new Set(['verify', 'settle', 'freeSlot']);

export const notFound = (): Refused => refuse('JOB_NOT_FOUND', 'no such job', null);

type OwnerPorts = Pick<JobPorts, 'jobId' | 'store' | 'limits' | 'log' | 'outside' | 'background'> & {
  shell: Pick<JobShell, 'now' | 'settings' | 'job' | 'owned' | 'apply' | 'commit'>;
  effects: Pick<Effects, 'perform'>;
};

export class OwnerCalls {
  readonly #ports: OwnerPorts;

  constructor(ports: OwnerPorts) {
    this.#ports = ports;
  }

  create(command: Omit<Create, 'jobId'>): Result<{ snapshot: JobSnapshot; uploads: UploadSlot[] }> {
    const { jobId, shell, store } = this.#ports;
    const loaded = store.load();
    if (loaded.kind === 'abandoned') {
      return refuse('ALREADY_CANCELED', 'the job was given up before it was created; create another one', null);
    }
    const before = loaded.kind === 'job' ? loaded.job : null;
    if (before !== null && (before.userId !== command.userId || before.deletedAt !== null)) return notFound();
    const decision = create(before, { ...command, jobId }, shell.now(), shell.settings);
    if (!decision.ok) return decision;
    shell.commit(before, decision);
    const { job } = decision;
    const indexes = job.status === 'created' ? job.photos.map((_, idx) => idx) : [];
    return ok({ snapshot: this.#snapshot(job), uploads: uploadSlots(job, indexes) });
  }

  again(call: Call, asked: CreateInput): Result<JobSnapshot | null> {
    const job = this.#ports.shell.job();
    if (job?.userId !== call.userId) return ok(null);
    // Until its rows are erased, history would show it.
    if (job.deletedAt !== null) return jobGone();
    const same = 'from' in asked ? madeFrom(job, fromOf(asked.from)) : isMadeOf(job, asked);
    return same ? ok(this.#snapshot(job)) : keyTaken();
  }

  get(call: Call): Result<JobSnapshot | null> {
    if (this.#ports.store.load().kind === 'none') return ok(null);
    const job = this.#ports.shell.owned(call.userId);
    return job === null ? notFound() : ok(this.#snapshot(job));
  }

  exported(call: Call): Result<JobExport | null> {
    if (this.#ports.store.load().kind === 'none') return ok(null);
    const job = this.#ports.shell.owned(call.userId);
    return job === null ? notFound() : ok({ ...exportOf(job), snapshot: this.#snapshot(job) });
  }

  renewUploads(call: Call, indexes: number[]): Result<Renewed> {
    const { shell } = this.#ports;
    const job = shell.owned(call.userId);
    if (job === null) return notFound();
    const allowed = shell.commit(job, renewUploads(job, indexes, shell.now(), shell.settings));
    if (!allowed.ok) return allowed;
    const renewed = shell.job() ?? job;
    return ok({ uploads: uploadSlots(renewed, allowed.value), deadline: renewed.deadline });
  }

  async confirmUpload(call: Call): Promise<Result<JobSnapshot>> {
    const { shell, outside } = this.#ports;
    const job = shell.owned(call.userId);
    if (job === null) return notFound();
    const found = job.status === 'created' ? await outside.photos.listInputs(job) : new Map();
    return this.#decide(call, (current, now, settings) => confirmUpload(current, found, now, settings));
  }

  async execute(call: Call, command: Execute): Promise<Result<JobSnapshot>> {
    const { shell, effects } = this.#ports;
    const job = shell.owned(call.userId);
    if (job === null) return notFound();
    const trial = execute(job, command, shell.now(), shell.settings);
    // Only what is going to be sent counts against the day's ceiling, and only once.
    const room = trial.ok && trial.job !== job ? await this.#roomFor(job) : ok(null);
    const decide = (current: JobState, now: number, settings: JobSettings) => {
      const decision = execute(current, command, now, settings);
      // What became of the job meanwhile counts for more than that there is no room for it.
      return decision.ok && decision.job !== current && !room.ok ? room : decision;
    };
    const queued = this.#decide(call, decide);
    if (queued.ok) await effects.perform(call.requestId, 'fresh');
    return queued;
  }

  async cancel(call: Call, idempotencyKey: string | null): Promise<Result<CancelReply>> {
    const { shell, effects, background } = this.#ports;
    const canceled = this.#decide(call, (job, now, settings) => cancel(job, idempotencyKey, now, settings));
    if (!canceled.ok) return canceled;
    await effects.perform(call.requestId, 'fresh', MONEY);
    // The provider may be slow; the answer need not wait for it.
    background(effects.perform(call.requestId, 'fresh'));
    const job = shell.job();
    if (job === null) return notFound();
    const charged = job.charged ?? count(job.done);
    return ok({ status: job.status, charged, refunded: job.photos.length - charged });
  }

  async remove(call: Call): Promise<Result<null>> {
    const { shell, store, effects } = this.#ports;
    const loaded = store.load();
    if (loaded.kind !== 'job') return this.#removedBefore(call);
    const { job } = loaded;
    if (job.userId !== call.userId) return notFound();
    if (job.deletedAt === null) {
      const removed = shell.commit(job, remove(job, shell.now()));
      if (!removed.ok) return removed;
    }
    await effects.perform(call.requestId, 'fresh');
    return ok(null);
  }

  loan(call: Call, indexes: number[] | undefined): Result<Loan> {
    const job = this.#ports.shell.owned(call.userId);
    return job === null ? notFound() : loanOf(job, indexes);
  }

  lend({ userId }: Call, dependent: string): Result<null> {
    const { shell } = this.#ports;
    const job = shell.job();
    if (job?.userId !== userId) return notFound();
    return shell.commit(job, lendAt(job, dependent, shell.now(), shell.settings));
  }

  /** Nothing is here any more: the user's object still knows whether the job was his. Its history goes as well. */
  async #removedBefore({ userId }: Call): Promise<Result<null>> {
    const { jobId, outside, log } = this.#ports;
    const user = outside.user(userId);
    try {
      if (!(await user.hasEnded(jobId))) return notFound();
      await user.forgetJob(jobId);
      await outside.history.erase(jobId);
    } catch (error) {
      // Nobody goes on with it: there is no object left that could. Asked again, it does what is missing.
      log('warn', 'job.erase.failed', { jobId, userId, ...failure(error) });
      return refuse('SERVICE_UNAVAILABLE', 'the job cannot be deleted now, try again', { settings: [] });
    }
    return ok(null);
  }

  /**
   * Whether the user's day and the ceiling for all have room for the job: his object asks both. When they cannot be asked there is none:
   * rather no job than an open bill.
   */
  async #roomFor({ jobId, userId, photos }: JobState): Promise<Result<null>> {
    const { outside, log, limits } = this.#ports;
    try {
      const claim = outside.user(userId).claimPhotos({ jobId, photos: photos.length });
      const room = await withTimeLimit(limits().effectMs, 'ceilings', claim);
      if (!room.ok && room.refusal.code === 'CEILING_REACHED') {
        log('error', 'ceiling.reached', { ceiling: 'GPU_DAILY_PHOTOS', jobId, userId });
      }
      return room;
    } catch (error) {
      log('error', 'ceilings.failed', { jobId, userId, ...failure(error) });
      return refuse('SERVICE_UNAVAILABLE', 'jobs cannot be started now, try again', { settings: [] });
    }
  }

  /** A decision on behalf of the job's owner, answered with the job as it then stands. */
  #decide(call: Call, decide: Decide<unknown>): Result<JobSnapshot> {
    const { shell } = this.#ports;
    const before = shell.owned(call.userId);
    if (before === null) return notFound();
    const saved = shell.apply(decide);
    const job = shell.job();
    if (saved === null || job === null) return notFound();
    return saved.ok ? ok(this.#snapshot(job)) : saved;
  }

  #snapshot(job: JobState): JobSnapshot {
    const errors = job.failed === 0n ? new Map<number, string>() : this.#ports.store.errors();
    return snapshotOf(job, errors, this.#ports.shell.settings, this.#ports.shell.now());
  }
}
