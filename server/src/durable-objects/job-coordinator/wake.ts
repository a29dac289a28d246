/** What the job's alarm does: deadlines, leases that ended, what is still owed, and in the end its own removal. */
import { endLease } from '../../domain/job/dispatch.ts';
import { beginCleanUp } from '../../domain/job/removal.ts';
import { timeout } from '../../domain/job/timing.ts';
import { dispatcherOf } from '../../gpu/provider.ts';
import { type JobShell, TOMBSTONE_MS } from './shell.ts';

export class Wake {
  readonly #shell: JobShell;

  constructor(shell: JobShell) {
    this.#shell = shell;
  }

  async run(): Promise<void> {
    const loaded = this.#shell.store.load();
    if (loaded.kind === 'abandoned') return this.#forgetTombstone(loaded.at);
    if (loaded.kind !== 'job') return;
    const { job } = loaded;
    const due = timeout(job, Date.now(), this.#shell.settings.job);
    if (due.kind === 'decided') this.#shell.commit(job, due.decision);
    else if (due.kind === 'ask-provider') {
      const known = job.dispatch === 'none' ? null : job.providerId;
      const run = known === null ? 'unknown' : await (dispatcherOf(this.#shell.settings)?.status(known) ?? 'unknown');
      this.#shell.apply((current, now, settings) => endLease(current, run, now, settings));
    }
    await this.#shell.perform('alarm', 'fresh');
    await this.#cleanUpWhenDue();
  }

  async #forgetTombstone(at: number): Promise<void> {
    if (Date.now() >= at + TOMBSTONE_MS) await this.#shell.forget();
  }

  async #cleanUpWhenDue(): Promise<void> {
    this.#shell.apply(beginCleanUp);
    await this.#shell.perform('alarm', 'due');
  }
}
