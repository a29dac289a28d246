/** From the message in the queue to the one that the GPU worker gets: presigned URLs and the job's callback token added. */
import type { DispatchItem, DispatchMessage, QueueMessage } from '../contract/gpu-message.ts';
import { instancesKey, type JobRef, maskKey } from '../domain/keys.ts';
import type { Settings } from '../env.ts';
import { callbackToken } from '../security/callback-auth.ts';
import { presignWorkerGet, presignWorkerPut } from '../storage/presign.ts';

/** @param open indexes that are still to be done; the others are left out @param until when the signed URLs end */
export async function dispatchMessage(
  message: QueueMessage,
  open: ReadonlySet<number>,
  now: number,
  until: number,
  settings: Settings,
): Promise<DispatchMessage> {
  const job: JobRef = { userId: message.user_id, jobId: message.job_id };
  const concepts = [...new Set([...Object.keys(message.concepts), ...message.protect])];
  const put = (key: string, type: string) => presignWorkerPut(key, type, now, until, settings);
  const sign = async (item: QueueMessage['items'][number]): Promise<DispatchItem> => {
    const masks = concepts.map(async (concept) => [concept, await put(maskKey(job, item.idx, concept), 'image/png')]);
    const [input_url, output_url, preview_url, instances_url, mask_urls] = await Promise.all([
      presignWorkerGet(item.input_key, now, until, settings),
      put(item.output_key, 'image/png'),
      put(item.preview_key, 'image/jpeg'),
      put(instancesKey(job, item.idx), 'application/json'),
      Promise.all(masks).then((pairs): Record<string, string> => Object.fromEntries(pairs)),
    ]);
    return { ...item, input_url, output_url, preview_url, mask_urls, instances_url };
  };
  const [items, callback_token] = await Promise.all([
    Promise.all(message.items.filter(({ idx }) => open.has(idx)).map(sign)),
    callbackToken(message.job_id, settings.callbackSecret),
  ]);
  return { ...message, items, callback_token };
}
