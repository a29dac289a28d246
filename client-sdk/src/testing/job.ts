/**
 * One job of the test server. As on the real one: load, let domain/ decide, save, then see to what is owed outside. Here nothing
 * outside can fail, so everything owed is done in the same turn.
 */
import type { CallbackOutcome, CallbackResult } from '../../../server/src/contract/callback.ts';
import { outputTypeOf } from '../../../server/src/contract/gpu-message.ts';
import { has, indexesOf, of } from '../../../server/src/domain/bitmap.ts';
import { beginDispatch, confirmDispatch, endLease } from '../../../server/src/domain/job/dispatch.ts';
import { verified } from '../../../server/src/domain/job/ending.ts';
import { isPicture, isPreview, judge, type Look, NO_PICTURE } from '../../../server/src/domain/job/look.ts';
import { queueMessageOf } from '../../../server/src/domain/job/message.ts';
import { cleanedUp, giveBack, giveUpInputs, needsInputsUntil } from '../../../server/src/domain/job/removal.ts';
import { applyResults } from '../../../server/src/domain/job/results.ts';
import {
  type Decided,
  type Decision,
  type EffectName,
  hasRun,
  type JobSettings,
  type JobState,
  sentPhotos,
} from '../../../server/src/domain/job/state.ts';
import type { LogRow } from '../../../server/src/domain/job/telling.ts';
import {
  cleanUpAt,
  effectDone,
  goesAt,
  goneAt,
  nextAlarm,
  owedEffects,
  timeout,
} from '../../../server/src/domain/job/timing.ts';
import type { Found } from '../../../server/src/domain/job/uploads.ts';
import { indexOfKey, inputPrefix, outputKey, previewKey, producedPrefixes } from '../../../server/src/domain/keys.ts';
import { formatOf } from '../../../server/src/domain/presets.ts';
import { ok, type Result } from '../../../server/src/domain/result.ts';
import type { Surroundings } from './surroundings.ts';
import { Watchers } from './watchers.ts';

/** Photos that the GPU worker is told to work on at once. */
const BATCH_CONCURRENCY = 4;

export class TestJob {
  state: JobState;
  readonly watchers: Watchers;
  /** The rows of its log, numbered from 1. */
  readonly log: LogRow[] = [];
  readonly #world: Surroundings;
  #disarm = () => {};

  constructor(world: Surroundings, state: JobState) {
    this.#world = world;
    this.state = state;
    this.watchers = new Watchers(world, this);
    this.#settle();
  }

  /** Runs a decision on the job as it stands, saves it, and does what follows from it. */
  apply<T>(decide: (job: JobState, now: number, settings: JobSettings) => Decision<T>): Result<T> {
    const decision = decide(this.state, this.#world.clock.now(), this.#world.settings);
    if (!decision.ok) return decision;
    this.#save(decision);
    this.#settle();
    this.watchers.wake();
    return ok(decision.reply);
  }

  report(results: CallbackResult[]): Result<CallbackOutcome[]> {
    return this.apply((job, now, settings) => applyResults(job, results, now, settings));
  }

  /** Why photos failed, by index. */
  get errors(): Map<number, string> {
    const found = new Map<number, string>();
    for (const { event } of this.log) {
      if (event.type === 'late') continue;
      for (const { idx, status, error } of event.items) if (status === 'failed') found.set(idx, error ?? 'failed');
    }
    return found;
  }

  /** What lies in storage of its photos. */
  get uploaded(): Map<number, Found> {
    const { storage } = this.#world;
    const found = new Map<number, Found>();
    for (const key of storage.keysUnder(inputPrefix(this.state))) {
      const object = storage.get(key);
      if (object !== null) {
        found.set(indexOfKey(key) ?? -1, { bytes: object.bytes.byteLength, contentType: object.type });
      }
    }
    return found;
  }

  /** Does what the job owes, then waits for what is due next. */
  #settle(): void {
    for (let owed = this.#owed(); owed !== undefined; owed = this.#owed()) this.#do(owed);
    this.#disarm();
    const due = nextAlarm(this.state, this.#world.clock.now(), this.#world.settings);
    if (due !== null) this.#disarm = this.#world.clock.at(due, () => this.#wake());
  }

  #owed(): EffectName | undefined {
    const { state } = this;
    return owedEffects(state)[0]?.name;
  }

  #do(name: EffectName): void {
    if (name === 'verify') this.#verify();
    else if (name === 'cleanUp') this.#cleanUp();
    else {
      const { attempt, jobId } = this.state;
      const { clock, gpu } = this.#world;
      if (name === 'settle') this.#charge();
      else if (name === 'send') clock.at(clock.now(), () => this.#dispatch(attempt));
      else if (name === 'cancelRuns') gpu.stop(jobId);
      // Of `flush` there is nothing to do: history is the jobs themselves here.
      this.#save(effectDone(this.state, name));
    }
  }

  #save({ job, events }: Decided<unknown>): void {
    this.state = job;
    for (const event of events) this.log.push({ row: this.log.length + 1, event });
  }

  /** The photos whose result lies in storage are charged. */
  #verify(): void {
    const { clock, settings } = this.#world;
    this.#save(verified(this.state, this.#look(), clock.now(), settings));
  }

  #look(): Look {
    const { storage } = this.#world;
    const { state } = this;
    const asked = outputTypeOf(formatOf(state.choice ?? {}));
    const reasons = new Map<number, string>();
    const isResult = (idx: number): boolean => {
      const object = storage.get(outputKey(state, idx));
      if (object === null) return false;
      const verdict = judge({ bytes: object.bytes.byteLength, type: object.type }, asked);
      if (verdict.kind === 'none') reasons.set(idx, verdict.reason);
      if (verdict.kind !== 'unclear') return verdict.kind === 'result';
      if (!isPicture(object.bytes)) reasons.set(idx, NO_PICTURE);
      return isPicture(object.bytes);
    };
    const hasPreview = (idx: number): boolean => {
      const object = storage.get(previewKey(state, idx));
      return object !== null && isPreview({ bytes: object.bytes.byteLength, type: object.type });
    };
    const done = indexesOf(state.done);
    return { results: of(done.filter(isResult)), previews: of(done.filter(hasPreview)), reasons };
  }

  #charge(): void {
    const { status, charged, endedAt, jobId, userId, photos } = this.state;
    const ended = status === 'done' || status === 'failed' || status === 'canceled';
    if (!ended || charged === null || endedAt === null) throw new Error(`a job that is ${status} is not to be charged`);
    const outcome = { status, done: charged, failed: photos.length - charged };
    this.#world.accounts
      .get(userId)
      ?.settle({ jobId, charged, outcome, sent: sentPhotos(this.state) }, endedAt, this.#world.clock.now());
  }

  #dispatch(attempt: number): void {
    const claim = this.apply((job, now, settings) => beginDispatch(job, attempt, now, settings));
    if (!claim.ok || !claim.value.go) return;
    const message = queueMessageOf(this.state, BATCH_CONCURRENCY);
    this.apply((job, now) => confirmDispatch(job, attempt, `run-${message.idempotency_prefix}`, now));
    this.#world.gpu.take(message);
  }

  #wake(): void {
    const { clock, settings } = this.#world;
    const due = timeout(this.state, clock.now(), settings);
    if (due.kind === 'decided') this.apply(() => due.decision);
    else if (due.kind === 'ask-provider') this.apply((job, now, rest) => endLease(job, 'unknown', now, rest));
    const now = clock.now();
    if ((cleanUpAt(this.state, settings) ?? Number.POSITIVE_INFINITY) <= now) {
      this.state = { ...this.state, effects: { ...this.state.effects, cleanUp: { tries: 0, due: now } } };
    }
    this.#settle();
  }

  #cleanUp(): void {
    const { clock, settings } = this.#world;
    const { state } = this;
    const now = clock.now();
    if (hasRun(state) && now < goesAt(state, settings)) {
      this.#remove(producedPrefixes(state), (key) => has(state.done, indexOfKey(key) ?? -1));
      this.#save(cleanedUp(state, state));
      return;
    }
    this.#remove(producedPrefixes(state));
    if (state.source !== null) this.#world.jobs.get(state.source.jobId)?.apply((job) => giveBack(job, state.jobId));
    else if (!this.#giveUpInputs(now)) return;
    this.#save(cleanedUp(this.state, state));
    // After its last look nothing is left to do, and nothing to wake for.
    if (now >= goneAt(state, settings)) this.state = { ...this.state, putsExpireAt: Number.MAX_SAFE_INTEGER };
  }

  /** False while a job that was made from these photos needs them. */
  #giveUpInputs(now: number): boolean {
    const { jobs, settings } = this.#world;
    const needs = (id: string): number | null => {
      const job = jobs.get(id);
      return job === undefined ? null : needsInputsUntil(job.state, now, settings);
    };
    const given = giveUpInputs(this.state, new Map(this.state.dependents.map((id) => [id, needs(id)])), now);
    if (given.reply === 'needed') {
      this.#save(cleanedUp(given.job, given.job));
      return false;
    }
    this.#save(given);
    this.#remove([inputPrefix(this.state)]);
    return true;
  }

  #remove(prefixes: string[], keep: (key: string) => boolean = () => false): void {
    const { storage } = this.#world;
    for (const key of prefixes.flatMap((prefix) => storage.keysUnder(prefix))) if (!keep(key)) storage.delete(key);
  }
}
