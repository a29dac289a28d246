/** The local bucket as its operator reads it: over the S3 protocol, with the keys of .dev.vars. Users never see masks. */
import { AwsClient } from 'aws4fetch';
import type { Stack } from '../local/stack.ts';

/** Reads one object; null when there is none. */
export type ReadObject = (key: string) => Promise<Buffer | null>;

export function operatorBucket(s3: Stack['s3']): ReadObject {
  const client = new AwsClient({
    accessKeyId: s3.accessKeyId,
    secretAccessKey: s3.secretAccessKey,
    service: 's3',
    region: 'auto',
    retries: 2,
  });
  return async (key) => {
    const response = await client.fetch(`${s3.endpoint}/${s3.bucket}/${key}`);
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`reading ${key} from the local bucket answered ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  };
}
