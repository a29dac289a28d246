/** Deleting what a job left in R2, and in the end the job's own storage. Each step is safe to repeat. */
import { eraseJob } from '../../db/job-history.ts';
import { has } from '../../domain/bitmap.ts';
import { giveUpInputs, tidied } from '../../domain/job/removal.ts';
import type { JobState } from '../../domain/job/state.ts';
import { effectDone } from '../../domain/job/timing.ts';
import { allPrefixes, indexOfKey, inputPrefix, producedPrefixes } from '../../domain/keys.ts';
import { log } from '../../log.ts';
import { deleteUnder } from '../../storage/clean-up.ts';
import type { JobShell } from './shell.ts';

/** LIST and DELETE pairs in one wake-up. */
const BATCHES = 20;

export class CleanUp {
  readonly #shell: JobShell;

  constructor(shell: JobShell) {
    this.#shell = shell;
  }

  /** Throws while something is still needed or left, which tries again later. */
  async run(job: JobState): Promise<void> {
    const { settings } = this.#shell;
    const { settle, verify, flush } = job.effects;
    if (settle || verify || flush) throw new Error('history is not written yet');
    const now = Date.now();
    const retained = (job.endedAt ?? now) + settings.job.resultRetentionMs;
    if (job.deletedAt !== null) {
      // Rows first: the photos may have to wait for a job made from them, and nobody is to find this one meanwhile.
      await this.#shell.userOf(job).forgetJob(job.jobId);
      await eraseJob(this.#shell.env.DB, job.jobId);
      await this.#deleteAll(job);
    } else if (now >= retained) await this.#deleteAll(job);
    else return this.#tidy(job);
    // A signed PUT outlives its job, and is still good at the moment of its expiry: the last look comes after that.
    if (now > job.putsExpireAt) await this.#forget(job);
    else this.#shell.apply((current) => effectDone(current, 'cleanUp'));
  }

  async #tidy(job: JobState): Promise<void> {
    const { R2 } = this.#shell.env;
    const finished = (key: string) => has(job.done, indexOfKey(key) ?? -1);
    await this.#mustEmpty(deleteUnder(R2, producedPrefixes(job), finished, BATCHES));
    await this.#mustBeUnneeded(job);
    if (job.source === null) await this.#mustEmpty(deleteUnder(R2, [inputPrefix(job)], () => false, BATCHES));
    this.#shell.apply(tidied);
  }

  /** Inputs that a live job made from this one needs stay until it has ended. */
  async #deleteAll(job: JobState): Promise<void> {
    const { R2 } = this.#shell.env;
    const nothing = () => false;
    await this.#mustEmpty(deleteUnder(R2, producedPrefixes(job), nothing, BATCHES));
    await this.#mustBeUnneeded(job);
    await this.#mustEmpty(deleteUnder(R2, allPrefixes(job), nothing, BATCHES));
  }

  /** While jobs are asked, one more may be made from these photos: so who was asked is compared in the turn that closes the door. */
  async #mustBeUnneeded(job: JobState): Promise<void> {
    const { JOB_COORDINATOR } = this.#shell.env;
    for (const id of job.dependents) {
      const needed = await JOB_COORDINATOR.get(JOB_COORDINATOR.idFromString(id)).needsInputs();
      if (needed) throw new Error('a job made from these photos still needs them');
    }
    const given = this.#shell.apply((current) => giveUpInputs(current, job.dependents));
    if (given?.ok && !given.value) throw new Error('a job was made from these photos meanwhile');
  }

  async #mustEmpty(emptied: Promise<boolean>): Promise<void> {
    if (!(await emptied)) throw new Error('more objects are left than one wake-up deletes');
  }

  async #forget(job: JobState): Promise<void> {
    await this.#shell.forget();
    this.#shell.watchers.wake();
    log('info', 'job.forgotten', { jobId: job.jobId, userId: job.userId });
  }
}
