/** What the queue gave up on: its job sends the run again after a wait, as long as it has time. */

import type { Env } from '../bindings.ts';
import { queueMessage } from '../contract/gpu-message.ts';
import { failure, log } from '../log.ts';

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
    const { sentAgain } = await job.deadLetter(attempt);
    log('error', 'dead-letter.consumed', { jobId, userId, attempt, sentAgain });
    message.ack();
  } catch (error) {
    log('error', 'dead-letter.failed', { jobId, userId, attempt, ...failure(error) });
    message.retry();
  }
}
