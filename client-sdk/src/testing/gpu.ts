/** The GPU worker of the test server, scripted: it takes every message and does what it is told to. */
import type { CallbackResult } from '../../../server/src/contract/callback.ts';
import { outputTypeOf, type QueueMessage } from '../../../server/src/contract/gpu-message.ts';
import { indexesOf } from '../../../server/src/domain/bitmap.ts';
import { openItems } from '../../../server/src/domain/job/state.ts';
import { outputKey, previewKey } from '../../../server/src/domain/keys.ts';
import { formatOf } from '../../../server/src/domain/presets.ts';
import type { GpuMessage } from '../webhooks/message.ts';
import { PREVIEW, RESULTS } from './pictures.ts';
import type { JobPart, Surroundings } from './surroundings.ts';

/** One photo of a job. */
export interface GpuPhoto {
  jobId: string;
  /** Index of the photo, from 0. */
  idx: number;
}

/** What a GPU worker does by itself. */
export interface GpuScript {
  /** Milliseconds from one photo of a job to the next; 0 when left out. */
  delayMs?: number | undefined;
  /** The reason why a photo fails; undefined for one that is done. */
  fail?: ((photo: GpuPhoto) => string | undefined) | undefined;
}

/** What became of a result: taken, settled by an earlier one, or of no use because the job is not at work. */
export type GpuOutcome = 'accepted' | 'duplicate' | 'ignored';

/** The scripted GPU worker. */
export interface TestGpu {
  /** Every message that it was sent, one for each attempt of a job, without the signed URLs. */
  readonly messages: readonly GpuMessage[];
  /** Works through what it is sent, photo by photo, from now on. */
  auto(script?: GpuScript): void;
  /** Does nothing by itself from now on. */
  manual(): void;
  /** Reports that a photo is done, its result and preview in storage; all that are open when `idx` is left out. */
  done(jobId: string, idx?: number): GpuOutcome;
  /** Reports that a photo failed. */
  fail(jobId: string, idx: number, reason?: string): GpuOutcome;
}

export class ScriptedGpu implements TestGpu {
  readonly messages: GpuMessage[] = [];
  readonly #world: Surroundings;
  readonly #stops = new Map<string, (() => void)[]>();
  #script: GpuScript | null;

  constructor(world: Surroundings, script: GpuScript | null) {
    this.#world = world;
    this.#script = script;
  }

  auto(script: GpuScript = {}): void {
    this.#script = script;
  }

  manual(): void {
    this.#script = null;
  }

  done(jobId: string, idx?: number): GpuOutcome {
    const { state } = this.#job(jobId);
    const all = idx === undefined ? indexesOf(openItems(state)) : [idx];
    return all.map((one) => this.#report(jobId, one, undefined)).at(-1) ?? 'ignored';
  }

  fail(jobId: string, idx: number, reason = 'the GPU worker failed'): GpuOutcome {
    return this.#report(jobId, idx, reason);
  }

  /** A job is dispatched. */
  take(message: QueueMessage): void {
    this.messages.push(message);
    const script = this.#script;
    if (script === null) return;
    const { clock } = this.#world;
    const { job_id: jobId, attempt, idempotency_prefix: runId } = message;
    const stops = message.items.map(({ idx }, nth) =>
      clock.at(clock.now() + (script.delayMs ?? 0) * (nth + 1), () => {
        if (this.#world.jobs.get(jobId)?.state?.attempt === attempt)
          this.#report(jobId, idx, script.fail?.({ jobId, idx }));
      }),
    );
    this.#stops.set(runId, stops);
  }

  /** The run was canceled: what is left of it is not worked on. */
  stop(runId: string): void {
    for (const stop of this.#stops.get(runId) ?? []) stop();
    this.#stops.delete(runId);
  }

  #report(jobId: string, idx: number, error: string | undefined): GpuOutcome {
    const { job, state } = this.#job(jobId);
    const { attempt } = state;
    const current = attempt === 0 ? {} : { attempt };
    if (error !== undefined) return this.#take(job, { idx, status: 'failed', error, ...current });
    const { storage } = this.#world;
    const keys = { output_key: outputKey(state, idx), preview_key: previewKey(state, idx) };
    const format = formatOf(state.choice ?? {});
    storage.put(keys.output_key, RESULTS[format], outputTypeOf(format));
    storage.put(keys.preview_key, PREVIEW, 'image/jpeg');
    return this.#take(job, { idx, status: 'done', ...keys, ...current });
  }

  /** In this turn; what follows of it is under way then. */
  #take(job: JobPart, result: CallbackResult): GpuOutcome {
    const taken = job.gpu.take([result]);
    if (!taken.ok) throw new Error(`gpu: ${taken.refusal.message}`);
    this.#world.background(job.gpu.follow('gpu'));
    return taken.value[0]?.outcome ?? 'ignored';
  }

  #job(jobId: string) {
    const job = this.#world.jobs.get(jobId);
    const state = job?.state ?? null;
    if (job === undefined || state === null) throw new Error(`gpu: there is no job ${jobId}`);
    return { job, state };
  }
}
