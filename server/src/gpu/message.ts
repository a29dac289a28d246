/**
 * From the message in the queue to the one that the GPU worker gets: presigned URLs, the job's callback token and the secret to sign with
 * added. What is not wanted is not signed: masks are most of the URLs, and half of what a job writes to storage.
 */
import type { DispatchItem, DispatchMessage, QueueMessage } from '../contract/gpu-message.ts';
import { instancesKey, type JobRef, maskKey } from '../domain/keys.ts';
import { callbackSecret, callbackToken } from '../security/callback-auth.ts';
import type { Settings } from '../settings/settings.ts';
import { presignForWorker } from '../storage/presign.ts';

/** @param until when the signed URLs end */
export function dispatchMessage(
  message: QueueMessage,
  now: number,
  until: number,
  settings: Settings,
): DispatchMessage {
  const job: JobRef = { userId: message.user_id, jobId: message.job_id };
  const masks = message.masks || settings.gpu.masks === 'always';
  const concepts = masks ? [...new Set([...Object.keys(message.concepts), ...message.protect])] : [];
  const { get, put } = presignForWorker(now, until, settings);
  const sign = (item: QueueMessage['items'][number]): DispatchItem => ({
    ...item,
    input_url: get(item.input_key),
    output_url: put(item.output_key, message.output_type),
    preview_url: put(item.preview_key, 'image/jpeg'),
    mask_urls: Object.fromEntries(
      concepts.map((concept) => [concept, put(maskKey(job, item.idx, concept), 'image/png')]),
    ),
    ...(masks ? { instances_url: put(instancesKey(job, item.idx), 'application/json') } : {}),
  });
  const items = message.items.map(sign);
  const callback_token = callbackToken(message.job_id, settings.callbackSecret);
  const callback_secret = callbackSecret(message.job_id, settings.callbackSecret);
  return { ...message, masks, items, callback_token, callback_secret };
}
