// A few threads that process photos. Each works on one photo; the rest wait in line and leave it when their job is cancelled.

import { Worker } from 'node:worker_threads';
import { BadPhoto } from './bad-photo.ts';
import type { PhotoResult, PhotoTask } from './process.ts';
import type { Reply } from './thread.ts';

export interface PhotoPool {
  /** Rejects with BadPhoto for a photo that cannot be worked on, and with the signal's reason once it is aborted. */
  process(task: PhotoTask, signal: AbortSignal): Promise<PhotoResult>;
  close(): Promise<void>;
}

interface Errand {
  readonly task: PhotoTask;
  readonly signal: AbortSignal;
  readonly resolve: (result: PhotoResult) => void;
  readonly reject: (reason: unknown) => void;
}

export class ThreadPool implements PhotoPool {
  readonly #size: number;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Errand>();
  readonly #line: Errand[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  process(task: PhotoTask, signal: AbortSignal): Promise<PhotoResult> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      // A photo that a thread already works on is let run to its end, about a second, and its result dropped.
      const leave = (): void => reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T): void => {
          signal.removeEventListener('abort', leave);
          settle(value);
        };
      };
      this.#line.push({ task, signal, resolve: settled(resolve), reject: settled(reject) });
      this.#next();
    });
  }

  async close(): Promise<void> {
    const threads = [...this.#idle.splice(0), ...this.#busy.keys()];
    for (const errand of [...this.#line.splice(0), ...this.#busy.values()])
      errand.reject(new Error('the worker is stopping'));
    this.#busy.clear();
    await Promise.all(threads.map((thread) => thread.terminate()));
  }

  #next(): void {
    while (this.#line.length > 0) {
      const thread = this.#idle.pop() ?? (this.#busy.size < this.#size ? this.#start() : undefined);
      if (!thread) return;
      const errand = this.#line.shift()!;
      if (errand.signal.aborted) {
        this.#idle.push(thread);
        continue;
      }
      this.#busy.set(thread, errand);
      thread.postMessage(errand.task);
    }
  }

  #start(): Worker {
    // Without this, flags of the parent (a test runner's loader) would come along.
    const thread = new Worker(new URL('./thread.ts', import.meta.url), { execArgv: [] });
    thread.on('message', (reply: Reply) => this.#finish(thread, reply));
    thread.on('error', (error) => this.#lose(thread, error));
    return thread;
  }

  #finish(thread: Worker, reply: Reply): void {
    const errand = this.#busy.get(thread);
    this.#busy.delete(thread);
    this.#idle.push(thread);
    if (reply.ok) errand?.resolve(reply.result);
    else errand?.reject(reply.badPhoto ? new BadPhoto(reply.message) : new Error(reply.message));
    this.#next();
  }

  #lose(thread: Worker, error: unknown): void {
    const errand = this.#busy.get(thread);
    this.#busy.delete(thread);
    errand?.reject(error);
    this.#next();
  }
}
