/** A model of a GPU provider: one queue for all, machines that work on its runs one photo after the other, start cold, and are let go. */
import type { RunReport } from '../../server/src/domain/job/leases.ts';
import type { Dice } from '../load/dice.ts';
import type { Timeline } from './timeline.ts';

/** Times are milliseconds. */
export type ProviderPlan = {
  /** Machines at most, and those that are up when the simulation begins. */
  workers: number;
  warm: number;
  /** How long a run waits before a machine is started for it, and how long that takes. */
  scaleMs: number;
  coldMs: number;
  /** How long a machine without work stays up. */
  idleMs: number;
  photoMs: number;
  /** How far a photo's time is from that at most, as a share of it. */
  spread: number;
  /** Photos that are reported together, and how long a report takes. */
  callbackPhotos: number;
  callbackMs: number;
  /** Runs are refused until then, and while as many stand in the queue. */
  refusesUntilMs: number;
  queueLimit: number;
};

export const WARM: ProviderPlan = {
  workers: 4,
  warm: 4,
  scaleMs: 4_000,
  coldMs: 20_000,
  idleMs: Number.POSITIVE_INFINITY,
  photoMs: 700,
  spread: 0,
  callbackPhotos: 1,
  callbackMs: 100,
  refusesUntilMs: 0,
  queueLimit: Number.POSITIVE_INFINITY,
};
export const COLD: ProviderPlan = { ...WARM, warm: 0, idleMs: 60_000 };

export type Order = {
  photos: readonly number[];
  /** A photo that kills whoever works on it. */
  kills(photo: number): boolean;
  report(photos: number[]): void;
};
type Stage = 'waiting' | 'working' | 'completed' | 'failed';
type Run = Order & { id: string; since: number; stage: Stage };
type Machine = { state: 'down' | 'starting' | 'idle' | 'busy'; idleSince: number };

export class Provider {
  readonly #timeline: Timeline;
  readonly #plan: ProviderPlan;
  readonly #dice: Dice;
  readonly #began: number;
  readonly #runs = new Map<string, Run>();
  readonly #machines: Machine[];
  #queue: Run[] = [];
  #worked = 0;

  constructor(timeline: Timeline, plan: ProviderPlan, dice: Dice) {
    this.#timeline = timeline;
    this.#plan = plan;
    this.#dice = dice;
    this.#began = timeline.now;
    this.#machines = Array.from({ length: plan.workers }, (_, nth) => ({
      state: nth < plan.warm ? 'idle' : 'down',
      idleSince: timeline.now,
    }));
  }

  /** The id of the run; null when it is refused. */
  take(order: Order): string | null {
    const { now } = this.#timeline;
    const { refusesUntilMs, queueLimit, scaleMs } = this.#plan;
    if (now < this.#began + refusesUntilMs || this.#queue.length >= queueLimit) return null;
    const run: Run = { ...order, id: `run-${this.#runs.size + 1}`, since: now, stage: 'waiting' };
    this.#runs.set(run.id, run);
    this.#queue.push(run);
    this.#handOut();
    if (run.stage === 'waiting') this.#timeline.after(scaleMs, () => this.#scale());
    return run.id;
  }

  status(id: string): RunReport {
    const stage = this.#runs.get(id)?.stage;
    if (stage === undefined) return { status: 'forgotten' };
    return stage === 'failed' ? { status: 'failed', words: 'FAILED: the machine is gone' } : { status: stage };
  }

  cancel(id: string): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    run.stage = 'failed';
    this.#queue = this.#queue.filter((one) => one !== run);
  }

  #handOut(): void {
    for (const machine of this.#machines) {
      if (machine.state !== 'idle') continue;
      const run = this.#queue.shift();
      if (run === undefined) return;
      machine.state = 'busy';
      run.stage = 'working';
      this.#work(machine, run, 0, []);
    }
  }

  /** A machine more for each run that has waited for long enough. */
  #scale(): void {
    const { scaleMs, coldMs } = this.#plan;
    const late = this.#queue.filter(({ since }) => this.#timeline.now >= since + scaleMs).length;
    const starting = this.#machines.filter(({ state }) => state === 'starting').length;
    const down = this.#machines.filter(({ state }) => state === 'down');
    for (const machine of down.slice(0, Math.max(0, late - starting))) {
      machine.state = 'starting';
      this.#timeline.after(coldMs, () => this.#rest(machine));
    }
  }

  #rest(machine: Machine): void {
    const { now } = this.#timeline;
    machine.state = 'idle';
    machine.idleSince = now;
    this.#handOut();
    const { idleMs } = this.#plan;
    if (!Number.isFinite(idleMs)) return;
    this.#timeline.after(idleMs, () => {
      if (machine.state === 'idle' && machine.idleSince === now) machine.state = 'down';
    });
  }

  /** @param finished those that are not reported yet */
  #work(machine: Machine, run: Run, nth: number, finished: number[]): void {
    const photo = run.photos[nth];
    if (photo === undefined || run.stage !== 'working') {
      if (run.stage === 'working') run.stage = 'completed';
      this.#rest(machine);
      return;
    }
    this.#timeline.after(this.#timeOf(), () => {
      if (run.kills(photo)) {
        this.#die(machine, run);
        return;
      }
      const all = [...finished, photo];
      const isReported = all.length >= this.#plan.callbackPhotos || nth + 1 === run.photos.length;
      if (isReported) this.#timeline.after(this.#plan.callbackMs, () => run.report(all));
      this.#work(machine, run, nth + 1, isReported ? [] : all);
    });
  }

  #die(machine: Machine, run: Run): void {
    machine.state = 'down';
    run.stage = 'failed';
    this.#scale();
  }

  #timeOf(): number {
    const { photoMs, spread } = this.#plan;
    return photoMs * (1 + spread * (2 * this.#dice.draw('photo', this.#worked++) - 1));
  }
}
