/** What the queue gave up on: the job fails what is left of it, refunds it, and keeps the reason. */

import type { Env } from '../bindings.ts';
import { queueMessage } from '../contract/gpu-message.ts';
import { failure, log } from '../log.ts';

const REASON = 'the GPU provider did not take the job';

export async function consumeDeadLetters(batch: MessageBatch<unknown>, env: Env): Promise<void> {
  await Promise.all(batch.messages.map((message) => consumeOne(message, env)));
}

async function consumeOne(message: Message<unknown>, env: Env): Promise<void> {
  const parsed = queueMessage.safeParse(message.body);
  if (!parsed.success) {
    log('error', 'dead-letter.unreadable', { messageId: message.id });
    message.ack();
    return;
  }
  const { job_id: jobId, user_id: userId, attempt } = parsed.data;
  try {
    const job = env.JOB_COORDINATOR.get(env.JOB_COORDINATOR.idFromString(jobId));
    const { failed } = await job.deadLetter(attempt, REASON);
    log('error', 'dead-letter.consumed', { jobId, userId, attempt, failed });
    message.ack();
  } catch (error) {
    log('error', 'dead-letter.failed', { jobId, userId, attempt, ...failure(error) });
    message.retry();
  }
}
