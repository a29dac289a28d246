/** One run of the fake GPU worker, as it goes at its provider: uploads a small result for each photo and calls back, as badly as its fate says. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DispatchItem, DispatchMessage } from '../../../server/src/contract/gpu-message.ts';
import { bodyOf, resultOf, type Said } from '../../world/gpu.ts';
import type { Dice } from '../dice.ts';
import { type Failure, insist } from '../insist.ts';
import type { Pictures } from '../photos.ts';
import { LEASE_MS } from '../settings.ts';
import type { Tally } from '../tally.ts';
import { type PlannedCallback, photoError, planCallbacks, type RunFate, runFate } from './fates.ts';
import type { Reports, Verdict } from './reports.ts';

/** A restart takes a few seconds; a callback that is not taken for so long is given up. */
const CALLBACK_LIMIT_MS = 120_000;
const UPLOAD_LIMIT_MS = 60_000;

export type GpuDeps = {
  dice: Dice;
  tally: Tally;
  reports: Reports;
  pictures: Pictures;
  /** Position of the job in the plan. */
  ordinalOf(jobId: string): number;
  /** Whether the stack is down, or was a moment ago: then failed calls are no surprise. */
  disturbed(): boolean;
};

export class Run {
  readonly id = crypto.randomUUID();
  /** Resolves when nothing of this run is under way any more; never rejects. */
  readonly over: Promise<void>;
  readonly #deps: GpuDeps;
  readonly #message: DispatchMessage;
  readonly #ordinal: number;
  readonly #items: Map<number, DispatchItem>;
  readonly #fate: RunFate;
  #status: 'IN_QUEUE' | 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'CANCELLED' = 'IN_QUEUE';
  #asked = 0;

  constructor(message: DispatchMessage, deps: GpuDeps) {
    this.#deps = deps;
    this.#message = message;
    this.#ordinal = deps.ordinalOf(message.job_id);
    this.#items = new Map(message.items.map((item) => [item.idx, item]));
    this.#fate = runFate(deps.dice, this.#ordinal, message.attempt);
    this.over = this.#work().catch((error: unknown) => {
      deps.tally.problem('the fake GPU worker failed', error instanceof Error ? error.stack : String(error));
    });
  }

  get status(): string {
    this.#asked++;
    return this.#fate.course === 'stalls' && this.#status === 'IN_PROGRESS' ? 'COMPLETED' : this.#status;
  }

  /** Whether the provider does not know it any more; of some it never did. */
  get isForgotten(): boolean {
    return this.#fate.course === 'forgotten' && (this.#asked > 0 || this.#message.attempt % 2 === 0);
  }

  get error(): string | null {
    return this.#status === 'FAILED' ? 'CUDA out of memory' : null;
  }

  get #stopped(): boolean {
    return this.#status === 'CANCELLED' || this.#status === 'FAILED';
  }

  cancel(): void {
    const isUnderWay = this.#status === 'IN_QUEUE' || this.#status === 'IN_PROGRESS';
    if (this.#fate.obeysCancel && isUnderWay) this.#status = 'CANCELLED';
  }

  async #work(): Promise<void> {
    const { dice, tally } = this.#deps;
    const { course } = this.#fate;
    if (course === 'forgotten') return tally.add('runsForgotten');
    if (course === 'queued') {
      tally.add('runsQueued');
      await sleep(LEASE_MS * 1.5);
    }
    if (this.#stopped) return;
    this.#status = 'IN_PROGRESS';
    const all = planCallbacks(dice, this.#ordinal, this.#message.attempt, [...this.#items.keys()]);
    const planned = course === 'fails' || course === 'complete' ? all.slice(0, Math.floor(all.length / 2)) : all;
    await Promise.all(planned.map((callback, at) => this.#report(callback, at)));
    if (course === 'twice') {
      tally.add('runsTwice');
      await Promise.all(planned.map((callback, at) => this.#report(callback, at)));
    }
    if (course === 'fails') tally.add('runsFailed');
    if (course === 'complete') tally.add('runsComplete');
    if (this.#status === 'IN_PROGRESS') this.#status = course === 'fails' ? 'FAILED' : 'COMPLETED';
  }

  async #report(planned: PlannedCallback, at: number): Promise<void> {
    const { tally } = this.#deps;
    // The results are there in time, as the URLs end with the attempt; only the news of them is late.
    await sleep(planned.delay);
    if (this.#stopped) return;
    if (planned.drop === 'undone') return tally.add('drops');
    const uploaded = await Promise.all(planned.idxs.map((idx) => this.#upload(idx, planned.withPreview)));
    const idxs = planned.idxs.filter((_, n) => uploaded[n]);
    if (planned.drop === 'unsent') return tally.add('drops');
    if (this.#fate.course === 'stalls') await sleep(LEASE_MS * 1.3);
    if (idxs.length === 0 || this.#stopped) return;
    if (this.#fate.course === 'stalls') tally.add('lateCallbacks');
    tally.add('callbacks');
    const said = new Map(idxs.map((idx) => [idx, this.#verdictOn(idx)]));
    const key = `${this.#message.idempotency_prefix}:${at}`;
    await Promise.all([this.#send(planned, said, key), this.#sendAgain(planned, said, key)]);
  }

  async #sendAgain(planned: PlannedCallback, said: ReadonlyMap<number, Verdict>, key: string): Promise<void> {
    const { tally } = this.#deps;
    if (planned.again === null) return;
    await sleep(planned.again);
    tally.add('callbacks');
    tally.add('duplicates');
    if (!planned.contradicts) return this.#send(planned, said, key);
    tally.add('contradictions');
    const opposite = new Map([...said].map(([idx, verdict]) => [idx, verdict === 'done' ? 'failed' : 'done'] as const));
    // A photo called done has to lie there, or it is rightly not charged.
    const there = await Promise.all([...opposite].map(([idx, verdict]) => verdict === 'failed' || this.#put(idx)));
    if (there.every(Boolean)) await this.#send({ ...planned, form: 'batch' }, opposite, `${key}:again`);
  }

  #verdictOn(idx: number): Verdict {
    return photoError(this.#deps.dice, this.#ordinal, idx) === null ? 'done' : 'failed';
  }

  async #upload(idx: number, withPreview: boolean): Promise<boolean> {
    if (this.#verdictOn(idx) === 'failed') return true;
    if (!(await this.#put(idx))) return false;
    this.#deps.tally.add('results');
    const url = this.#items.get(idx)?.preview_url;
    return !withPreview || url === undefined || this.#putObject(url, 'image/jpeg', this.#deps.pictures.preview);
  }

  #put(idx: number): Promise<boolean> {
    const url = this.#items.get(idx)?.output_url;
    return url === undefined
      ? Promise.resolve(false)
      : this.#putObject(url, this.#message.output_type, this.#deps.pictures.result);
  }

  async #putObject(url: string, type: string, data: Buffer): Promise<boolean> {
    const init = { method: 'PUT', headers: { 'content-type': type }, body: new Uint8Array(data) };
    const answer = await insist(url, init, UPLOAD_LIMIT_MS, (failure) => this.#onRetry('an upload', failure));
    // 403: the URL has ended with the attempt.
    if (answer !== null && answer.status !== 200 && answer.status !== 403) {
      this.#deps.tally.problem(`a result's upload was answered ${answer.status}`, answer.body.slice(0, 300));
    }
    return answer?.status === 200;
  }

  async #send(planned: PlannedCallback, said: ReadonlyMap<number, Verdict>, key: string): Promise<void> {
    const { tally, reports } = this.#deps;
    const results = [...said].flatMap(([idx, status]) => {
      const item = this.#items.get(idx);
      const error = photoError(this.#deps.dice, this.#ordinal, idx) ?? 'the second thought of a fake GPU worker';
      return item === undefined ? [] : [this.#resultOf(item, { status, error, preview: planned.withPreview })];
    });
    const init = {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${this.#message.callback_token}`,
        'idempotency-key': key,
      },
      body: JSON.stringify(bodyOf(results, planned.form === 'batch')),
    };
    const { callback_url, job_id } = this.#message;
    const { names } = this.#fate;
    if (names === 'nothing') tally.add('unnamed');
    const url = names === 'nothing' ? callback_url.replace(/\?.*$/, '') : callback_url;
    const answer = await insist(url, init, CALLBACK_LIMIT_MS, (failure) => this.#onRetry('a callback', failure));
    if (answer?.status === 200) reports.take(job_id, said, answer.body);
    else tally.problem(`a callback was answered ${answer?.status ?? 'never'}`, `${job_id} ${answer?.body ?? ''}`);
  }

  /** What is said of a photo, in the body of a callback. */
  #resultOf(item: DispatchItem, said: Omit<Said, 'attempt'>): object {
    const { attempt, ...result } = resultOf(item, { ...said, attempt: this.#message.attempt });
    return this.#fate.names === 'all' ? { ...result, attempt } : result;
  }

  #onRetry(what: string, failure: Failure): void {
    this.#deps.tally.add('callbackRetries');
    if (!this.#deps.disturbed()) this.#deps.tally.failed(what, failure);
  }
}
