/**
 * Takes jobs from the queue to the GPU provider. Each message is acked or retried by itself, and only wakes us: what is
 * to be done is what the job's object says.
 */

import type { Env } from '../bindings.ts';
import { type QueueMessage, queueMessage } from '../contract/gpu-message.ts';
import { attemptDeadlineOf } from '../domain/job/dispatch.ts';
import type { DispatchOutcome } from '../gpu/dispatcher.ts';
import { dispatchMessage } from '../gpu/message.ts';
import { dispatcherOf } from '../gpu/provider.ts';
import { failure, log } from '../log.ts';
import { type Settings, settingsOf } from '../settings/settings.ts';

/** A broken message is retried as well, so that it ends among the dead letters, where people look. */
export async function consumeJobs(batch: MessageBatch<unknown>, env: Env): Promise<void> {
  await Promise.all(batch.messages.map((message) => consumeOne(message, env)));
}

async function consumeOne(message: Message<unknown>, env: Env): Promise<void> {
  try {
    const settings = settingsOf(env);
    const body = queueMessage.safeParse(message.body);
    if (!body.success) throw new Error(`the message has no valid ${body.error.issues[0]?.path.join('.') || 'body'}`);
    const outcome = await dispatchJob(body.data, env, settings);
    if (outcome === 'retry') message.retry({ delaySeconds: settings.numbers.GPU_RETRY_SECONDS });
    else message.ack();
  } catch (error) {
    log('error', 'queue.message.failed', { messageId: message.id, tries: message.attempts, ...failure(error) });
    message.retry();
  }
}

async function dispatchJob(message: QueueMessage, env: Env, settings: Settings): Promise<'ack' | 'retry'> {
  const id = env.JOB_COORDINATOR.idFromString(message.job_id);
  const fields = { jobId: message.job_id, userId: message.user_id, attempt: message.attempt };
  const now = Date.now();
  const until = attemptDeadlineOf(message.items.length, now, settings.job);
  const send = prepare(message, now, until, settings);
  const job = env.JOB_COORDINATOR.get(id);
  const claim = await job.beginDispatch(message.attempt, until);
  if (!claim.go) {
    log('info', 'dispatch.skipped', { ...fields, reason: claim.reason });
    return 'ack';
  }
  const outcome = await send(claim.open);
  log(outcome.kind === 'accepted' ? 'info' : 'warn', `dispatch.${outcome.kind}`, {
    ...fields,
    photos: claim.open.length,
    reason: outcome.kind === 'accepted' ? null : outcome.reason,
  });
  switch (outcome.kind) {
    case 'accepted':
      await job.confirmDispatch(message.attempt, outcome.providerId);
      return 'ack';
    case 'refused':
      await job.refuseDispatch(message.attempt);
      return 'retry';
    case 'ambiguous':
      // It may run: the lease decides. Sending it again now could pay for it twice.
      return 'ack';
  }
}

/**
 * Signs every URL and writes the whole body, which is what takes time: a consumer that is stopped at it, as the platform does beyond a
 * limit of CPU, has claimed nothing, and the queue brings the message again. What it returns sends those photos that are still open.
 */
function prepare(
  message: QueueMessage,
  now: number,
  until: number,
  settings: Settings,
): (open: readonly number[]) => Promise<DispatchOutcome> {
  const dispatcher = dispatcherOf(settings);
  // Development without a provider: the job waits for whoever calls back.
  if (dispatcher === null) return async () => ({ kind: 'accepted', providerId: null });
  const signed = dispatchMessage(message, now, until, settings);
  const whole = dispatcher.bodyOf(signed, until - now);
  return (open) => {
    const wanted = new Set(open);
    const items = signed.items.filter(({ idx }) => wanted.has(idx));
    // Seldom fewer: only where results came while the message was in the queue.
    const body = items.length === signed.items.length ? whole : dispatcher.bodyOf({ ...signed, items }, until - now);
    return dispatcher.dispatch(body);
  };
}
