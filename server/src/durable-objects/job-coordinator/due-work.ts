/** What the job's alarm does: deadlines, runs of which nothing is heard, what is still owed, and in the end its own removal. */
import { canBeAsked, hear, type RunReport } from '../../domain/job/leases.ts';
import { beginCleanUp } from '../../domain/job/removal.ts';
import { decided, type Run } from '../../domain/job/state.ts';
import { timeout } from '../../domain/job/timing.ts';
import { type Effects, EVERY_EFFECT } from './effects.ts';
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
    const { store, shell, effects } = this.#ports;
    const loaded = store.load();
    if (loaded.kind === 'abandoned') return this.#forgetTombstone(loaded.at);
    if (loaded.kind !== 'job') return;
    const { job } = loaded;
    const due = timeout(job, shell.now(), shell.settings);
    if (due.kind === 'decided') shell.commit(job, due.decision);
    else if (due.kind === 'runs') await Promise.all(due.runs.map((run) => this.#lookAfter(run)));
    // What was lost on the way of an earlier release is planned anew.
    else shell.commit(job, decided(job, null));
    await effects.perform('alarm', 'fresh', EVERY_EFFECT);
    const cleanUp = shell.apply(beginCleanUp);
    if (cleanUp?.ok === true && cleanUp.value) await effects.perform('alarm', 'due');
  }

  async #lookAfter(run: Run): Promise<void> {
    const { outside, shell } = this.#ports;
    const { attempt, providerId } = run;
    const answer = canBeAsked(run) && providerId !== null ? await outside.provider()?.status(providerId) : undefined;
    const report: RunReport = answer ?? { status: 'unknown' };
    shell.apply((job, now, settings) => hear(job, attempt, report, now, settings));
  }

  async #forgetTombstone(at: number): Promise<void> {
    if (this.#ports.shell.now() >= at + TOMBSTONE_MS) await this.#ports.shell.forget();
  }
}
