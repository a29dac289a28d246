/** What the GPU's side tells a job: results, and what became of a dispatch. Authenticated by the caller. */
import type { CallbackAnswer, CallbackOutcome, CallbackResult } from '../../contract/callback.ts';
import {
  beginDispatch,
  type Claim,
  confirmDispatch,
  deadLetter,
  refuseDispatch,
  rejectDispatch,
} from '../../domain/job/dispatch.ts';
import { applyResults, replayed } from '../../domain/job/results.ts';
import type { EffectName } from '../../domain/job/state.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Effects } from './effects.ts';
import { notFound } from './owner-calls.ts';
import type { JobPorts } from './ports.ts';
import type { Replays } from './replays.ts';
import type { JobShell } from './shell.ts';

/** What is tried before a refusal is answered: it may come after the job was settled. */
const UNSENT: ReadonlySet<EffectName> = new Set(['unsent']);

type GpuPorts = Pick<JobPorts, 'jobId' | 'log' | 'clock'> & {
  shell: Pick<JobShell, 'now' | 'settings' | 'job' | 'apply'>;
  effects: Pick<Effects, 'perform'>;
  replays: Replays;
};

export class GpuCalls {
  readonly #ports: GpuPorts;

  constructor(ports: GpuPorts) {
    this.#ports = ports;
  }

  async report(
    requestId: string,
    results: CallbackResult[],
    isBatch: boolean | undefined,
    webhookId: string | null,
  ): Promise<Result<CallbackAnswer>> {
    const { jobId, log, shell, replays } = this.#ports;
    const before = shell.job();
    if (before !== null && webhookId !== null) {
      if (replays.isReplay(webhookId, shell.now())) return ok({ status: before.status, items: replayed(results) });
      const unsure = replays.unsureUntil(before, shell.now(), shell.settings);
      if (unsure !== null) {
        const retryAfterSeconds = Math.ceil((unsure - shell.now()) / 1000);
        const message = 'too many signed callbacks came before the job was at work: sign again after that time';
        return refuse('RATE_LIMITED', message, { retryAfterSeconds });
      }
    }
    const taken = this.take(results, isBatch, webhookId);
    if (!taken.ok) return taken;
    if (webhookId !== null) replays.note(webhookId, shell.now());
    await this.follow(requestId);
    const job = shell.job();
    const late = taken.value.filter(({ outcome }) => outcome === 'ignored').length;
    if (late > 0) log('info', 'callback.late', { jobId, requestId, photos: late });
    return job === null ? notFound() : ok({ status: job.status, items: taken.value });
  }

  /** Takes results in this turn. What is owed for them outside is left to {@link follow}. */
  take(results: CallbackResult[], isBatch?: boolean, webhookId: string | null = null): Result<CallbackOutcome[]> {
    const applied = this.#ports.shell.apply((job, now, settings) =>
      applyResults(job, results, now, settings, isBatch, webhookId),
    );
    return applied ?? notFound();
  }

  /** Tries what results have left to do. */
  follow(requestId: string): Promise<void> {
    return this.#ports.effects.perform(requestId, 'fresh');
  }

  beginDispatch(attempt: number, signedUntil?: number, message?: readonly number[]): Claim {
    const claim = this.#ports.shell.apply((job, now, settings) =>
      beginDispatch(job, attempt, now, settings, signedUntil, message),
    );
    return claim?.ok ? claim.value : { go: false, reason: 'job is not waiting' };
  }

  async confirmDispatch(attempt: number, providerId: string | null): Promise<void> {
    this.#ports.shell.apply((job, now) => confirmDispatch(job, attempt, providerId, now));
    await this.#ports.effects.perform('dispatch', 'fresh');
  }

  /** @param said nothing, by a consumer of the release before */
  async refuseDispatch(attempt: number, said = ''): Promise<void> {
    const { shell, effects, clock } = this.#ports;
    shell.apply((job, now, settings) => refuseDispatch(job, attempt, said, now, clock.random(), settings));
    await effects.perform('dispatch', 'fresh', UNSENT);
  }

  async rejectDispatch(attempt: number, said: string): Promise<void> {
    const { shell, effects, clock } = this.#ports;
    shell.apply((job, now, settings) => rejectDispatch(job, attempt, said, now, clock.random(), settings));
    await effects.perform('dispatch', 'fresh');
  }

  async deadLetter(attempt: number): Promise<{ sentAgain: boolean }> {
    const { shell, clock } = this.#ports;
    const applied = shell.apply((job, now, settings) => deadLetter(job, attempt, now, clock.random(), settings));
    return applied?.ok ? applied.value : { sentAgain: false };
  }
}
