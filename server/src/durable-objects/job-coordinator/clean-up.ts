/** Deleting what a job left in R2, and in the end the job's own storage. Each step is safe to repeat. */
import { eraseJob } from '../../db/job-history.ts';
import { has } from '../../domain/bitmap.ts';
import { cleanedUp, giveUpInputs } from '../../domain/job/removal.ts';
import { hasRun, type JobState } from '../../domain/job/state.ts';
import { goesAt, goneAt } from '../../domain/job/timing.ts';
import { indexOfKey, inputPrefix, producedPrefixes } from '../../domain/keys.ts';
import { log } from '../../log.ts';
import { deleteUnder } from '../../storage/clean-up.ts';
import type { JobShell } from './shell.ts';

/** LIST and DELETE pairs in one wake-up. */
const BATCHES = 20;
/** Jobs that are asked at the same time whether they still need the photos. */
const ASKED_AT_ONCE = 10;

export class CleanUp {
  readonly #shell: JobShell;

  constructor(shell: JobShell) {
    this.#shell = shell;
  }

  /** Throws while something is left, which tries again later. */
  async run(job: JobState): Promise<void> {
    const { settings, env } = this.#shell;
    const { settle, verify, flush } = job.effects;
    if (settle || verify || flush) throw new Error('history is not written yet');
    // Rows first: the photos may have to wait for a job made from them, and nobody is to find this one meanwhile.
    if (job.deletedAt !== null) {
      await this.#shell.userOf(job).forgetJob(job.jobId);
      await eraseJob(env.DB, job.jobId);
    } else if (hasRun(job) && Date.now() < goesAt(job, settings.job)) return this.#tidy(job);
    if (!(await this.#deleteAll(job))) return;
    this.#shell.apply((current) => cleanedUp(current, job));
    const left = this.#shell.job();
    // One that was deleted meanwhile has rows to erase, and a PUT that began in time may still arrive.
    if (left?.deletedAt !== job.deletedAt || Date.now() < goneAt(left, settings.job)) return;
    await this.#forget(job);
  }

  /** What lies there of unfinished photos goes, once no URL of a GPU worker can bring it back. */
  async #tidy(job: JobState): Promise<void> {
    const finished = (key: string) => has(job.done, indexOfKey(key) ?? -1);
    await this.#mustEmpty(deleteUnder(this.#shell.env.R2, producedPrefixes(job), finished, BATCHES));
    this.#shell.apply((current) => cleanedUp(current, job));
  }

  /** False while the inputs stay for a job that was made from them. */
  async #deleteAll(job: JobState): Promise<boolean> {
    const { R2 } = this.#shell.env;
    const nothing = () => false;
    // A job that was never executed gave out no URL for these.
    if (hasRun(job)) await this.#mustEmpty(deleteUnder(R2, producedPrefixes(job), nothing, BATCHES));
    if (job.source !== null) {
      await this.#giveBack(job.source.jobId, job.jobId);
      return true;
    }
    if (!(await this.#areUnneeded(job))) return false;
    await this.#mustEmpty(deleteUnder(R2, [inputPrefix(job)], nothing, BATCHES));
    return true;
  }

  /** The job that uploaded the photos may be waiting for this one. */
  async #giveBack(source: string, jobId: string): Promise<void> {
    const { JOB_COORDINATOR } = this.#shell.env;
    await JOB_COORDINATOR.get(JOB_COORDINATOR.idFromString(source)).giveBack(jobId);
  }

  /** While jobs are asked, one more may be made from these photos: so who was asked is compared in the turn that closes the door. */
  async #areUnneeded(job: JobState): Promise<boolean> {
    const { JOB_COORDINATOR } = this.#shell.env;
    const ask = async (id: string) =>
      [id, await JOB_COORDINATOR.get(JOB_COORDINATOR.idFromString(id)).needsInputs()] as const;
    const asked = new Map<string, number | null>();
    for (let at = 0; at < job.dependents.length; at += ASKED_AT_ONCE) {
      const answers = await Promise.all(job.dependents.slice(at, at + ASKED_AT_ONCE).map(ask));
      for (const [id, until] of answers) asked.set(id, until);
    }
    const given = this.#shell.apply((current, now) => {
      const answer = giveUpInputs(current, asked, now);
      return answer.reply === 'needed' ? { ...answer, job: cleanedUp(answer.job, job).job } : answer;
    });
    if (given?.ok && given.value === 'not asked') throw new Error('a job was made from these photos meanwhile');
    return given?.ok === true && given.value === 'given up';
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
