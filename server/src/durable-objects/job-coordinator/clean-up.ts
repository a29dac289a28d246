/** The effect by which a job's objects go from R2, and in the end the job itself. Each step is safe to repeat. */
import { has } from '../../domain/bitmap.ts';
import { cleanedUp, giveUpInputs } from '../../domain/job/removal.ts';
import { hasRun, type JobState } from '../../domain/job/state.ts';
import { goesAt, goneAt } from '../../domain/job/timing.ts';
import { indexOfKey, inputPrefix, producedPrefixes } from '../../domain/keys.ts';
import type { JobPorts } from './ports.ts';
import type { JobShell } from './shell.ts';

/** Jobs that are asked at the same time whether they still need the photos. */
const ASKED_AT_ONCE = 10;

type CleanUpPorts = Pick<JobPorts, 'log' | 'outside'> & {
  shell: Pick<JobShell, 'now' | 'settings' | 'job' | 'apply' | 'forget'>;
  /** Nothing is left to watch. */
  tell(): void;
};

export class CleanUp {
  readonly #ports: CleanUpPorts;

  constructor(ports: CleanUpPorts) {
    this.#ports = ports;
  }

  /** Throws while something is left, which tries again later. */
  async run(job: JobState): Promise<void> {
    const { outside, shell } = this.#ports;
    const { settle, verify, flush } = job.effects;
    if (settle || verify || flush) throw new Error('history is not written yet');
    // Rows first: the photos may have to wait for a job made from them, and nobody is to find this one meanwhile.
    if (job.deletedAt !== null) {
      await outside.user(job.userId).forgetJob(job.jobId);
      await outside.history.erase(job.jobId);
    } else if (hasRun(job) && shell.now() < goesAt(job, shell.settings)) return this.#tidy(job);
    if (!(await this.#deleteAll(job))) return;
    shell.apply((current) => cleanedUp(current, job));
    const left = shell.job();
    // One that was deleted meanwhile has rows to erase, and a PUT that began in time may still arrive.
    if (left?.deletedAt !== job.deletedAt || shell.now() < goneAt(left, shell.settings)) return;
    await this.#forget(job);
  }

  /** What lies there of unfinished photos goes, once no URL of a GPU worker can bring it back. */
  async #tidy(job: JobState): Promise<void> {
    const finished = (key: string) => has(job.done, indexOfKey(key) ?? -1);
    await this.#mustEmpty(producedPrefixes(job), finished);
    this.#ports.shell.apply((current) => cleanedUp(current, job));
  }

  /** False while the inputs stay for a job that was made from them. */
  async #deleteAll(job: JobState): Promise<boolean> {
    // A job that was never executed gave out no URL for these.
    if (hasRun(job)) await this.#mustEmpty(producedPrefixes(job));
    if (job.source !== null) {
      // The job that uploaded the photos may be waiting for this one.
      await this.#ports.outside.job(job.source.jobId).giveBack(job.jobId);
      return true;
    }
    if (!(await this.#areUnneeded(job))) return false;
    await this.#mustEmpty([inputPrefix(job)]);
    return true;
  }

  /** While jobs are asked, one more may be made from these photos: so who was asked is compared in the turn that closes the door. */
  async #areUnneeded(job: JobState): Promise<boolean> {
    const { outside, shell } = this.#ports;
    const ask = async (id: string) => [id, await outside.job(id).needsInputs()] as const;
    const asked = new Map<string, number | null>();
    for (let at = 0; at < job.dependents.length; at += ASKED_AT_ONCE) {
      const answers = await Promise.all(job.dependents.slice(at, at + ASKED_AT_ONCE).map(ask));
      for (const [id, until] of answers) asked.set(id, until);
    }
    const given = shell.apply((current, now) => {
      const answer = giveUpInputs(current, asked, now);
      return answer.reply === 'needed' ? { ...answer, job: cleanedUp(answer.job, job).job } : answer;
    });
    if (given?.ok && given.value === 'not asked') throw new Error('a job was made from these photos meanwhile');
    return given?.ok === true && given.value === 'given up';
  }

  async #mustEmpty(prefixes: string[], keep: (key: string) => boolean = () => false): Promise<void> {
    if (await this.#ports.outside.photos.deleteUnder(prefixes, keep)) return;
    throw new Error('more objects are left than one wake-up deletes');
  }

  async #forget({ jobId, userId }: JobState): Promise<void> {
    await this.#ports.shell.forget();
    this.#ports.tell();
    this.#ports.log('info', 'job.forgotten', { jobId, userId });
  }
}
