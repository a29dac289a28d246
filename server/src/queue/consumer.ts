/**
 * Takes jobs from the queue to the GPU provider. Each message is acked or retried by itself, and only wakes us: what is
 * to be done is what the job's object says.
 */
import { type DispatchMessage, type QueueMessage, queueMessage } from '../contract/gpu-message.ts';
import type { Claim } from '../domain/job/dispatch.ts';
import { type Env, type Settings, settingsOf } from '../env.ts';
import { type DispatchOutcome, dispatcherOf } from '../gpu/dispatcher.ts';
import { dispatchMessage } from '../gpu/message.ts';
import { log, reasonOf } from '../log.ts';

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
    log('error', 'queue.message.failed', { messageId: message.id, tries: message.attempts, reason: reasonOf(error) });
    message.retry();
  }
}

async function dispatchJob(message: QueueMessage, env: Env, settings: Settings): Promise<'ack' | 'retry'> {
  const id = env.JOB_COORDINATOR.idFromString(message.job_id);
  const job = env.JOB_COORDINATOR.get(id);
  const fields = { jobId: message.job_id, userId: message.user_id, attempt: message.attempt };
  const claim = await job.beginDispatch(message.attempt);
  if (!claim.go) {
    log('info', 'dispatch.skipped', { ...fields, reason: claim.reason });
    return 'ack';
  }
  const outcome = await sendToProvider(message, claim, settings);
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

async function sendToProvider(
  message: QueueMessage,
  claim: Claim & { go: true },
  settings: Settings,
): Promise<DispatchOutcome> {
  const dispatcher = dispatcherOf(settings);
  // Development without a provider: the job waits for whoever calls back.
  if (dispatcher === null) return { kind: 'accepted', providerId: null };
  const now = Date.now();
  let body: DispatchMessage;
  try {
    body = dispatchMessage(message, new Set(claim.open), now, claim.attemptDeadline, settings);
  } catch (error) {
    // Nothing was sent, so the claim can be given back.
    return { kind: 'refused', reason: reasonOf(error) };
  }
  return dispatcher.dispatch(body, claim.attemptDeadline - now);
}
