/** One job of a simulation: the server's own decisions, brought about as its object does, with virtual time in place of waiting. */
import type { CallbackResult } from '../../server/src/contract/callback.ts';
import { all, count } from '../../server/src/domain/bitmap.ts';
import { create } from '../../server/src/domain/job/create.ts';
import { beginDispatch, confirmDispatch, refuseDispatch, runsStopped } from '../../server/src/domain/job/dispatch.ts';
import { verified } from '../../server/src/domain/job/ending.ts';
import { execute } from '../../server/src/domain/job/execute.ts';
import { canBeAsked, hear, type RunReport } from '../../server/src/domain/job/leases.ts';
import { etaMs } from '../../server/src/domain/job/pace.ts';
import { plan } from '../../server/src/domain/job/planning.ts';
import { applyResults } from '../../server/src/domain/job/results.ts';
import { isWaiting, unsentRun } from '../../server/src/domain/job/runs.ts';
import {
  type Decision,
  decided,
  type EffectName,
  hasEnded,
  type JobSettings,
  type JobState,
  progressOf,
} from '../../server/src/domain/job/state.ts';
import {
  dueEffects,
  dueTimes,
  effectDone,
  nextAlarm,
  owedEffects,
  timeout,
} from '../../server/src/domain/job/timing.ts';
import { confirmUpload } from '../../server/src/domain/job/uploads.ts';
import type { Dice } from '../load/dice.ts';
import type { Provider } from './provider.ts';
import type { Timeline } from './timeline.ts';

/** A message is written, read and deleted. */
const OPERATIONS_A_MESSAGE = 3;

export type JobPlan = {
  name: string;
  photos: number;
  /** When it is executed, from the beginning of the simulation. */
  atMs: number;
  /** A photo that kills whoever works on it. */
  poisoned?: number;
};

export type Surroundings = {
  timeline: Timeline;
  provider: Provider;
  settings: JobSettings;
  dice: Dice;
  /** How long a message is on its way until it is signed, and how long a call of the provider takes; milliseconds. */
  queueMs: number;
  callMs: number;
};

/** Milliseconds from its execution, and counts. */
export type JobFacts = {
  name: string;
  photos: number;
  firstMs: number | null;
  allMs: number | null;
  failed: number[];
  runs: number;
  queueOperations: number;
  refusals: number;
  toldWaiting: boolean;
  /** What was told to be left, and what was, at each report of the second half. */
  etas: Eta[];
};
/** Milliseconds; `toldMs` is null where nothing was told. */
export type Eta = { toldMs: number | null; cameMs: number };

export class SimulatedJob {
  readonly #plan: JobPlan;
  readonly #around: Surroundings;
  readonly #executedAt: number;
  #job: JobState | null = null;
  #alarm: number | null = null;
  #awake = false;
  #firstAt: number | null = null;
  #messages = 0;
  #refusals = 0;
  #toldWaiting = false;
  readonly #etas: { at: number; toldMs: number | null }[] = [];

  constructor(jobPlan: JobPlan, around: Surroundings) {
    this.#plan = jobPlan;
    this.#around = around;
    this.#executedAt = around.timeline.now + jobPlan.atMs;
    around.timeline.at(this.#executedAt, () => this.#begin());
  }

  get isOver(): boolean {
    return this.#job !== null && hasEnded(this.#job);
  }

  facts(): JobFacts {
    const job = this.#state();
    const since = (time: number | null) => (time === null ? null : time - this.#executedAt);
    return {
      name: this.#plan.name,
      photos: this.#plan.photos,
      firstMs: since(this.#firstAt),
      allMs: since(job.endedAt),
      failed: job.photos.flatMap((_, idx) => ((job.failed >> BigInt(idx)) & 1n ? [idx] : [])),
      runs: job.attempt,
      queueOperations: this.#messages * OPERATIONS_A_MESSAGE,
      refusals: this.#refusals,
      toldWaiting: this.#toldWaiting,
      etas: this.#etas.map(({ at, toldMs }) => ({ toldMs, cameMs: (job.endedAt ?? Number.POSITIVE_INFINITY) - at })),
    };
  }

  #begin(): void {
    const { timeline, settings } = this.#around;
    const { name, photos } = this.#plan;
    const { now } = timeline;
    const photo = { contentType: 'image/jpeg', bytes: 1 } as const;
    const command = {
      jobId: name,
      userId: 'user',
      preset: 'interior',
      photos: Array.from({ length: photos }, () => photo),
      source: null,
    } as const;
    const found = new Map(command.photos.map((one, idx) => [idx, one]));
    const choice = { concepts: { Floor: { action: 'recolor', value: 'oak' } } } as const;
    this.#commit(create(null, { ...command, photos: [...command.photos] }, now, settings));
    this.#commit(confirmUpload(this.#state(), found, now, settings));
    const order = { choice, rule: null, callbackBase: 'https://api.test', idempotencyKey: null };
    this.#commit(execute(this.#state(), order, now, settings));
    this.#perform();
  }

  #state(): JobState {
    if (this.#job === null) throw new Error(`${this.#plan.name} has not begun`);
    return this.#job;
  }

  #commit<T>(decision: Decision<T>): T {
    if (!decision.ok) throw new Error(`${this.#plan.name}: ${decision.refusal.message}`);
    const { timeline, settings } = this.#around;
    const job = plan(decision.job, timeline.now, settings);
    this.#job = job;
    if (isWaiting(job)) this.#toldWaiting = true;
    if (!hasEnded(job)) this.#wakeBy(nextAlarm(job, timeline.now, settings));
    return decision.reply;
  }

  #wakeBy(time: number | null): void {
    if (time === null || (this.#alarm !== null && this.#alarm <= time)) return;
    this.#alarm = time;
    this.#around.timeline.at(time, () => {
      if (this.#alarm === time) this.#wake();
    });
  }

  #wake(): void {
    this.#alarm = null;
    if (this.isOver || this.#awake) return;
    this.#awake = true;
    const { timeline, provider, settings, callMs } = this.#around;
    const due = timeout(this.#state(), timeline.now, settings);
    if (due.kind === 'decided') this.#commit(due.decision);
    if (due.kind === 'none') this.#commit(decided(this.#state(), null));
    if (due.kind !== 'runs') {
      this.#sleep();
      return;
    }
    timeline.after(callMs, () => {
      for (const run of due.runs) {
        const asked = canBeAsked(run) && run.providerId !== null ? provider.status(run.providerId) : undefined;
        const report: RunReport = asked ?? { status: 'unknown' };
        this.#commit(hear(this.#state(), run.attempt, report, timeline.now, settings));
      }
      this.#sleep();
    });
  }

  #sleep(): void {
    const { timeline, settings } = this.#around;
    this.#perform();
    const job = this.#state();
    this.#awake = false;
    if (dueEffects(job, timeline.now).includes('offer')) this.#carry(unsentRun(job)?.attempt);
    else if (!hasEnded(job)) this.#wakeBy(Math.max(timeline.now, Math.min(...dueTimes(job, timeline.now, settings))));
  }

  /** What a call tries at once. */
  #perform(): void {
    const tried = new Set<EffectName>();
    for (;;) {
      const due = dueEffects(this.#state(), this.#around.timeline.now);
      const next = owedEffects(this.#state()).find(
        ({ name, tries }) => name !== 'offer' && !tried.has(name) && (tries === 0 || due.includes(name)),
      );
      if (next === undefined) return;
      tried.add(next.name);
      this.#effect(next.name);
    }
  }

  #effect(name: EffectName): void {
    const { timeline, provider, settings, queueMs } = this.#around;
    const job = this.#state();
    if (name === 'verify') {
      const look = { results: all(job.photos.length), previews: all(job.photos.length), reasons: new Map() };
      this.#commit(verified(job, look, timeline.now, settings));
      return;
    }
    if (name === 'cancelRuns') {
      const ids = job.effects.cancelRuns?.providerIds ?? [];
      for (const id of ids) provider.cancel(id);
      this.#commit(runsStopped(job, ids, timeline.now));
      return;
    }
    if (name === 'send') {
      const attempt = unsentRun(job)?.attempt;
      this.#messages++;
      timeline.after(queueMs, () => this.#carry(attempt));
    }
    this.#commit(effectDone(job, name));
  }

  /** Claims the run, sends it, and hears what the provider answers. */
  #carry(attempt: number | undefined): void {
    if (attempt === undefined) return;
    const { timeline, provider, settings, dice, callMs } = this.#around;
    const claim = this.#commit(beginDispatch(this.#state(), attempt, timeline.now, settings));
    if (!claim.go) return;
    const order = {
      photos: claim.open,
      kills: (photo: number) => photo === this.#plan.poisoned,
      report: (photos: number[]) => this.#report(photos, attempt),
    };
    timeline.after(callMs / 2, () => {
      const id = provider.take(order);
      timeline.after(callMs / 2, () => {
        const { now } = timeline;
        if (id !== null) this.#commit(confirmDispatch(this.#state(), attempt, id, now));
        else {
          this.#refusals++;
          const random = dice.draw('wait', this.#plan.name, this.#refusals);
          this.#commit(refuseDispatch(this.#state(), attempt, '429', now, random, settings));
        }
        this.#perform();
      });
    });
  }

  #report(photos: number[], attempt: number): void {
    const { timeline, settings } = this.#around;
    const results = photos.map((idx): CallbackResult => ({ idx, status: 'done', attempt }));
    const before = count(this.#state().done);
    this.#commit(applyResults(this.#state(), results, timeline.now, settings));
    if (count(this.#state().done) > before) this.#firstAt ??= timeline.now;
    const { done, failed, total } = progressOf(this.#state());
    if (2 * (done + failed) >= total && done + failed < total) {
      this.#etas.push({ at: timeline.now, toldMs: etaMs(this.#state(), timeline.now) });
    }
    this.#perform();
  }
}
