/**
 * JobCoordinatorDO: one per job, and the truth about it while it lives. What is public here can be called by RPC from our
 * own Worker and objects only (calls.ts says what each does); every method that a user's call reaches checks the owner.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../../bindings.ts';
import type { AdminJob } from '../../contract/admin.ts';
import type { CallbackAnswer, CallbackResult } from '../../contract/callback.ts';
import type { CreateInput } from '../../contract/jobs.ts';
import type { Create, Loan } from '../../domain/job/create.ts';
import type { Claim } from '../../domain/job/dispatch.ts';
import type { Execute } from '../../domain/job/execute.ts';
import type { Result } from '../../domain/result.ts';
import { failure, log } from '../../log.ts';
import { answerRefusal } from '../../wire/envelope.ts';
import { NextAlarm } from '../next-alarm.ts';
import { isForeign } from '../tables.ts';
import type { JobCalls } from './calls.ts';
import { JobCoordinator } from './coordinator.ts';
import type { Erased } from './inside-calls.ts';
import { Life } from './life.ts';
import { CLOCK, limitsOf, outsideOf } from './outside.ts';
import type { Call, CancelReply, Renewed } from './owner-calls.ts';
import { admittedOf, Sockets } from './sockets.ts';
import { JobStore } from './store.ts';
import type { JobExport, JobSnapshot, Recipe, UploadSlot } from './view.ts';

/** Close code of RFC 6455 for a server that met what it did not expect. */
const BROKEN = 1011;

export class JobCoordinatorDO extends DurableObject<Env> implements JobCalls {
  readonly #job: JobCoordinator;
  readonly #alarm: NextAlarm;
  readonly #sockets: Sockets;
  readonly #isForeign: () => boolean;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const store = new JobStore(ctx.storage);
    const life = new Life(ctx);
    this.#sockets = new Sockets(ctx);
    this.#isForeign = () => store.isNew && isForeign(ctx);
    this.#alarm = new NextAlarm(ctx, store.isNew, () => this.#job.dueTimes());
    this.#job = new JobCoordinator({
      jobId: ctx.id.toString(),
      store,
      alarm: this.#alarm,
      clock: CLOCK,
      log,
      limits: () => limitsOf(env),
      outside: outsideOf(env),
      lines: () => this.#sockets.lines(),
      background: (work) => ctx.waitUntil(work),
      restart: (reason) => life.end(reason),
    });
  }

  create(command: Omit<Create, 'jobId'>): Result<{ snapshot: JobSnapshot; uploads: UploadSlot[] }> {
    return this.#job.owner.create(command);
  }

  abandon(): { lives: boolean } {
    return this.#job.inside.abandon();
  }

  again(call: Call, asked: CreateInput): Result<JobSnapshot | null> {
    return this.#job.owner.again(call, asked);
  }

  get(call: Call): Result<JobSnapshot | null> {
    return this.#job.owner.get(call);
  }

  renewUploads(call: Call, indexes: number[]): Result<Renewed> {
    return this.#job.owner.renewUploads(call, indexes);
  }

  confirmUpload(call: Call): Promise<Result<JobSnapshot>> {
    return this.#job.owner.confirmUpload(call);
  }

  execute(call: Call, command: Execute): Promise<Result<JobSnapshot>> {
    return this.#job.owner.execute(call, command);
  }

  cancel(call: Call, idempotencyKey: string | null): Promise<Result<CancelReply>> {
    return this.#job.owner.cancel(call, idempotencyKey);
  }

  remove(call: Call): Promise<Result<null>> {
    return this.#job.owner.remove(call);
  }

  erase(userId: string, held: boolean): Erased | null {
    return this.#job.inside.erase(userId, held);
  }

  exported(call: Call): Result<JobExport | null> {
    return this.#job.owner.exported(call);
  }

  loan(call: Call, indexes: number[] | undefined): Result<Loan> {
    return this.#job.owner.loan(call, indexes);
  }

  lend(call: Call, dependent: string): Result<null> {
    return this.#job.owner.lend(call, dependent);
  }

  needsInputs(): number | null {
    return this.#job.inside.needsInputs();
  }

  giveBack(dependent: string): void {
    this.#job.inside.giveBack(dependent);
  }

  report(
    requestId: string,
    results: CallbackResult[],
    isBatch?: boolean,
    webhookId: string | null = null,
  ): Promise<Result<CallbackAnswer>> {
    return this.#job.gpu.report(requestId, results, isBatch, webhookId);
  }

  beginDispatch(attempt: number, signedUntil?: number, message?: number[]): Claim {
    return this.#job.gpu.beginDispatch(attempt, signedUntil, message);
  }

  confirmDispatch(attempt: number, providerId: string | null): Promise<void> {
    return this.#job.gpu.confirmDispatch(attempt, providerId);
  }

  refuseDispatch(attempt: number, said: string): Promise<void> {
    return this.#job.gpu.refuseDispatch(attempt, said);
  }

  rejectDispatch(attempt: number, said: string): Promise<void> {
    return this.#job.gpu.rejectDispatch(attempt, said);
  }

  deadLetter(attempt: number): Promise<{ sentAgain: boolean }> {
    return this.#job.gpu.deadLetter(attempt);
  }

  inspect(): AdminJob | null {
    return this.#job.inside.inspect();
  }

  project(): Promise<boolean> {
    return this.#job.inside.project();
  }

  attend(): { gone: boolean } {
    return this.#job.inside.attend();
  }

  recipe(): Recipe | null {
    return this.#job.inside.recipe();
  }

  endWatching(epoch: number): void {
    this.#job.inside.endWatching(epoch);
  }

  /** A watcher that the Worker's door has admitted. @param request of {@link upgradeOf} */
  override async fetch(request: Request): Promise<Response> {
    const { userId, sessionFrom, requestId } = admittedOf(request);
    const opened = await this.#job.watchers.open(userId, sessionFrom, (attachment) =>
      this.#sockets.accept(attachment, requestId),
    );
    return opened.ok ? opened.value : answerRefusal(requestId, opened.refusal);
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    this.#job.watchers.receive(this.#sockets.lineOf(socket), frame);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#job.watchers.closed(this.#sockets.lineOf(socket), code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    this.#job.watchers.closed(this.#sockets.lineOf(socket), BROKEN, '');
  }

  override async alarm(): Promise<void> {
    this.#alarm.gone();
    if (this.#isForeign()) return;
    // Never throw out of an alarm as long as another one can be set: the platform gives up on one that throws.
    try {
      await this.#job.due.run();
      await this.#job.watchers.sweepAndWait();
    } catch (error) {
      log('error', 'job.alarm.failed', { jobId: this.ctx.id.toString(), ...failure(error) });
    }
    // From storage, after the last wait: what others committed meanwhile counts.
    await this.#alarm.afterRun();
    this.#job.watchers.letGo();
  }
}
