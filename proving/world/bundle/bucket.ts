/** The bucket as its operator sees it over S3: one request a look, where the simulator's binding would need one for each field. */
import { AwsClient } from 'aws4fetch';
import type { Production } from '../../../start/local/production.ts';

const MAX_PAGES = 100;

/** Types of what was seen, by key, checksum and time of the PUT. */
const types = new Map<string, string>();

/** Every key, with size, type, checksum and the time of its PUT as text. */
export async function listBucket({ s3 }: Production): Promise<[key: string, text: string][]> {
  const { accessKeyId, secretAccessKey } = s3;
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: 's3', region: 'auto', retries: 3 });
  const found: [string, string][] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const url = new URL(`${s3.endpoint}/${s3.bucket}`);
    url.searchParams.set('list-type', '2');
    if (token !== undefined) url.searchParams.set('continuation-token', token);
    const response = await client.fetch(url.href);
    const xml = await response.text();
    if (!response.ok) throw new Error(`listing the bucket answered ${response.status}: ${xml.slice(0, 300)}`);
    for (const [, contents = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      const [key = '', ...rest] = ['Key', 'Size', 'ETag', 'LastModified'].map((tag) => textOf(tag, contents));
      const text = rest.join(', ');
      const type = types.get(`${key} ${text}`) ?? (await typeOf(client, `${s3.endpoint}/${s3.bucket}/${key}`));
      types.set(`${key} ${text}`, type);
      found.push([key, `${text}, ${type}`]);
    }
    token = textOf('NextContinuationToken', xml);
    if (token === undefined) return found;
  }
  throw new Error('the bucket holds more objects than a snapshot reads');
}

async function typeOf(client: AwsClient, url: string): Promise<string> {
  const response = await client.fetch(url, { method: 'HEAD' });
  return response.headers.get('content-type') ?? 'no type';
}

/** Our keys and tokens hold no characters that XML escapes. */
const textOf = (tag: string, xml: string): string | undefined =>
  new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(xml)?.[1];
