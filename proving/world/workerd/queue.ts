/**
 * The queue in the tests' hands: what is sent is held until a test delivers it, as often and in whatever order it wants.
 * `useRealQueue()` lets the platform's own broker carry the messages instead.
 */
import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { type MockInstance, vi } from 'vitest';
import type { Env } from '../../../server/src/bindings.ts';
import type { QueueMessage } from '../../../server/src/contract/gpu-message.ts';
import worker from '../../../server/src/index.ts';

export const queue = { sent: [] as QueueMessage[] };

type Send = typeof env.GPU_QUEUE.send;
let held: MockInstance<Send> | null = null;

const delivered = { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };

export function holdQueue(): void {
  queue.sent = [];
  held = vi.spyOn(env.GPU_QUEUE, 'send').mockImplementation(async (message) => {
    queue.sent.push(message);
    return delivered;
  });
}

export function useRealQueue(): void {
  held?.mockRestore();
}

/** The next send fails, as often as told. */
export function failSends(times: number): void {
  for (let time = 0; time < times; time++) held?.mockRejectedValueOnce(new Error('queue is unavailable'));
}

export const sentFor = (jobId: string): QueueMessage[] => queue.sent.filter(({ job_id }) => job_id === jobId);

/** The newest message of a job. */
export function lastSent(jobId: string): QueueMessage {
  const message = sentFor(jobId).at(-1);
  if (message === undefined) throw new Error(`nothing was sent for ${jobId}`);
  return message;
}

/** A batch as the platform makes it; its messages are called m0, m1, … */
export function batchOf(name: string, bodies: unknown[]) {
  const messages = bodies.map((body, at) => ({ id: `m${at}`, timestamp: Date.now(), attempts: 1, body }));
  return createMessageBatch(name, messages);
}

/** What the platform would do with each message of the batch. */
export async function handOver(name: string, bodies: unknown[], settings: Env = env) {
  const batch = batchOf(name, bodies);
  const ctx = createExecutionContext();
  await worker.queue(batch, settings);
  return getQueueResult(batch, ctx);
}

async function deliverTo(name: string, bodies: unknown[]) {
  const { explicitAcks, retryMessages } = await handOver(name, bodies);
  return { acked: explicitAcks, retried: retryMessages.map(({ msgId }) => msgId) };
}

/** Hands a batch to the consumer; its messages are called m0, m1, … */
export const deliver = (...bodies: unknown[]) => deliverTo('gpu-jobs', bodies);
/** Hands a batch to the consumer of dead letters. */
export const deliverDead = (...bodies: unknown[]) => deliverTo('gpu-jobs-dlq', bodies);
