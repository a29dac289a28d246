/** What other objects, reconciliation and operators ask of a job. */
import type { AdminJob } from '../../contract/admin.ts';
import { settleAgain } from '../../domain/job/ending.ts';
import { erase, giveBack, needsInputsUntil } from '../../domain/job/removal.ts';
import { hasEnded, sentPhotos, unansweredPhotos } from '../../domain/job/state.ts';
import { endSessions } from '../../domain/job/telling.ts';
import type { Effects } from './effects.ts';
import type { JobPorts } from './ports.ts';
import type { JobShell } from './shell.ts';
import { adminViewOf, type Recipe } from './view.ts';
import type { Watchers } from './watchers.ts';

/**
 * `putsExpireAt`: the last moment at which a signed PUT to one of the job's keys is good (milliseconds since the Unix epoch). `sent`: how
 * many photos reached the provider, `unsure` of which it may yet refuse.
 */
export type Erased = { putsExpireAt: number; sent: number; unsure: number };

type InsidePorts = Pick<JobPorts, 'store' | 'alarm' | 'background'> & {
  shell: Pick<JobShell, 'now' | 'settings' | 'job' | 'apply' | 'commit' | 'entomb'>;
  effects: Pick<Effects, 'perform'>;
  watchers: Pick<Watchers, 'endSessions'>;
};

export class InsideCalls {
  readonly #ports: InsidePorts;

  constructor(ports: InsidePorts) {
    this.#ports = ports;
  }

  abandon(): { lives: boolean } {
    const { alarm, store, shell } = this.#ports;
    alarm.look();
    const loaded = store.load();
    if (loaded.kind === 'none') shell.entomb();
    if (loaded.kind !== 'job') return { lives: false };
    const { job } = loaded;
    return { lives: !hasEnded(job) || job.charged === null || job.effects.settle !== undefined };
  }

  erase(userId: string, held: boolean): Erased | null {
    const { shell, effects, background } = this.#ports;
    if (held) this.abandon();
    const job = shell.job();
    if (job === null || job.userId !== userId) return null;
    shell.commit(job, erase(job, shell.now()));
    background(effects.perform('erase', 'fresh'));
    return { putsExpireAt: job.putsExpireAt, sent: sentPhotos(job), unsure: unansweredPhotos(job) };
  }

  needsInputs(): number | null {
    const { shell } = this.#ports;
    this.abandon();
    const job = shell.job();
    return job === null ? null : needsInputsUntil(job, shell.now(), shell.settings);
  }

  giveBack(dependent: string): void {
    this.#ports.shell.apply((job) => giveBack(job, dependent));
  }

  inspect(): AdminJob | null {
    const { shell, store, alarm } = this.#ports;
    const job = shell.job();
    return job === null ? null : adminViewOf(job, store.late(), alarm.time);
  }

  async project(): Promise<boolean> {
    const owed = this.#ports.shell.apply(settleAgain);
    await this.#ports.effects.perform('reconcile', 'fresh');
    return owed?.ok === true && owed.value;
  }

  attend(): { gone: boolean } {
    this.#ports.alarm.look();
    return { gone: this.#ports.store.load().kind === 'none' };
  }

  recipe(): Recipe | null {
    const job = this.#ports.shell.job();
    if (job === null || job.deletedAt !== null) return null;
    const { userId, preset, choice, masks, ruleId } = job;
    return { userId, preset, choice, masks, ruleId };
  }

  endWatching(epoch: number): void {
    this.#ports.watchers.endSessions(epoch);
    this.#ports.shell.apply((job) => endSessions(job, epoch));
  }
}
