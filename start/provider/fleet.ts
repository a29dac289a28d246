/** The workers behind the provider front: each starts cold, works, is kept for a while when nothing is to be done, and stops. */
import type { Clock } from './clock.ts';
import type { GpuWorker } from './gpu-worker.ts';

type State = 'off' | 'starting' | 'idle' | 'busy' | 'stopping';

export type Slot = { readonly id: string; readonly worker: GpuWorker; state: State; keepIdle: () => void };

export type FleetOptions = {
  clock: Clock;
  /** How long a start takes at least. */
  coldStartMs: number;
  /** How long a worker without work is kept. */
  idleMs: number;
  log(event: string, fields: object): void;
  /** A worker can be taken, or started, that could not before. */
  onChange(): void;
};

/** A worker that cannot start is tried again after this time. */
const RESTART_MS = 1_000;

export class Fleet {
  readonly #slots: readonly Slot[];
  readonly #options: FleetOptions;

  constructor(workers: readonly GpuWorker[], options: FleetOptions) {
    const nothing = () => {};
    this.#slots = workers.map((worker, at) => ({ id: `worker-${at + 1}`, worker, state: 'off', keepIdle: nothing }));
    this.#options = options;
  }

  count(...states: State[]): number {
    return this.#slots.filter(({ state }) => states.includes(state)).length;
  }

  /** One that has nothing to do; it is busy from here on. */
  take(): Slot | null {
    const slot = this.#slots.find(({ state }) => state === 'idle');
    if (slot === undefined) return null;
    slot.keepIdle();
    slot.state = 'busy';
    return slot;
  }

  /** Its run is over. @param died the worker is gone: it has to be started again */
  release(slot: Slot, died: boolean): void {
    if (slot.state !== 'busy') return;
    if (died) slot.state = 'off';
    else this.#rest(slot);
  }

  /** Starts one more. False when all are up. */
  start(): boolean {
    const slot = this.#slots.find(({ state }) => state === 'off');
    if (slot === undefined) return false;
    void this.#start(slot);
    return true;
  }

  /** Stops all that are up, for good. */
  async stop(): Promise<void> {
    const up = this.#slots.filter(({ state }) => state !== 'off');
    await Promise.allSettled(up.map((slot) => this.#stop(slot)));
  }

  async #start(slot: Slot): Promise<void> {
    const { clock, coldStartMs, log, onChange } = this.#options;
    slot.state = 'starting';
    const cold = new Promise<void>((resolve) => void clock.after(coldStartMs, resolve));
    try {
      await Promise.all([slot.worker.start(), cold]);
    } catch (error) {
      log('worker.not.started', { worker: slot.id, reason: error instanceof Error ? error.message : String(error) });
      clock.after(RESTART_MS, () => {
        if (slot.state === 'starting') slot.state = 'off';
        onChange();
      });
      return;
    }
    if (slot.state !== 'starting') return;
    log('worker.started', { worker: slot.id });
    this.#rest(slot);
    onChange();
  }

  #rest(slot: Slot): void {
    slot.state = 'idle';
    slot.keepIdle = this.#options.clock.after(this.#options.idleMs, () => void this.#stop(slot));
  }

  async #stop(slot: Slot): Promise<void> {
    slot.keepIdle();
    slot.state = 'stopping';
    await slot.worker.stop().catch(() => undefined);
    slot.state = 'off';
    this.#options.log('worker.stopped', { worker: slot.id });
    this.#options.onChange();
  }
}
