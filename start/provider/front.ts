/**
 * A GPU provider on this machine, as far as a program can tell from outside that talks to Runpod Serverless: runs wait in a queue, workers
 * start cold and come as runs have waited, time limits end runs, and what has ended is forgotten after a while. Time and workers are given to it.
 *
 * @see https://docs.runpod.io/serverless/references/job-states and https://docs.runpod.io/serverless/endpoints/endpoint-configurations
 */
import { type Clock, systemClock } from './clock.ts';
import { Fleet, type Slot } from './fleet.ts';
import { type GpuWorker, WorkerDied } from './gpu-worker.ts';
import type { RunLimits } from './limits.ts';

export type RunStatus = 'IN_QUEUE' | 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'TIMED_OUT';

/** As `/status` shows it: `delayTime` in the queue and `executionTime` at work are milliseconds. */
export type RunView = {
  id: string;
  status: RunStatus;
  workerId?: string;
  delayTime?: number;
  executionTime?: number;
  output?: unknown;
  error?: string;
};

/** Milliseconds; what is left out is Runpod's own default. */
export type FrontOptions = {
  workers: readonly GpuWorker[];
  clock?: Clock;
  /** How long a worker takes to start, at least; 0 when left out: as long as it takes. */
  coldStartMs?: number;
  /** How long a worker without work is kept. */
  idleMs?: number;
  /** A run that has waited so long brings one more worker. Where none is up the first comes at once. */
  scaleDelayMs?: number;
  /** How long a run can be asked for once it has ended. */
  keepMs?: number;
  /** What a run is about, in a few words, for logs. */
  about?: (input: unknown) => object;
  /** What happens, for people who read logs. */
  log?: (event: string, fields: object) => void;
};
const DEFAULTS = { coldStartMs: 0, idleMs: 5_000, scaleDelayMs: 4_000, keepMs: 30 * 60_000 };

type Run = {
  readonly id: string;
  readonly input: unknown;
  readonly limits: RunLimits;
  readonly stop: AbortController;
  readonly queuedAt: number;
  readonly timers: (() => void)[];
  status: RunStatus;
  workerId?: string;
  startedAt?: number;
  endedAt?: number;
  result?: { output?: unknown; error?: string };
};

export class ProviderFront {
  readonly #clock: Clock;
  readonly #fleet: Fleet;
  readonly #options: typeof DEFAULTS;
  readonly #log: (event: string, fields: object) => void;
  readonly #about: (input: unknown) => object;
  readonly #runs = new Map<string, Run>();
  readonly #queue: Run[] = [];
  readonly #ended = { completed: 0, failed: 0 };
  #closed = false;

  constructor({ workers, clock = systemClock, log = () => {}, about = () => ({}), ...options }: FrontOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#about = about;
    this.#options = { ...DEFAULTS, ...options };
    const { coldStartMs, idleMs } = this.#options;
    this.#fleet = new Fleet(workers, { clock, coldStartMs, idleMs, log, onChange: () => this.#next() });
  }

  /** Says that it waits, though a worker may have taken it already. */
  submit(input: unknown, limits: RunLimits): RunView {
    const stop = new AbortController();
    const queuedAt = this.#clock.now();
    const run: Run = { id: crypto.randomUUID(), input, limits, stop, queuedAt, timers: [], status: 'IN_QUEUE' };
    this.#runs.set(run.id, run);
    this.#queue.push(run);
    this.#log('run.queued', { run: run.id, ...this.#about(input), waiting: this.#queue.length });
    this.#timer(run, limits.ttlMs, () => this.#end(run, 'TIMED_OUT', { error: 'the time to live of the run is over' }));
    this.#timer(run, this.#options.scaleDelayMs, () => this.#next());
    this.#next();
    return { id: run.id, status: 'IN_QUEUE' };
  }

  /** Null for a run that never was, or is forgotten. */
  status(id: string): RunView | null {
    const run = this.#runs.get(id);
    return run === undefined ? null : viewOf(run);
  }

  /** A run that has ended stays as it ended. */
  cancel(id: string): RunView | null {
    const run = this.#runs.get(id);
    if (run === undefined) return null;
    this.#end(run, 'CANCELLED');
    return viewOf(run);
  }

  health() {
    const [idle, running] = [this.#fleet.count('idle'), this.#fleet.count('busy')];
    const inProgress = [...this.#runs.values()].filter(({ status }) => status === 'IN_PROGRESS').length;
    const initializing = this.#fleet.count('starting');
    return {
      jobs: { ...this.#ended, inProgress, inQueue: this.#queue.length, retried: 0 },
      workers: { idle, initializing, ready: idle + running, running, throttled: 0, unhealthy: 0 },
    };
  }

  /** Cancels what is left, and stops the workers. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const run of this.#runs.values()) {
      this.#end(run, 'CANCELLED');
      for (const callOff of run.timers.splice(0)) callOff();
    }
    await this.#fleet.stop();
  }

  #timer(run: Run, ms: number, act: () => void): void {
    run.timers.push(this.#clock.after(ms, act));
  }

  /** First come, first served; then more workers are called for those who have waited. */
  #next(): void {
    if (this.#closed) return;
    while (this.#queue.length > 0) {
      const slot = this.#fleet.take();
      if (slot === null) break;
      void this.#work(this.#queue.shift() as Run, slot);
    }
    const { scaleDelayMs } = this.#options;
    const now = this.#clock.now();
    const late = this.#queue.filter(({ queuedAt }) => now - queuedAt >= scaleDelayMs).length;
    const isFirst = this.#queue.length > 0 && this.#fleet.count('idle', 'busy') === 0;
    const wanted = isFirst ? Math.max(1, late) : late;
    while (this.#fleet.count('starting') < wanted && this.#fleet.start());
  }

  async #work(run: Run, slot: Slot): Promise<void> {
    run.status = 'IN_PROGRESS';
    run.workerId = slot.id;
    run.startedAt = this.#clock.now();
    this.#log('run.started', { run: run.id, worker: slot.id, delayMs: Math.round(run.startedAt - run.queuedAt) });
    this.#timer(run, run.limits.executionMs, () =>
      this.#end(run, 'TIMED_OUT', { error: 'the execution time is over' }),
    );
    let died = false;
    try {
      const output = await slot.worker.work(run.input, run.stop.signal);
      this.#end(run, 'COMPLETED', output === undefined ? {} : { output });
    } catch (error) {
      died = error instanceof WorkerDied;
      this.#end(run, 'FAILED', { error: error instanceof Error ? error.message : String(error) });
    }
    this.#fleet.release(slot, died);
    this.#next();
  }

  /** The first end stands. */
  #end(run: Run, status: RunStatus, result: Run['result'] = {}): void {
    if (run.status !== 'IN_QUEUE' && run.status !== 'IN_PROGRESS') return;
    const place = this.#queue.indexOf(run);
    if (place >= 0) this.#queue.splice(place, 1);
    for (const callOff of run.timers.splice(0)) callOff();
    run.status = status;
    run.endedAt = this.#clock.now();
    run.result = result;
    if (status === 'COMPLETED') this.#ended.completed++;
    else if (status === 'FAILED' || status === 'TIMED_OUT') this.#ended.failed++;
    const { delayTime, executionTime, error } = viewOf(run);
    this.#log('run.ended', { run: run.id, worker: run.workerId, status, delayTime, executionTime, error });
    this.#timer(run, this.#options.keepMs, () => this.#runs.delete(run.id));
    // What has ended by itself has nobody to stop.
    if (status !== 'COMPLETED' && status !== 'FAILED') run.stop.abort(new Error(`the run is ${status}`));
  }
}

function viewOf({ id, status, workerId, queuedAt, startedAt, endedAt, result }: Run): RunView {
  const view: RunView = { id, status, ...result };
  if (workerId === undefined || startedAt === undefined) return view;
  const delayTime = Math.round(startedAt - queuedAt);
  const executionTime = endedAt === undefined ? {} : { executionTime: Math.round(endedAt - startedAt) };
  return { ...view, workerId, delayTime, ...executionTime };
}
