/** The transaction shell: load → decide → save in one transaction → set the alarm, with no wait in between. */
import { plan } from '../../domain/job/planning.ts';
import type { Decision, JobSettings, JobState } from '../../domain/job/state.ts';
import { dueTimes, nextAlarm } from '../../domain/job/timing.ts';
import { ok, type Refused, type Result } from '../../domain/result.ts';
import type { JobPorts } from './ports.ts';

/**
 * Milliseconds that a job which never came to be refuses to: far longer than the request that would create it lives. Its hold is
 * settled by then, so that nobody asks for it again.
 */
export const TOMBSTONE_MS = 24 * 60 * 60_000;

export type Decide<T> = (job: JobState, now: number, settings: JobSettings) => Decision<T>;

/** Those who watch: told in the turn of each commit, and with a time of their own. */
type Audience = {
  tell(): void;
  /** When somebody has to look after them; null when there is nobody. */
  readonly deadline: number | null;
};

export type ShellPorts = Pick<JobPorts, 'store' | 'alarm' | 'clock' | 'limits'> & { audience(): Audience };

export class JobShell {
  readonly #ports: ShellPorts;

  constructor(ports: ShellPorts) {
    this.#ports = ports;
  }

  get settings(): JobSettings {
    return this.#ports.limits().job;
  }

  now(): number {
    return this.#ports.clock.now();
  }

  /** The job here; null when there is none, or only a tombstone. */
  job(): JobState | null {
    this.#ports.alarm.look();
    const loaded = this.#ports.store.load();
    return loaded.kind === 'job' ? loaded.job : null;
  }

  /** The job, if it is this user's and was not deleted. Absent and foreign look the same. */
  owned(userId: string): JobState | null {
    const job = this.job();
    return job !== null && job.userId === userId && job.deletedAt === null ? job : null;
  }

  /** Runs a decision on the job as it stands, and saves what it decided. Null when there is no job. */
  apply<T>(decide: Decide<T>): Result<T> | null {
    const job = this.job();
    if (job === null) return null;
    return this.commit(job, decide(job, this.now(), this.settings));
  }

  /** What goes to the provider next is planned with every decision, in the same row. */
  commit<T>(before: JobState | null, decision: Decision<T>): Result<T> | Refused {
    if (!decision.ok) return decision;
    const now = this.now();
    const job = plan(decision.job, now, this.settings);
    if (job !== before || decision.events.length > 0) {
      this.#ports.store.save(before, job, decision.events, now);
      this.arm(job, now);
      this.#ports.audience().tell();
    }
    return ok(decision.reply);
  }

  /** From here on no job can be created here. */
  entomb(): void {
    const now = this.now();
    this.#ports.store.saveTombstone(now);
    void this.#ports.alarm.atLatest(now + TOMBSTONE_MS);
  }

  /** When anything that is stored here is due; milliseconds since the Unix epoch. */
  dueTimes(): number[] {
    const loaded = this.#ports.store.load();
    if (loaded.kind === 'abandoned') return [loaded.at + TOMBSTONE_MS];
    if (loaded.kind === 'none') return [];
    const { deadline } = this.#ports.audience();
    const own = dueTimes(loaded.job, this.now(), this.settings);
    return deadline === null ? own : [...own, deadline];
  }

  /** In the turn of the commit. The write itself is held back by the output gate like any other. */
  arm(job: JobState | null, now: number): void {
    const own = job === null ? null : nextAlarm(job, now, this.settings);
    const times = [own, this.#ports.audience().deadline].filter((time) => time !== null);
    if (times.length > 0) void this.#ports.alarm.atLatest(Math.min(...times));
  }

  /** Deletes all that is stored here, the alarm with it. */
  async forget(): Promise<void> {
    await this.#ports.store.deleteAll();
    this.#ports.alarm.gone();
  }
}
