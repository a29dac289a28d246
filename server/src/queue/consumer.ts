/**
 * Takes runs from the queue to the GPU provider. Each message is acked or retried by itself, and only wakes us: what is to be done is what the
 * job's object says. A provider that does not take a run is asked again by that object.
 */

import type { Env } from '../bindings.ts';
import { queueMessage } from '../contract/gpu-message.ts';
import { reach } from '../durable-objects/reach.ts';
import { prepare } from '../gpu/prepare.ts';
import { carry, type RunCalls } from '../gpu/send.ts';
import { failure, log } from '../log.ts';
import { settingsOf } from '../settings/settings.ts';

/** Messages that are signed and sent at a time: a batch of large ones takes no more CPU at once, and no time limit runs before its send. */
const AT_ONCE = 3;

/** A broken message is retried as well, so that it ends among the dead letters, where people look. */
export async function consumeJobs(batch: MessageBatch<unknown>, env: Env): Promise<void> {
  const messages = batch.messages.values();
  const work = async () => {
    for (const message of messages) await consumeOne(message, env);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function consumeOne(message: Message<unknown>, env: Env): Promise<void> {
  try {
    const settings = settingsOf(env);
    const body = queueMessage.safeParse(message.body);
    if (!body.success) throw new Error(`the message has no valid ${body.error.issues[0]?.path.join('.') || 'body'}`);
    const id = env.JOB_COORDINATOR.idFromString(body.data.job_id);
    const prepared = prepare(body.data, Date.now(), settings);
    await carry(body.data, prepared, callsTo(env, id));
    message.ack();
  } catch (error) {
    log('error', 'queue.message.failed', { messageId: message.id, tries: message.attempts, ...failure(error) });
    message.retry();
  }
}

/** What the provider answered is known here alone, so it is told again when it was lost on its way. A claim is not: the first may have been heard. */
function callsTo({ JOB_COORDINATOR }: Env, id: DurableObjectId): RunCalls {
  const job = () => JOB_COORDINATOR.get(id);
  return {
    beginDispatch: (...claim) => job().beginDispatch(...claim),
    confirmDispatch: (...taken) => reach(job, (stub) => stub.confirmDispatch(...taken)),
    refuseDispatch: (...refusal) => reach(job, (stub) => stub.refuseDispatch(...refusal)),
    rejectDispatch: (...refusal) => reach(job, (stub) => stub.rejectDispatch(...refusal)),
  };
}
