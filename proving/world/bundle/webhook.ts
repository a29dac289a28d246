/** Standard Webhooks signatures, right or wrong in whatever part is given. @see https://www.standardwebhooks.com */
import { createHmac, randomUUID } from 'node:crypto';

export type Signing = {
  /** The key: a job's callback token, or the global secret. */
  key: string | Buffer;
  id?: string;
  /** Seconds from now. */
  offset?: number;
  /** Instead of a time in seconds. */
  timestamp?: string;
};

export function signWebhook(body: string, { key, id, offset = 0, timestamp }: Signing): Record<string, string> {
  const name = id ?? `msg_${randomUUID()}`;
  const time = timestamp ?? String(Math.floor(Date.now() / 1000) + offset);
  const signature = createHmac('sha256', key).update(`${name}.${time}.${body}`).digest('base64');
  return { 'webhook-id': name, 'webhook-timestamp': time, 'webhook-signature': `v1,${signature}` };
}
