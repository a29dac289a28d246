/**
 * What lies in the bucket in the end, as its operator lists it: a result for each done photo, the photos of jobs that were executed, and
 * nothing else once clean-up is over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';
import type { Stack } from '../../../start/local/stack.ts';
import type { JobFacts } from './jobs.ts';

const PAUSE_MS = 5_000;

export type BucketReport = {
  /** Keys of done photos whose result is not there. */
  missing: string[];
  /** Keys that nothing needs, when the time for clean-up is over. */
  leftOver: string[];
};

/** Looks until clean-up has removed what is not kept, or `limitMs` are over. @param executed ids of jobs whose inputs are kept */
export async function untilTidy(
  s3: Stack['s3'],
  facts: JobFacts[],
  executed: ReadonlySet<string>,
  limitMs: number,
): Promise<BucketReport> {
  const until = Date.now() + limitMs;
  for (;;) {
    const report = compare(await listAll(s3), facts, executed);
    if (report.missing.length > 0 || report.leftOver.length === 0 || Date.now() > until) return report;
    await sleep(PAUSE_MS);
  }
}

export function compare(
  keys: readonly string[],
  facts: readonly JobFacts[],
  executed: ReadonlySet<string> = new Set(),
): BucketReport {
  const photosOf = ({ userId, jobId, done }: JobFacts) => done.map((idx) => `${userId}/${jobId}/${idx}`);
  const done = new Set(facts.flatMap(photosOf));
  const there = new Set(keys);
  const missing = [...done].map((photo) => `outputs/${photo}_result.png`).filter((key) => !there.has(key));
  const isKept = (key: string) => {
    const input = /^inputs\/[^/]+\/([^/]+)\//.exec(key)?.[1];
    if (input !== undefined) return executed.has(input);
    const photo = /^(?:outputs|previews|masks)\/([^/]+\/[^/]+\/\d+)_/.exec(key)?.[1];
    return photo !== undefined && done.has(photo);
  };
  return { missing, leftOver: keys.filter((key) => !isKept(key)) };
}

/** All keys of objects that are not empty. */
async function listAll({ endpoint, bucket, accessKeyId, secretAccessKey }: Stack['s3']): Promise<string[]> {
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: 's3', region: 'auto', retries: 3 });
  const keys: string[] = [];
  for (let token: string | undefined; ; ) {
    const url = new URL(`${endpoint}/${bucket}`);
    url.searchParams.set('list-type', '2');
    url.searchParams.set('max-keys', '1000');
    if (token !== undefined) url.searchParams.set('continuation-token', token);
    const response = await client.fetch(url.href);
    const xml = await response.text();
    if (!response.ok) throw new Error(`listing the local bucket answered ${response.status}: ${xml.slice(0, 300)}`);
    for (const [, contents = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      const key = textOf('Key', contents);
      if (key !== undefined && textOf('Size', contents) !== '0') keys.push(key);
    }
    token = textOf('IsTruncated', xml) === 'true' ? textOf('NextContinuationToken', xml) : undefined;
    if (token === undefined) return keys;
  }
}

/** Our keys and tokens hold no characters that XML escapes. */
const textOf = (tag: string, xml: string): string | undefined =>
  new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(xml)?.[1];
