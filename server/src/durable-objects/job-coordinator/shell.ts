/**
 * The transaction shell: load → decide → save in one transaction → set the alarm, with no wait in between. Effects of the
 * saved state are tried at once and again by the alarm, until they are done.
 */

import type { Env } from '../../bindings.ts';
import { outputTypeOf } from '../../contract/gpu-message.ts';
import { flushJob, type LedgerPoint } from '../../db/job-history.ts';
import { runsStopped } from '../../domain/job/dispatch.ts';
import { settled, verified } from '../../domain/job/ending.ts';
import { NOTHING_FOUND } from '../../domain/job/look.ts';
import { queueMessageOf } from '../../domain/job/message.ts';
import {
  type Decision,
  decided,
  type EffectName,
  type JobSettings,
  type JobState,
  progressOf,
  sentPhotos,
  unansweredPhotos,
} from '../../domain/job/state.ts';
import { dueEffects, dueTimes, effectDone, effectFailed, nextAlarm, owedEffects } from '../../domain/job/timing.ts';
import { formatOf } from '../../domain/presets.ts';
import { ok, type Refused, type Result } from '../../domain/result.ts';
import { dispatcherOf } from '../../gpu/provider.ts';
import { failure, log } from '../../log.ts';
import { type Settings, settingsOf } from '../../settings/settings.ts';
import { lookAtEnd } from '../../storage/inventory.ts';
import { withTimeLimit } from '../../time-limit.ts';
import type { NextAlarm } from '../next-alarm.ts';
import type { UserLimiterDO } from '../user-limiter/index.ts';
import { CleanUp } from './clean-up.ts';
import type { JobStore } from './store.ts';
import { Watchers } from './watchers.ts';

/** Between the decision to end an object's life and its end. */
const RESPITE_MS = 50;

/**
 * Milliseconds that a job which never came to be refuses to: far longer than the request that would create it lives. Its hold is
 * settled by then, so that nobody asks for it again.
 */
export const TOMBSTONE_MS = 24 * 60 * 60_000;

type Decide<T> = (job: JobState, now: number, settings: JobSettings) => Decision<T>;
type EffectHandler = (job: JobState) => Promise<void>;

export class JobShell {
  readonly ctx: DurableObjectState;
  readonly env: Env;
  readonly store: JobStore;
  readonly alarm: NextAlarm;
  readonly watchers: Watchers;
  /** Effects under way: whoever needs one that already runs waits for that run. */
  readonly #running = new Map<EffectName, Promise<void>>();
  readonly #handlers: Record<EffectName, EffectHandler>;
  #ending = false;

  constructor(ctx: DurableObjectState, env: Env, store: JobStore, alarm: NextAlarm) {
    this.ctx = ctx;
    this.env = env;
    this.store = store;
    this.alarm = alarm;
    this.watchers = new Watchers(this);
    const cleanUp = new CleanUp(this);
    this.#handlers = {
      verify: (job) => this.#verify(job),
      settle: (job) => this.#settle(job),
      freeSlot: (job) => this.#freeSlot(job),
      unsent: (job) => this.#unsent(job),
      send: (job) => this.#send(job),
      flush: (job) => this.#flush(job),
      cancelRuns: (job) => this.#cancelRuns(job),
      cleanUp: (job) => cleanUp.run(job),
    };
  }

  get settings(): Settings {
    return settingsOf(this.env);
  }

  /** The job here; null when there is none, or only a tombstone. */
  job(): JobState | null {
    this.alarm.look();
    const loaded = this.store.load();
    return loaded.kind === 'job' ? loaded.job : null;
  }

  /** Runs a decision on the job as it stands, and saves what it decided. Null when there is no job. */
  apply<T>(decide: Decide<T>): Result<T> | null {
    const job = this.job();
    if (job === null) return null;
    return this.commit(job, decide(job, Date.now(), this.settings.job));
  }

  commit<T>(before: JobState | null, decision: Decision<T>): Result<T> | Refused {
    if (!decision.ok) return decision;
    if (decision.job !== before || decision.events.length > 0) {
      const now = Date.now();
      this.store.save(before, decision.job, decision.events, now);
      this.arm(decision.job, now);
      this.watchers.wake();
    }
    return ok(decision.reply);
  }

  /** When anything that is stored here is due; milliseconds since the Unix epoch. */
  dueTimes(): number[] {
    const loaded = this.store.load();
    if (loaded.kind === 'abandoned') return [loaded.at + TOMBSTONE_MS];
    if (loaded.kind === 'none') return [];
    const { deadline } = this.watchers;
    const own = dueTimes(loaded.job, Date.now(), this.settings.job);
    return deadline === null ? own : [...own, deadline];
  }

  /** In the turn of the commit. The write itself is held back by the output gate like any other. */
  arm(job: JobState | null, now: number): void {
    const own = job === null ? null : nextAlarm(job, now, this.settings.job);
    const times = [own, this.watchers.deadline].filter((time) => time !== null);
    if (times.length > 0) void this.alarm.atLatest(Math.min(...times));
  }

  /** Ends this life of the object a moment from now; the next call begins another one. What is under way stops as at any crash. */
  restart(reason: string): void {
    if (this.#ending) return;
    this.#ending = true;
    // What was committed is on the disk, and answers that are on their way have left.
    const over = this.ctx.storage.sync().then(() => scheduler.wait(RESPITE_MS));
    this.ctx.waitUntil(over.then(() => this.ctx.abort(reason)));
  }

  /** Deletes the object's own storage, its alarm with it. */
  async forget(): Promise<void> {
    await this.ctx.storage.deleteAll();
    this.store.forget();
    this.alarm.gone();
  }

  /**
   * Tries what the job owes: `fresh` also takes what was never tried, whenever it is due. `only` narrows it to these
   * effects. Never throws.
   */
  async perform(trace: string, which: 'fresh' | 'due', only?: ReadonlySet<EffectName>): Promise<void> {
    const tried = new Set<EffectName>();
    for (let job = this.job(); job !== null; job = this.job()) {
      const due = new Set(dueEffects(job, Date.now()));
      const next = owedEffects(job).find(
        ({ name, tries }) =>
          !tried.has(name) && (only?.has(name) ?? true) && (due.has(name) || (which === 'fresh' && tries === 0)),
      );
      if (next === undefined) return;
      tried.add(next.name);
      await this.#once(next.name, job, trace);
    }
  }

  async #once(name: EffectName, job: JobState, trace: string): Promise<void> {
    const running =
      this.#running.get(name) ?? this.#attempt(name, job, trace).finally(() => this.#running.delete(name));
    this.#running.set(name, running);
    await running;
  }

  async #attempt(name: EffectName, job: JobState, trace: string): Promise<void> {
    try {
      await withTimeLimit(this.#limitOf(name), name, this.#handlers[name](job));
    } catch (error) {
      log('warn', 'effect.failed', {
        effect: name,
        jobId: job.jobId,
        userId: job.userId,
        trace,
        ...failure(error),
      });
      this.apply((current, now) => effectFailed(current, name, now, Math.random()));
    }
  }

  /** What calls the provider has the provider's own time limit before it: the other one would end it first, each time. */
  #limitOf(name: EffectName): number {
    const { EFFECT_TIMEOUT_MS, PROVIDER_TIMEOUT_MS } = this.settings.numbers;
    return name === 'cancelRuns' ? PROVIDER_TIMEOUT_MS + EFFECT_TIMEOUT_MS : EFFECT_TIMEOUT_MS;
  }

  async #verify(job: JobState): Promise<void> {
    const asked = outputTypeOf(formatOf(job.choice ?? {}));
    const look = job.done === 0n ? NOTHING_FOUND : await lookAtEnd(this.env.R2, job, job.done, asked);
    this.apply((current, now, settings) => verified(current, look, now, settings));
  }

  /** Settles and, as that usually goes well, writes history at once: one saved state for both. */
  async #settle(job: JobState): Promise<void> {
    if (job.charged === null) throw new Error('nothing to settle yet');
    const { done, failed, status } = { ...job, done: job.charged, failed: job.photos.length - job.charged };
    if (status !== 'done' && status !== 'failed' && status !== 'canceled') throw new Error('the job has not ended');
    const reply = await this.userOf(job).settle({
      jobId: job.jobId,
      charged: job.charged,
      outcome: { status, done, failed },
      sent: sentPhotos(job),
      unsure: unansweredPhotos(job),
      ended: {
        ...progressOf(job),
        status,
        preset: job.preset,
        createdAt: job.createdAt,
        endedAt: job.endedAt ?? Date.now(),
      },
    });
    if (!reply.ok) throw new Error(`settling was refused: ${reply.refusal.code}`);
    const ledger: LedgerPoint = reply.value;
    try {
      await this.#writeHistory(job, ledger);
      this.apply((current) => effectDone(current, 'settle'));
    } catch (error) {
      this.apply((current, now, settings) => settled(current, ledger.credits, ledger.version, now, settings));
      log('warn', 'effect.failed', { effect: 'flush', jobId: job.jobId, userId: job.userId, ...failure(error) });
    }
  }

  async #freeSlot(job: JobState): Promise<void> {
    await this.userOf(job).freeSlot(job.jobId);
    this.apply((current) => effectDone(current, 'freeSlot'));
  }

  /** What is about to settle may have been told the old number already: it is put right after that. */
  async #unsent(job: JobState): Promise<void> {
    if (job.effects.settle !== undefined) throw new Error('the job has yet to settle');
    await this.userOf(job).unsent(job.jobId, sentPhotos(job));
    this.apply((current) => effectDone(current, 'unsent'));
  }

  userOf({ userId }: Pick<JobState, 'userId'>): DurableObjectStub<UserLimiterDO> {
    return this.env.USER_LIMITER.get(this.env.USER_LIMITER.idFromName(userId));
  }

  async #flush(job: JobState): Promise<void> {
    const ledger = job.effects.flush;
    if (ledger === undefined) return;
    await this.#writeHistory(job, ledger);
    this.apply((current) => effectDone(current, 'flush'));
  }

  #writeHistory(job: JobState, { credits, version }: LedgerPoint): Promise<void> {
    return flushJob(this.env.DB, job, this.store.errors(), { credits, version });
  }

  async #send(job: JobState): Promise<void> {
    await this.env.GPU_QUEUE.send(queueMessageOf(job, this.settings.numbers.GPU_BATCH_CONCURRENCY));
    // A consumer that was quicker than this answer has cleared it already; a later attempt has its own.
    this.apply((current) =>
      current.effects.send !== undefined && current.attempt === job.attempt
        ? effectDone(current, 'send')
        : decided(current, null),
    );
  }

  async #cancelRuns(job: JobState): Promise<void> {
    const dispatcher = dispatcherOf(this.settings);
    const providerIds = job.effects.cancelRuns?.providerIds ?? [];
    // Side by side: the time limit is that of one call, and a run that cannot be reached holds up no other.
    const answers = await Promise.allSettled(providerIds.map((providerId) => dispatcher?.cancel(providerId)));
    const stopped = providerIds.filter((_, at) => answers[at]?.status === 'fulfilled');
    if (stopped.length > 0) this.apply((current) => runsStopped(current, stopped, Date.now()));
    const lost = answers.find((answer) => answer.status === 'rejected');
    if (lost !== undefined) throw lost.reason;
  }
}
