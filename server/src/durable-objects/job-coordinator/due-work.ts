/** What the job's alarm does: deadlines, leases that ended, what is still owed, and in the end its own removal. */
import { endLease } from '../../domain/job/dispatch.ts';
import { beginCleanUp } from '../../domain/job/removal.ts';
import { timeout } from '../../domain/job/timing.ts';
import type { Effects } from './effects.ts';
import type { JobPorts } from './ports.ts';
import { type JobShell, TOMBSTONE_MS } from './shell.ts';

type DuePorts = Pick<JobPorts, 'store' | 'outside'> & {
  shell: Pick<JobShell, 'now' | 'settings' | 'apply' | 'commit' | 'forget'>;
  effects: Pick<Effects, 'perform'>;
};

export class DueWork {
  readonly #ports: DuePorts;

  constructor(ports: DuePorts) {
    this.#ports = ports;
  }

  async run(): Promise<void> {
    const { store, outside, shell, effects } = this.#ports;
    const loaded = store.load();
    if (loaded.kind === 'abandoned') return this.#forgetTombstone(loaded.at);
    if (loaded.kind !== 'job') return;
    const { job } = loaded;
    const due = timeout(job, shell.now(), shell.settings);
    if (due.kind === 'decided') shell.commit(job, due.decision);
    else if (due.kind === 'ask-provider') {
      const known = job.dispatch === 'none' ? null : job.providerId;
      const run = known === null ? 'unknown' : await (outside.provider()?.status(known) ?? 'unknown');
      shell.apply((current, now, settings) => endLease(current, run, now, settings));
    }
    await effects.perform('alarm', 'fresh');
    const cleanUp = shell.apply(beginCleanUp);
    if (cleanUp?.ok === true && cleanUp.value) await effects.perform('alarm', 'due');
  }

  async #forgetTombstone(at: number): Promise<void> {
    if (this.#ports.shell.now() >= at + TOMBSTONE_MS) await this.#ports.shell.forget();
  }
}
