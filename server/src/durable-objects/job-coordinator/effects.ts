/** Effects of the saved state: tried at once, and again by the alarm, until they are done. */
import type { EffectName, JobState } from '../../domain/job/state.ts';
import { dueEffects, EFFECT_ORDER, effectFailed, owedEffects } from '../../domain/job/timing.ts';
import { failure } from '../../log.ts';
import { withTimeLimit } from '../../time-limit.ts';
import { UnderWay } from '../../under-way.ts';
import type { JobPorts } from './ports.ts';
import type { JobShell } from './shell.ts';

export type EffectHandlers = Record<EffectName, (job: JobState) => Promise<void>>;

type EffectPorts = Pick<JobPorts, 'clock' | 'limits' | 'log'> & Pick<JobShell, 'job' | 'apply'>;

/** What nobody's call waits for: the provider may be slow. */
const ALARM_ONLY: ReadonlySet<EffectName> = new Set(['offer']);
export const EVERY_EFFECT: ReadonlySet<EffectName> = new Set(EFFECT_ORDER);
const OF_CALLS: ReadonlySet<EffectName> = new Set(EFFECT_ORDER.filter((name) => !ALARM_ONLY.has(name)));

export class Effects {
  readonly #ports: EffectPorts;
  readonly #handlers: EffectHandlers;
  /** Effects under way: whoever needs one that already runs waits for that run. */
  readonly #running: UnderWay<EffectName, void>;

  constructor(ports: EffectPorts, handlers: EffectHandlers) {
    this.#ports = ports;
    this.#handlers = handlers;
    this.#running = new UnderWay(() => ports.clock.now());
  }

  /**
   * Tries what the job owes: `fresh` also takes what was never tried, whenever it is due. `only` narrows it to these
   * effects. Never throws.
   */
  async perform(trace: string, which: 'fresh' | 'due', only = OF_CALLS): Promise<void> {
    const tried = new Set<EffectName>();
    for (let job = this.#ports.job(); job !== null; job = this.#ports.job()) {
      const due = new Set(dueEffects(job, this.#ports.clock.now()));
      const next = owedEffects(job).find(
        ({ name, tries }) =>
          !tried.has(name) && only.has(name) && (due.has(name) || (which === 'fresh' && tries === 0)),
      );
      if (next === undefined) return;
      tried.add(next.name);
      await this.#running.once(next.name, this.#limitOf(next.name), () => this.#attempt(next.name, job, trace));
    }
  }

  async #attempt(name: EffectName, job: JobState, trace: string): Promise<void> {
    const { clock, log } = this.#ports;
    try {
      await withTimeLimit(this.#limitOf(name), name, this.#handlers[name](job));
    } catch (error) {
      const { jobId, userId } = job;
      log('warn', 'effect.failed', { effect: name, jobId, userId, trace, ...failure(error) });
      this.#ports.apply((current, now) => effectFailed(current, name, now, clock.random()));
    }
  }

  /** What calls the provider has the provider's own time limit before it: the other one would end it first, each time. */
  #limitOf(name: EffectName): number {
    const { effectMs, providerMs } = this.#ports.limits();
    return name === 'cancelRuns' || name === 'offer' ? providerMs + effectMs : effectMs;
  }
}
