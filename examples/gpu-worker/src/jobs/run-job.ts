// One job: its photos, a few at a time, each reported as soon as it is settled.

import type { Message } from '../message.ts';
import { Reporter } from './report.ts';
import { type ItemDeps, runItem } from './run-item.ts';

export interface JobDeps extends ItemDeps {
  readonly callbackBatch: number;
}

/** Resolves with how many results could not be delivered; rejects when cancelled, timed out, or when the job is gone. */
export async function runJob(message: Message, deps: JobDeps, signal: AbortSignal): Promise<{ lost: number }> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const reporter = new Reporter(message, deps.callbackBatch, deps.retry, both, deps.log);
  const open = [...message.items];
  const lane = async (): Promise<void> => {
    for (let item = open.shift(); item; item = open.shift()) {
      both.throwIfAborted();
      const result = await runItem(item, message, deps, both);
      both.throwIfAborted();
      deps.log('item', { job_id: message.job_id, idx: result.idx, status: result.status, error: result.error });
      await reporter.add(result);
    }
  };
  const lanes = Array.from({ length: Math.min(message.batch_concurrency, open.length) }, lane);
  try {
    await Promise.all(lanes);
    await reporter.flush();
  } catch (error) {
    stop.abort(error);
    // No lane may still send when the job is over.
    await Promise.allSettled(lanes);
    throw error;
  }
  return { lost: reporter.lost };
}
