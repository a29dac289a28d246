/** The message as the fake GPU worker reads it: what does not fit the contract fails the dispatch, and so the load run. */
import * as z from 'zod/mini';
import { type DispatchMessage, queueItem, queueMessage } from '../../../server/src/contract/gpu-message.ts';

const url = z.url();
/** All of them where they are wanted, else none. */
const hasMasksAsSaid = ({ masks, items }: Pick<DispatchMessage, 'masks' | 'items'>): boolean =>
  items.every(
    (item) => masks === Object.keys(item.mask_urls).length > 0 && masks === (item.instances_url !== undefined),
  );
const message = z
  .extend(queueMessage, {
    callback_token: z.string(),
    callback_secret: z.string(),
    items: z
      .array(
        z.extend(queueItem, {
          input_url: url,
          output_url: url,
          preview_url: url,
          instances_url: z.optional(url),
          mask_urls: z.record(z.string(), url),
        }),
      )
      .check(z.minLength(1)),
  })
  .check(z.refine(hasMasksAsSaid, 'masks'));
/** Runpod wraps it. */
const wrapped = z.object({ input: message, policy: z.object({ executionTimeout: z.number(), ttl: z.number() }) });

export const parseMessage = (body: string): DispatchMessage => message.parse(JSON.parse(body));
export const parseRunpod = (body: string): DispatchMessage => wrapped.parse(JSON.parse(body)).input;
