/**
 * JobCoordinatorDO: one per job, and the truth about it while it lives. What is public here can be called by RPC from our
 * own Worker and objects only; every method that a user's call reaches checks the owner.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../../bindings.ts';
import type { AdminJob } from '../../contract/admin.ts';
import type { CallbackAnswer, CallbackResult } from '../../contract/callback.ts';
import type { CreateInput } from '../../contract/jobs.ts';
import { eraseJob } from '../../db/job-history.ts';
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
import { beginDispatch, type Claim, confirmDispatch, deadLetter, refuseDispatch } from '../../domain/job/dispatch.ts';
import { cancel, settleAgain } from '../../domain/job/ending.ts';
import { type Execute, execute } from '../../domain/job/execute.ts';
import { erase, giveBack, needsInputsUntil, remove } from '../../domain/job/removal.ts';
import { applyResults, replayed } from '../../domain/job/results.ts';
import {
  type EffectName,
  hasEnded,
  type JobSettings,
  type JobState,
  sentPhotos,
  unansweredPhotos,
} from '../../domain/job/state.ts';
import { endSessions } from '../../domain/job/telling.ts';
import { confirmUpload, renewUploads } from '../../domain/job/uploads.ts';
import { ok, type Refused, type Result, refuse } from '../../domain/result.ts';
import { failure, log } from '../../log.ts';
import { listInputs } from '../../storage/inventory.ts';
import { withTimeLimit } from '../../time-limit.ts';
import { NextAlarm } from '../next-alarm.ts';
import type { Remote } from '../remote.ts';
import type { UserLimiterDO } from '../user-limiter/index.ts';
import { Replays } from './replays.ts';
import { JobShell, TOMBSTONE_MS } from './shell.ts';
import { JobStore } from './store.ts';
import {
  adminViewOf,
  exportOf,
  type JobExport,
  type JobSnapshot,
  type Recipe,
  snapshotOf,
  type UploadSlot,
  uploadSlots,
} from './view.ts';
import { Wake } from './wake.ts';

/** On whose behalf a method is called, and the request to name in logs. */
export type Call = { userId: string; requestId: string };
export type CancelReply = { status: JobSnapshot['status']; charged: number; refunded: number };

/** What is tried before a cancel is answered: the charge is known then, or at least the slot is free. */
const MONEY: ReadonlySet<EffectName> = new Set(['verify', 'settle', 'freeSlot']);

/** What is tried before a refusal is answered: it may come after the job was settled. */
const UNSENT: ReadonlySet<EffectName> = new Set(['unsent']);

/** Close code of RFC 6455 for a server that met what it did not expect. */
const BROKEN = 1011;

const notFound = (): Refused => refuse('JOB_NOT_FOUND', 'no such job', null);

export class JobCoordinatorDO extends DurableObject<Env> {
  readonly #shell: JobShell;
  readonly #replays: Replays;
  readonly #wake: Wake;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const store = new JobStore(ctx.storage);
    const alarm = new NextAlarm(ctx, store.isNew, () => this.#shell.dueTimes());
    this.#shell = new JobShell(ctx, env, store, alarm);
    this.#replays = new Replays(store);
    this.#wake = new Wake(this.#shell);
  }

  /** The saga's second step: the credits are reserved. Refused for ever once the reservation was given up. */
  create(command: Omit<Create, 'jobId'>): Result<{ snapshot: JobSnapshot; uploads: UploadSlot[] }> {
    const loaded = this.#shell.store.load();
    if (loaded.kind === 'abandoned') {
      return refuse('ALREADY_CANCELED', 'the job was given up before it was created; create another one', null);
    }
    const before = loaded.kind === 'job' ? loaded.job : null;
    if (before !== null && (before.userId !== command.userId || before.deletedAt !== null)) return notFound();
    const jobId = this.ctx.id.toString();
    const decision = create(before, { ...command, jobId }, Date.now(), this.#shell.settings.job);
    if (!decision.ok) return decision;
    this.#shell.commit(before, decision);
    const { job } = decision;
    const indexes = job.status === 'created' ? job.photos.map((_, idx) => idx) : [];
    return ok({ snapshot: this.#snapshot(job), uploads: uploadSlots(job, indexes) });
  }

  /**
   * Asked by the user's object when a hold's check time has come. A job that never came to be leaves a tombstone, so that
   * it never will; one that has yet to settle lives.
   */
  abandon(): { lives: boolean } {
    this.#shell.alarm.look();
    const loaded = this.#shell.store.load();
    if (loaded.kind === 'none') {
      const now = Date.now();
      this.#shell.store.saveTombstone(now);
      void this.#shell.alarm.atLatest(now + TOMBSTONE_MS);
    }
    if (loaded.kind !== 'job') return { lives: false };
    const { job } = loaded;
    return { lives: !hasEnded(job) || job.charged === null || job.effects.settle !== undefined };
  }

  /**
   * The job as a create that comes again finds it; null when there is none, or none any more. Refused when it was made from other photos
   * than `asked` now says.
   */
  again(call: Call, asked: CreateInput): Result<JobSnapshot | null> {
    const job = this.#shell.job();
    if (job?.userId !== call.userId) return ok(null);
    // Until its rows are erased, history would show it.
    if (job.deletedAt !== null) return jobGone();
    const same = 'from' in asked ? madeFrom(job, fromOf(asked.from)) : isMadeOf(job, asked);
    return same ? ok(this.#snapshot(job)) : keyTaken();
  }

  /** Null when nothing is here (any more), so that history may know; a deleted or foreign job is refused. */
  get(call: Call): Result<JobSnapshot | null> {
    if (this.#shell.store.load().kind === 'none') return ok(null);
    const job = this.#owned(call);
    return job === null ? notFound() : ok(this.#snapshot(job));
  }

  renewUploads(call: Call, indexes: number[]): Result<UploadSlot[]> {
    const job = this.#owned(call);
    if (job === null) return notFound();
    const allowed = this.#shell.commit(job, renewUploads(job, indexes, Date.now(), this.#shell.settings.job));
    if (!allowed.ok) return allowed;
    return ok(uploadSlots(this.#shell.job() ?? job, allowed.value));
  }

  async confirmUpload(call: Call): Promise<Result<JobSnapshot>> {
    const job = this.#owned(call);
    if (job === null) return notFound();
    const found = job.status === 'created' ? await listInputs(this.env.R2, job) : new Map();
    return this.#user(call, (current, now, settings) => confirmUpload(current, found, now, settings));
  }

  async execute(call: Call, command: Execute): Promise<Result<JobSnapshot>> {
    const job = this.#owned(call);
    if (job === null) return notFound();
    const trial = execute(job, command, Date.now(), this.#shell.settings.job);
    // Only what is going to be sent counts against the day's ceiling, and only once.
    const room = trial.ok && trial.job !== job ? await this.#roomFor(job) : ok(null);
    const decide = (current: JobState, now: number, settings: JobSettings) => {
      const decision = execute(current, command, now, settings);
      // What became of the job meanwhile counts for more than that there is no room for it.
      return decision.ok && decision.job !== current && !room.ok ? room : decision;
    };
    const queued = this.#user(call, decide);
    if (queued.ok) await this.#shell.perform(call.requestId, 'fresh');
    return queued;
  }

  async cancel(call: Call, idempotencyKey: string | null): Promise<Result<CancelReply>> {
    const canceled = this.#user(call, (job, now, settings) => cancel(job, idempotencyKey, now, settings));
    if (!canceled.ok) return canceled;
    await this.#shell.perform(call.requestId, 'fresh', MONEY);
    // The provider may be slow; the answer need not wait for it.
    this.ctx.waitUntil(this.#shell.perform(call.requestId, 'fresh'));
    const job = this.#shell.job();
    if (job === null) return notFound();
    const charged = job.charged ?? count(job.done);
    return ok({ status: job.status, charged, refunded: job.photos.length - charged });
  }

  /** Of a job that was deleted by the same user, also after its object has forgotten itself, it is done already. */
  async remove(call: Call): Promise<Result<null>> {
    const loaded = this.#shell.store.load();
    if (loaded.kind !== 'job') return this.#removedBefore(call);
    const { job } = loaded;
    if (job.userId !== call.userId) return notFound();
    if (job.deletedAt === null) {
      const removed = this.#shell.commit(job, remove(job, Date.now()));
      if (!removed.ok) return removed;
    }
    await this.#shell.perform(call.requestId, 'fresh');
    return ok(null);
  }

  /**
   * Its user is being deleted, and the job with him.
   * @param held whether credits are held for it: one that never came to be then never will
   * @returns the last moment at which a signed PUT to one of its keys is good, and how many photos reached the provider, `unsure` of which
   *   it may yet refuse; null when nothing is here
   */
  erase(userId: string, held: boolean): { putsExpireAt: number; sent: number; unsure: number } | null {
    if (held) this.abandon();
    const job = this.#shell.job();
    if (job === null || job.userId !== userId) return null;
    this.#shell.commit(job, erase(job, Date.now()));
    this.ctx.waitUntil(this.#shell.perform('erase', 'fresh'));
    return { putsExpireAt: job.putsExpireAt, sent: sentPhotos(job), unsure: unansweredPhotos(job) };
  }

  /** For the owner's export: what was asked for, and where the inputs lie as long as they are kept. */
  exported(call: Call): Result<JobExport | null> {
    if (this.#shell.store.load().kind === 'none') return ok(null);
    const job = this.#owned(call);
    return job === null ? notFound() : ok({ ...exportOf(job), snapshot: this.#snapshot(job) });
  }

  /** Nothing is here any more: the user's object still knows whether the job was his. Its history goes as well. */
  async #removedBefore({ userId }: Call): Promise<Result<null>> {
    const jobId = this.ctx.id.toString();
    const user = this.#shell.userOf({ userId });
    try {
      if (!(await user.hasEnded(jobId))) return notFound();
      await user.forgetJob(jobId);
      await eraseJob(this.env.DB, jobId);
    } catch (error) {
      // Nobody goes on with it: there is no object left that could. Asked again, it does what is missing.
      log('warn', 'job.erase.failed', { jobId, userId, ...failure(error) });
      return refuse('SERVICE_UNAVAILABLE', 'the job cannot be deleted now, try again', { settings: [] });
    }
    return ok(null);
  }

  /** What a job made from this one would work on. */
  loan(call: Call, indexes: number[] | undefined): Result<Loan> {
    const job = this.#owned(call);
    return job === null ? notFound() : loanOf(job, indexes);
  }

  /** Keeps this job's inputs for `dependent`, which is about to be created. */
  lend({ userId }: Call, dependent: string): Result<null> {
    const job = this.#shell.job();
    if (job?.userId !== userId) return notFound();
    return this.#shell.commit(job, lendAt(job, dependent, Date.now(), this.#shell.settings.job));
  }

  /**
   * Until when this job needs the photos that it was made from (milliseconds since the Unix epoch); null when it does not any more. One
   * that never came to be never will.
   */
  needsInputs(): number | null {
    this.abandon();
    const job = this.#shell.job();
    return job === null ? null : needsInputsUntil(job, Date.now(), this.#shell.settings.job);
  }

  /** A job that was made from this one's photos needs them no more. */
  giveBack(dependent: string): void {
    this.#shell.apply((job) => giveBack(job, dependent));
  }

  /** Results from the GPU worker. Authenticated by the caller. @param webhookId of a signed callback: the same one counts once */
  async report(
    requestId: string,
    results: CallbackResult[],
    isBatch?: boolean,
    webhookId: string | null = null,
  ): Promise<Result<CallbackAnswer>> {
    const before = this.#shell.job();
    if (before !== null && webhookId !== null && this.#replays.isReplay(webhookId, Date.now())) {
      return ok({ status: before.status, items: replayed(results) });
    }
    const unsure =
      before === null || webhookId === null
        ? null
        : this.#replays.unsureUntil(before, Date.now(), this.#shell.settings.job);
    if (unsure !== null) {
      const retryAfterSeconds = Math.ceil((unsure - Date.now()) / 1000);
      const message = 'too many signed callbacks came before the job was at work: sign again after that time';
      return refuse('RATE_LIMITED', message, { retryAfterSeconds });
    }
    const applied = this.#shell.apply((job, now, settings) =>
      applyResults(job, results, now, settings, isBatch, webhookId),
    );
    if (applied?.ok && webhookId !== null) this.#replays.note(webhookId, Date.now());
    if (applied === null) return notFound();
    if (!applied.ok) return applied;
    await this.#shell.perform(requestId, 'fresh');
    const job = this.#shell.job();
    const late = applied.value.filter(({ outcome }) => outcome === 'ignored').length;
    if (late > 0) log('info', 'callback.late', { jobId: this.ctx.id.toString(), requestId, photos: late });
    return job === null ? notFound() : ok({ status: job.status, items: applied.value });
  }

  /** @param signedUntil when the URLs end that were signed for it */
  beginDispatch(attempt: number, signedUntil?: number): Claim {
    const claim = this.#shell.apply((job, now, settings) => beginDispatch(job, attempt, now, settings, signedUntil));
    return claim?.ok ? claim.value : { go: false, reason: 'job is not waiting' };
  }

  async confirmDispatch(attempt: number, providerId: string | null): Promise<void> {
    this.#shell.apply((job, now) => confirmDispatch(job, attempt, providerId, now));
    await this.#shell.perform('dispatch', 'fresh');
  }

  async refuseDispatch(attempt: number): Promise<void> {
    this.#shell.apply((job, now, settings) => refuseDispatch(job, attempt, now, settings));
    await this.#shell.perform('dispatch', 'fresh', UNSENT);
  }

  async deadLetter(attempt: number, reason: string): Promise<{ failed: boolean }> {
    const applied = this.#shell.apply((job) => deadLetter(job, attempt, reason));
    await this.#shell.perform('dead-letter', 'fresh');
    return applied?.ok ? applied.value : { failed: false };
  }

  /** For operators. */
  inspect(): AdminJob | null {
    const job = this.#shell.job();
    return job === null ? null : adminViewOf(job, this.#shell.store.late(), this.#shell.alarm.time);
  }

  /** Writes the ended job's history to D1 again; for reconciliation. False when there is nothing here to write. */
  async project(): Promise<boolean> {
    const owed = this.#shell.apply((job, now) => settleAgain(job, now));
    await this.#shell.perform('reconcile', 'fresh');
    return owed?.ok === true && owed.value;
  }

  /** For reconciliation: that it is asked wakes the job, which sets an alarm that was lost. Whether all of it is deleted. */
  attend(): { gone: boolean } {
    this.#shell.alarm.look();
    return { gone: this.#shell.store.load().kind === 'none' };
  }

  /** For operators: what it takes to do the same again. */
  recipe(): Recipe | null {
    const job = this.#shell.job();
    if (job === null || job.deletedAt !== null) return null;
    const { userId, preset, choice, ruleId } = job;
    return { userId, preset, choice, ruleId };
  }

  /** A watcher that rest/watch.ts has admitted. */
  override fetch(request: Request): Promise<Response> {
    return this.#shell.watchers.open(request);
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    this.#shell.watchers.receive(socket, frame);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#shell.watchers.closed(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    this.#shell.watchers.closed(socket, BROKEN, '');
  }

  /** The user's sessions that were issued before this moment are void: nobody goes on watching with one, nor begins to. */
  endWatching(epoch: number): void {
    this.#shell.watchers.endSessions(epoch);
    this.#shell.apply((job) => endSessions(job, epoch));
  }

  override async alarm(): Promise<void> {
    this.#shell.alarm.gone();
    // Never throw out of an alarm as long as another one can be set: the platform gives up on one that throws.
    try {
      await this.#wake.run();
      this.#shell.watchers.sweep(Date.now());
      await this.#shell.watchers.answers();
    } catch (error) {
      log('error', 'job.alarm.failed', { jobId: this.ctx.id.toString(), ...failure(error) });
    }
    // From storage, after the last wait: what others committed meanwhile counts.
    await this.#shell.alarm.afterRun();
    this.#shell.watchers.letGo(Date.now());
  }

  /**
   * Whether the user's day and the ceiling for all have room for the job: his object asks both. When they cannot be asked there is none:
   * rather no job than an open bill.
   */
  async #roomFor({ jobId, userId, photos }: JobState): Promise<Result<null>> {
    const claim = { jobId, photos: photos.length };
    const limit = this.#shell.settings.numbers.EFFECT_TIMEOUT_MS;
    try {
      const user: Remote<UserLimiterDO> = this.#shell.userOf({ userId });
      const room = await withTimeLimit(limit, 'ceilings', user.claimPhotos(claim));
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
  #user(call: Call, decide: Parameters<JobShell['apply']>[0]): Result<JobSnapshot> {
    const before = this.#owned(call);
    if (before === null) return notFound();
    const saved = this.#shell.apply(decide);
    const job = this.#shell.job();
    if (saved === null || job === null) return notFound();
    return saved.ok ? ok(this.#snapshot(job)) : saved;
  }

  /** The job, if it is the caller's and was not deleted. Absent and foreign look the same. */
  #owned({ userId }: Call): JobState | null {
    const job = this.#shell.job();
    return job !== null && job.userId === userId && job.deletedAt === null ? job : null;
  }

  #snapshot(job: JobState): JobSnapshot {
    const errors = job.failed === 0n ? new Map<number, string>() : this.#shell.store.errors();
    return snapshotOf(job, errors, this.#shell.settings.job);
  }
}
