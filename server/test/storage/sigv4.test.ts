/** Our presigned URLs against those of aws4fetch, an implementation that others rely on. */
import { AwsV4Signer } from 'aws4fetch';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Credentials, presigner, type Signing } from '../../src/storage/sigv4.ts';

const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
const secret = fc.stringMatching(/^[A-Za-z0-9/+]{16,64}$/);
const endpoint = fc.constantFrom('https://abc.r2.cloudflarestorage.com', 'http://127.0.0.1:8787/cdn-cgi/local/r2/s3');
const credentials: fc.Arbitrary<Credentials> = fc.record({
  endpoint,
  bucket: word,
  accessKeyId: word,
  secretAccessKey: secret,
});
const headers = fc.oneof(
  fc.constant({}),
  fc.constantFrom('image/png', 'image/jpeg', 'application/json').map((type) => ({ 'content-type': type })),
  fc.nat(25_000_000).map((bytes) => ({
    'content-type': 'image/webp',
    'content-length': String(bytes),
    'if-none-match': '*',
  })),
);
const signing = fc.record({
  method: fc.constantFrom('GET' as const, 'PUT' as const),
  headers: headers as fc.Arbitrary<Record<string, string>>,
  signedAt: fc.integer({ min: 1_600_000_000_000, max: 4_000_000_000_000 }),
  seconds: fc.integer({ min: 1, max: 604_800 }),
});
type How = Omit<Signing, 'headers'> & { headers: Record<string, string> };
const key = fc
  .tuple(fc.constantFrom('inputs', 'outputs', 'masks'), word, word, fc.nat(199))
  .map((parts) => `${parts.join('/')}.jpg`);

async function reference(
  { endpoint, bucket, accessKeyId, secretAccessKey }: Credentials,
  { method, headers, signedAt, seconds }: How,
  path: string,
): Promise<URL> {
  const signer = new AwsV4Signer({
    method,
    url: `${endpoint}/${bucket}/${path}?X-Amz-Expires=${seconds}`,
    headers,
    accessKeyId,
    secretAccessKey,
    service: 's3',
    region: 'auto',
    signQuery: true,
    allHeaders: true,
    datetime: new Date(signedAt).toISOString().replace(/[:-]|\.\d{3}/g, ''),
  });
  return (await signer.sign()).url;
}

test('every URL has the signature, and every other parameter, that aws4fetch gives it', async () => {
  await fc.assert(
    fc.asyncProperty(credentials, signing, key, key, async (who, how, first, second) => {
      const sign = presigner(who, { ...how, headers: Object.keys(how.headers) });
      for (const path of [first, second]) {
        const [ours, theirs] = [new URL(sign(path, Object.values(how.headers))), await reference(who, how, path)];
        expect(ours.origin + ours.pathname).toBe(theirs.origin + theirs.pathname);
        expect(Object.fromEntries(ours.searchParams)).toEqual(Object.fromEntries(theirs.searchParams));
      }
    }),
    { numRuns: 300 },
  );
});
