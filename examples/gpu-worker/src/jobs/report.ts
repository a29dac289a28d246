// Callbacks: one per photo, or in groups where the operator asked for them, each retried under the key it was first sent with.

import { type Log, withoutQuery } from '../log.ts';
import type { Message } from '../message.ts';
import { HttpFailure, type RetryPolicy, withRetries } from '../net/retry.ts';
import type { ItemResult } from './run-item.ts';

/** The receiver does not know this job, or not this token: more work for it would be in vain. */
export class JobGone extends Error {
  override readonly name = 'JobGone';
}

const GONE = [401, 403, 404, 410];

export class Reporter {
  readonly #message: Message;
  readonly #batch: number;
  readonly #retry: RetryPolicy;
  readonly #signal: AbortSignal;
  readonly #log: Log;
  #waiting: ItemResult[] = [];
  /** results that were never delivered */
  lost = 0;

  constructor(message: Message, batch: number, retry: RetryPolicy, signal: AbortSignal, log: Log) {
    this.#message = message;
    this.#batch = batch;
    this.#retry = retry;
    this.#signal = signal;
    this.#log = log;
  }

  /** Sends a result, or keeps it until its group is full. */
  async add(result: ItemResult): Promise<void> {
    this.#waiting.push(result);
    if (this.#waiting.length >= this.#batch) await this.flush();
  }

  async flush(): Promise<void> {
    const group = this.#waiting;
    this.#waiting = [];
    if (group.length > 0) await this.#send(group);
  }

  async #send(group: readonly ItemResult[]): Promise<void> {
    const { attempt, idempotency_prefix: prefix, job_id } = this.#message;
    const items = group.map((result) => ({ ...result, attempt, idempotency_key: `${prefix}:${result.idx}` }));
    const key = `${prefix}:${group.map(({ idx }) => idx).join('+')}`;
    try {
      await this.#post(key, this.#batch === 1 ? items[0] : { items });
    } catch (error) {
      this.#signal.throwIfAborted();
      this.lost += group.length;
      this.#log('callback-failed', {
        job_id,
        url: withoutQuery(this.#message.callback_url),
        idx: group.map(({ idx }) => idx),
        problem: String(error),
      });
      if (error instanceof HttpFailure && GONE.includes(error.status)) throw new JobGone(error.message);
    }
  }

  #post(key: string, body: unknown): Promise<void> {
    const { callback_url, callback_token } = this.#message;
    const headers = {
      authorization: `Bearer ${callback_token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    };
    return withRetries(this.#retry, this.#signal, async (signal) => {
      const init = { method: 'POST', headers, body: JSON.stringify(body), signal, redirect: 'manual' } as const;
      const response = await fetch(callback_url, init);
      // Read to its end, the short answer leaves the connection free for the next callback.
      await response.arrayBuffer();
      if (!response.ok) throw new HttpFailure(response.status, response.headers.get('retry-after'));
    });
  }
}
