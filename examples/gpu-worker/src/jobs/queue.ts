// Jobs in memory: a queue with so many running at once, their states by id, cancel, time limits, and forgetting.

import { randomUUID } from 'node:crypto';
import type { Log } from '../log.ts';
import type { Message } from '../message.ts';

export type JobStatus = 'IN_QUEUE' | 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'TIMED_OUT';

export interface JobView {
  readonly id: string;
  readonly status: JobStatus;
  /** why it failed, for who runs the worker */
  readonly error?: string;
}

export interface Limits {
  /** longest run, in milliseconds */
  readonly executionTimeout?: number;
  /** longest life from submission, in milliseconds */
  readonly ttl?: number;
}

interface Job {
  readonly id: string;
  readonly message: Message;
  readonly limits: Limits;
  readonly stop: AbortController;
  readonly timers: NodeJS.Timeout[];
  status: JobStatus;
  error?: string;
}

export interface QueueOptions {
  readonly concurrency: number;
  /** how long an ended job can still be asked for, in milliseconds */
  readonly keepMs: number;
  readonly log: Log;
  readonly run: (message: Message, signal: AbortSignal) => Promise<{ lost: number }>;
}

const DEFAULT_EXECUTION_MS = 600_000;
const DEFAULT_TTL_MS = 86_400_000;
/** setTimeout fires at once beyond this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const MOST_WAITING = 1000;

export class JobQueue {
  readonly #options: QueueOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #waiting: Job[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** null when too many jobs wait already. */
  submit(message: Message, limits: Limits): JobView | null {
    if (this.#waiting.length >= MOST_WAITING) return null;
    const job: Job = { id: randomUUID(), message, limits, stop: new AbortController(), timers: [], status: 'IN_QUEUE' };
    this.#jobs.set(job.id, job);
    this.#waiting.push(job);
    this.#timer(job, limits.ttl ?? DEFAULT_TTL_MS, () => this.#end(job, 'TIMED_OUT'));
    this.#options.log('job-queued', { id: job.id, job_id: message.job_id, photos: message.items.length });
    queueMicrotask(() => this.#next());
    return { id: job.id, status: 'IN_QUEUE' };
  }

  status(id: string): JobView | null {
    const job = this.#jobs.get(id);
    return job ? viewOf(job) : null;
  }

  /** Ends a job that has not ended; one that has keeps its state. */
  cancel(id: string): JobView | null {
    const job = this.#jobs.get(id);
    if (!job) return null;
    this.#end(job, 'CANCELLED');
    return viewOf(job);
  }

  counts(): { waiting: number; running: number } {
    return { waiting: this.#waiting.length, running: this.#running.size };
  }

  async close(): Promise<void> {
    for (const job of this.#jobs.values()) {
      this.#end(job, 'CANCELLED');
      for (const timer of job.timers) clearTimeout(timer);
    }
    await Promise.allSettled(this.#running);
  }

  #timer(job: Job, ms: number, then: () => void): void {
    job.timers.push(setTimeout(then, Math.min(ms, LONGEST_TIMER_MS)).unref());
  }

  #next(): void {
    while (this.#running.size < this.#options.concurrency) {
      const job = this.#waiting.shift();
      if (!job) return;
      const run = this.#run(job).finally(() => {
        this.#running.delete(run);
        this.#next();
      });
      this.#running.add(run);
    }
  }

  async #run(job: Job): Promise<void> {
    job.status = 'IN_PROGRESS';
    this.#timer(job, job.limits.executionTimeout ?? DEFAULT_EXECUTION_MS, () => this.#end(job, 'TIMED_OUT'));
    try {
      const { lost } = await this.#options.run(job.message, job.stop.signal);
      if (lost === 0) this.#end(job, 'COMPLETED');
      else this.#end(job, 'FAILED', `${lost} results could not be delivered`);
    } catch (error) {
      if (!job.stop.signal.aborted) this.#options.log('job-broke', { id: job.id, problem: String(error) });
      this.#end(job, 'FAILED', error instanceof Error ? error.message : String(error));
    }
  }

  /** The first end stands. */
  #end(job: Job, status: JobStatus, error?: string): void {
    if (job.status !== 'IN_QUEUE' && job.status !== 'IN_PROGRESS') return;
    const place = this.#waiting.indexOf(job);
    if (place >= 0) this.#waiting.splice(place, 1);
    for (const timer of job.timers.splice(0)) clearTimeout(timer);
    job.status = status;
    if (error !== undefined) job.error = error;
    job.stop.abort(new Error(`job ${status.toLowerCase()}`));
    this.#options.log('job-ended', { id: job.id, job_id: job.message.job_id, status });
    this.#timer(job, this.#options.keepMs, () => this.#jobs.delete(job.id));
  }
}

const viewOf = ({ id, status, error }: Job): JobView => ({ id, status, ...(error === undefined ? {} : { error }) });
