// Photos in and results out, over presigned URLs. The content type is part of an upload's signature, so exactly it is sent.

import type { OutputType } from '../message.ts';
import { HttpFailure, Refused, type RetryPolicy, withRetries } from './retry.ts';

export type UploadType = OutputType | 'application/json';

/** Reads at most `limit` bytes; the length that a server states is not trusted. */
async function readLimited(response: Response, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > limit) throw new Refused(`larger than ${limit} bytes`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

export function download(url: string, limit: number, policy: RetryPolicy, signal: AbortSignal): Promise<Uint8Array> {
  return withRetries(policy, signal, async (trySignal) => {
    const response = await fetch(url, { signal: trySignal, redirect: 'manual' });
    if (response.ok) return readLimited(response, limit);
    await discard(response);
    throw new HttpFailure(response.status, response.headers.get('retry-after'));
  });
}

export function upload(
  url: string,
  body: Uint8Array<ArrayBuffer> | string,
  type: UploadType,
  policy: RetryPolicy,
  signal: AbortSignal,
): Promise<void> {
  return withRetries(policy, signal, async (trySignal) => {
    const init = {
      method: 'PUT',
      body,
      headers: { 'content-type': type },
      signal: trySignal,
      redirect: 'manual',
    } as const;
    const response = await fetch(url, init);
    await response.arrayBuffer();
    if (!response.ok) throw new HttpFailure(response.status, response.headers.get('retry-after'));
  });
}
