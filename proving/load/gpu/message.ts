/** The message as the fake GPU worker reads it: what does not fit the contract fails the dispatch, and so the load run. */
import { type DispatchItem, type DispatchMessage, queueMessage } from '../../../server/src/contract/gpu-message.ts';

export type GpuItem = Pick<DispatchItem, 'idx' | 'output_key' | 'preview_key' | 'output_url' | 'preview_url'>;
export type GpuMessage = Omit<DispatchMessage, 'items'> & { items: GpuItem[] };

export const parseMessage = (body: string): GpuMessage => messageOf(JSON.parse(body));

/** Runpod wraps it. */
export function parseRunpod(body: string): GpuMessage {
  const { input, policy } = fieldsOf(JSON.parse(body), 'the body');
  const { executionTimeout, ttl } = fieldsOf(policy, 'policy');
  if (typeof executionTimeout !== 'number' || typeof ttl !== 'number') throw new Error('policy: has no limits');
  return messageOf(input);
}

function messageOf(json: unknown): GpuMessage {
  const { items, callback_token, callback_secret } = fieldsOf(json, 'the message');
  if (typeof callback_token !== 'string') throw new Error('callback_token: is missing');
  if (typeof callback_secret !== 'string') throw new Error('callback_secret: is missing');
  if (!Array.isArray(items) || items.length === 0) throw new Error('items: is empty');
  const message = queueMessage.parse(json);
  const signed = message.items.map((item, at) => ({ ...item, ...urlsOf(items[at]) }));
  return { ...message, callback_token, callback_secret, items: signed };
}

function urlsOf(json: unknown): Pick<GpuItem, 'output_url' | 'preview_url'> {
  const fields = fieldsOf(json, 'an item');
  const url = (name: string): string => {
    const value = fields[name];
    if (typeof value !== 'string' || !URL.canParse(value)) throw new Error(`items: ${name} is no URL`);
    return value;
  };
  for (const name of ['input_url', 'instances_url']) url(name);
  if (Object.keys(fieldsOf(fields.mask_urls, 'mask_urls')).length === 0) throw new Error('items: mask_urls is empty');
  return { output_url: url('output_url'), preview_url: url('preview_url') };
}

/** The fields of a JSON object. */
export function fieldsOf(json: unknown, what: string): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error(`${what}: is no object`);
  return { ...json };
}
