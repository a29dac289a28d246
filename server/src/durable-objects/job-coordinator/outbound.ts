/** What each effect does outside. Each is safe to repeat, and throws when it has to be tried again. */
import { firstOf } from '../../domain/bitmap.ts';
import { runsStopped } from '../../domain/job/dispatch.ts';
import { settled, verified } from '../../domain/job/ending.ts';
import { NOTHING_FOUND } from '../../domain/job/look.ts';
import { queueMessageOf } from '../../domain/job/message.ts';
import { unsentRun } from '../../domain/job/runs.ts';
import { decided, type JobState, progressOf, type Run, sentPhotos, unansweredPhotos } from '../../domain/job/state.ts';
import { effectDone } from '../../domain/job/timing.ts';
import type { Settle } from '../../domain/ledger.ts';
import { carry, type RunCalls } from '../../gpu/send.ts';
import { failure } from '../../log.ts';
import type { EffectHandlers } from './effects.ts';
import type { JobPorts } from './ports.ts';
import type { JobShell } from './shell.ts';

type OutboundPorts = Pick<JobPorts, 'clock' | 'limits' | 'log' | 'outside'> &
  Pick<JobPorts['store'], 'errors'> &
  Pick<JobShell, 'apply'> & { gpu(): RunCalls };

/** @param cleanUp what deletes the job's objects */
export function handlersOf(ports: OutboundPorts, cleanUp: (job: JobState) => Promise<void>): EffectHandlers {
  const outbound = new Outbound(ports);
  return {
    verify: (job) => outbound.verify(job),
    settle: (job) => outbound.settle(job),
    freeSlot: (job) => outbound.freeSlot(job),
    unsent: (job) => outbound.unsent(job),
    send: (job) => outbound.send(job),
    offer: (job) => outbound.offer(job),
    flush: (job) => outbound.flush(job),
    cancelRuns: (job) => outbound.cancelRuns(job),
    cleanUp,
  };
}

class Outbound {
  readonly #ports: OutboundPorts;

  constructor(ports: OutboundPorts) {
    this.#ports = ports;
  }

  async verify(job: JobState): Promise<void> {
    const look = job.done === 0n ? NOTHING_FOUND : await this.#ports.outside.photos.look(job, job.done);
    this.#ports.apply((current, now, settings) => verified(current, look, now, settings));
  }

  /** Settles and, as that usually goes well, writes history at once: one saved state for both. */
  async settle(job: JobState): Promise<void> {
    const { log, outside } = this.#ports;
    const reply = await outside.user(job.userId).settle(settleOf(job, this.#ports.clock.now()));
    if (!reply.ok) throw new Error(`settling was refused: ${reply.refusal.code}`);
    const ledger = reply.value;
    try {
      await this.#writeHistory(job, ledger);
      this.#ports.apply((current) => effectDone(current, 'settle'));
    } catch (error) {
      this.#ports.apply((current, now, settings) => settled(current, ledger.credits, ledger.version, now, settings));
      log('warn', 'effect.failed', { effect: 'flush', jobId: job.jobId, userId: job.userId, ...failure(error) });
    }
  }

  async freeSlot({ userId, jobId }: JobState): Promise<void> {
    await this.#ports.outside.user(userId).freeSlot(jobId);
    this.#ports.apply((current) => effectDone(current, 'freeSlot'));
  }

  /** What is about to settle may have been told the old number already: it is put right after that. */
  async unsent(job: JobState): Promise<void> {
    if (job.effects.settle !== undefined) throw new Error('the job has yet to settle');
    await this.#ports.outside.user(job.userId).unsent(job.jobId, sentPhotos(job));
    this.#ports.apply((current) => effectDone(current, 'unsent'));
  }

  async flush(job: JobState): Promise<void> {
    const ledger = job.effects.flush;
    if (ledger === undefined) return;
    await this.#writeHistory(job, ledger);
    this.#ports.apply((current) => effectDone(current, 'flush'));
  }

  #writeHistory(job: JobState, { credits, version }: { credits: number; version: number }): Promise<void> {
    return this.#ports.outside.history.write(job, this.#ports.errors(), { credits, version });
  }

  async send(job: JobState): Promise<void> {
    const run = unsentRun(job);
    if (run !== undefined) await this.#ports.outside.send(this.#messageOf(job, run));
    // A consumer that was quicker than this answer has cleared it already; a later run has its own.
    this.#ports.apply((current) =>
      current.effects.send !== undefined && unsentRun(current)?.attempt === run?.attempt
        ? effectDone(current, 'send')
        : decided(current, null),
    );
  }

  /** Its claim is what clears it. */
  async offer(job: JobState): Promise<void> {
    const run = unsentRun(job);
    if (run === undefined) return;
    const message = this.#messageOf(job, run);
    await carry(message, this.#ports.outside.prepare(message, this.#ports.clock.now()), this.#ports.gpu());
  }

  #messageOf(job: JobState, run: Run) {
    return queueMessageOf(job, run, this.#ports.limits().batchConcurrency);
  }

  async cancelRuns(job: JobState): Promise<void> {
    const provider = this.#ports.outside.provider();
    const providerIds = job.effects.cancelRuns?.providerIds ?? [];
    // Side by side: the time limit is that of one call, and a run that cannot be reached holds up no other.
    const answers = await Promise.allSettled(providerIds.map((providerId) => provider?.cancel(providerId)));
    const stopped = providerIds.filter((_, at) => answers[at]?.status === 'fulfilled');
    if (stopped.length > 0) this.#ports.apply((current, now) => runsStopped(current, stopped, now));
    const lost = answers.find((answer) => answer.status === 'rejected');
    if (lost !== undefined) throw lost.reason;
  }
}

function settleOf(job: JobState, now: number): Settle {
  const { jobId, charged, status, photos, preset, createdAt } = job;
  if (charged === null) throw new Error('nothing to settle yet');
  if (status !== 'done' && status !== 'failed' && status !== 'canceled') throw new Error('the job has not ended');
  return {
    jobId,
    charged,
    outcome: { status, done: charged, failed: photos.length - charged },
    sent: sentPhotos(job),
    unsure: unansweredPhotos(job),
    ended: { ...progressOf(job), status, preset, createdAt, endedAt: job.endedAt ?? now, cover: firstOf(job.previews) },
  };
}
