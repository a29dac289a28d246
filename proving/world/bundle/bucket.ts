/** The bucket as its operator sees it over S3: one request a look, where the simulator's binding would need one for each field. */
import { AwsClient } from 'aws4fetch';
import type { Production } from '../../../start/local/production.ts';

export type Bucket = Production['s3'];
export type Stored = { key: string; size: number; etag: string; time: string };

const MAX_PAGES = 1_000;

/** Types of what was seen, by key, checksum and time of the PUT. */
const types = new Map<string, string>();

const clientFor = ({ accessKeyId, secretAccessKey }: Bucket): AwsClient =>
  new AwsClient({ accessKeyId, secretAccessKey, service: 's3', region: 'auto', retries: 3 });

/** Every key, with size, type, checksum and the time of its PUT as text. */
export async function textsOf({ s3 }: Production): Promise<[key: string, text: string][]> {
  const client = clientFor(s3);
  const found: [string, string][] = [];
  for (const { key, size, etag, time } of await listBucket(s3)) {
    const text = [size, etag, time].join(', ');
    const type = types.get(`${key} ${text}`) ?? (await typeOf(client, `${s3.endpoint}/${s3.bucket}/${key}`));
    types.set(`${key} ${text}`, type);
    found.push([key, `${text}, ${type}`]);
  }
  return found;
}

/** All that lies there, in the order of the keys. */
export async function listBucket(s3: Bucket): Promise<Stored[]> {
  const client = clientFor(s3);
  const found: Stored[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const url = new URL(`${s3.endpoint}/${s3.bucket}`);
    url.searchParams.set('list-type', '2');
    if (token !== undefined) url.searchParams.set('continuation-token', token);
    const response = await client.fetch(url.href);
    const xml = await response.text();
    if (!response.ok) throw new Error(`listing the bucket answered ${response.status}: ${xml.slice(0, 300)}`);
    for (const [, contents = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      const [key = '', size, etag = '', time = ''] = ['Key', 'Size', 'ETag', 'LastModified'].map((tag) =>
        textOf(tag, contents),
      );
      found.push({ key, size: Number(size), etag, time });
    }
    token = textOf('NextContinuationToken', xml);
    if (token === undefined) return found;
  }
  throw new Error('the bucket holds more objects than are read');
}

async function typeOf(client: AwsClient, url: string): Promise<string> {
  const response = await client.fetch(url, { method: 'HEAD' });
  return response.headers.get('content-type') ?? 'no type';
}

/** Our keys and tokens hold no characters that XML escapes. */
const textOf = (tag: string, xml: string): string | undefined =>
  new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(xml)?.[1];
