/** The door to the local bucket, before a storage that says what reached it. */
import { createServer, type IncomingMessage, request } from 'node:http';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { bucketCors } from '../local/bucket-cors.ts';
import { LOCAL_S3_PATH } from '../local/config.ts';
import { openStorageDoor, type StorageDoor } from '../local/storage-door.ts';

const PAGE = 'http://localhost:5173';
const keys = { accessKeyId: 'key', secretAccessKey: 'secret' };
const KEY = 'inputs/u/j/0.jpg';
const PHOTO = new Uint8Array([0xff, 0xd8, 0, 10, 13]);
const HEADERS = { 'content-type': 'image/jpeg', 'if-none-match': '*' };
let door: StorageDoor;
let endpoint: string;
/** A PUT for `HEADERS`, as an upload URL is. */
let url: string;
let status = 412;
let arrived: { line: string; headers: IncomingMessage['headers']; body: string }[] = [];

const storage = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('latin1');
  arrived.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
  // As wrangler does by itself, and a browser refuses two of them.
  response.writeHead(status, { 'access-control-allow-origin': '*', etag: '"1"' }).end('there already');
});

async function sign(signedAt = Date.now(), secretAccessKey = keys.secretAccessKey): Promise<string> {
  const client = new AwsClient({ ...keys, secretAccessKey, service: 's3', region: 'auto' });
  const datetime = new Date(signedAt).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const aws = { signQuery: true, allHeaders: true, datetime };
  const signed = await client.sign(`${endpoint}/s3-images/${KEY}?X-Amz-Expires=900`, {
    method: 'PUT',
    headers: HEADERS,
    aws,
  });
  return signed.url;
}

beforeAll(async () => {
  await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve));
  const address = storage.address();
  const workerPort = typeof address === 'object' && address ? address.port : 0;
  door = await openStorageDoor({ port: 0, workerPort, keys, origins: [PAGE] });
  endpoint = `http://127.0.0.1:${door.port}${LOCAL_S3_PATH}`;
});
beforeEach(async () => {
  arrived = [];
  status = 412;
  url = await sign();
});
afterAll(async () => {
  await door.close();
  storage.close();
});

const put = (to: string, headers: Record<string, string> = {}, body = PHOTO): Promise<Response> =>
  fetch(to, { method: 'PUT', headers: { origin: PAGE, ...HEADERS, ...headers }, body });

function askFirst(method: string, headers: string, origin = PAGE): Promise<Response> {
  const asked = { 'access-control-request-method': method, 'access-control-request-headers': headers };
  return fetch(url, { method: 'OPTIONS', headers: { origin, ...asked } });
}

/** HTTP 403 that a page can't tell from a broken line, of which nothing reached the storage. */
async function expectRefused(answer: Response, code: string): Promise<void> {
  expect(await answer.text()).toContain(`<Code>${code}</Code>`);
  expect([answer.status, [...answer.headers.keys()].filter((name) => name.startsWith('access-control'))]).toEqual([
    403,
    [],
  ]);
  expect(arrived).toEqual([]);
}

test('a preflight for what the rule file allows is answered here, and one for anything else is refused', async () => {
  const { allowed, maxAgeSeconds } = bucketCors([]);
  const preflight = await askFirst('PUT', 'content-type,if-none-match');
  expect(preflight.status).toBe(204);
  expect(Object.fromEntries(preflight.headers)).toMatchObject({
    'access-control-allow-origin': PAGE,
    'access-control-allow-methods': allowed.methods.join(', '),
    'access-control-allow-headers': allowed.headers.join(', '),
    'access-control-max-age': String(maxAgeSeconds),
  });
  expect((await askFirst('PUT', '', allowed.origins[0])).status).toBe(204);
  for (const refused of [
    await askFirst('DELETE', ''),
    await askFirst('PUT', 'content-type,x-amz-acl'),
    await askFirst('PUT', 'content-type', 'https://evil.test'),
  ]) {
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  }
  expect(arrived).toEqual([]);
});

test('what is signed passes through as it is, with the Host that was signed and without the Origin that wrangler refuses', async () => {
  const answer = await put(url);
  expect(arrived).toMatchObject([{ line: `PUT ${url.slice(url.indexOf('/cdn-cgi'))}`, body: '\xff\xd8\0\n\r' }]);
  expect(arrived[0]?.headers).toMatchObject({ host: `127.0.0.1:${door.port}`, 'if-none-match': '*' });
  expect(arrived[0]?.headers.origin).toBeUndefined();
  expect(answer.status).toBe(412);
  expect(await answer.text()).toBe('there already');
  expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
  expect(answer.headers.get('access-control-expose-headers')).toBe('ETag, Retry-After, Content-Disposition');
});

test("the bucket's own answers may be read by pages of the rule, others by none", async () => {
  const readable = async (of: number, origin = PAGE) => {
    status = of;
    return (await put(url, { origin })).headers.get('access-control-allow-origin') !== null;
  };
  expect([await readable(200), await readable(404), await readable(412)]).toEqual([true, true, true]);
  expect([await readable(400), await readable(429), await readable(500)]).toEqual([false, false, false]);
  expect(await readable(200, 'https://evil.test')).toBe(false);
});

test('a URL that has ended, or of a key that was taken away, is refused without CORS headers', async () => {
  await expectRefused(await put(await sign(Date.now() - 901_000)), 'ExpiredRequest');
  await expectRefused(await put(await sign(Date.now(), 'rotated')), 'SignatureDoesNotMatch');
  await expectRefused(await put(url.split('?')[0] ?? ''), 'AccessDenied');
});

test.each([
  ['x-amz-copy-source', '/s3-images/inputs/victim/j/0.jpg'],
  ['x-amz-copy-source-range', 'bytes=0-9'],
  ['x-amz-copy-source-if-match', '"1"'],
  ['x-amz-metadata-directive', 'REPLACE'],
  ['x-amz-meta-owner', 'me'],
  ['x-amz-acl', 'public-read'],
  ['x-amz-grant-read', 'id="1"'],
  ['x-amz-tagging', 'a=b'],
  ['x-amz-storage-class', 'STANDARD_IA'],
  ['x-amz-website-redirect-location', 'https://evil.test'],
  ['x-amz-server-side-encryption', 'AES256'],
  ['x-amz-security-token', 'token'],
  ['x-amz-date', '20261124T101500Z'],
  ['x-amz-content-sha256', 'UNSIGNED-PAYLOAD'],
  ['X-Amz-Never-Heard-Of', '1'],
])('%s, which nobody signed, refuses the request', async (name, value) => {
  await expectRefused(await put(url, { [name]: value }), 'AccessDenied');
});

test.each([
  ['?uploads', '&uploads'],
  ['?uploadId and ?partNumber', '&uploadId=1&partNumber=1'],
  ['?acl', '&acl'],
  ['?tagging', '&tagging='],
  ['?versionId', '&versionId=1'],
  ['?x-id', '&x-id=PutObject'],
  ['a second list of signed headers', '&X-Amz-SignedHeaders=host%3Bx-amz-copy-source'],
  ['a second expiry', '&X-Amz-Expires=604800'],
])('a URL with %s, which nobody signed, is refused', async (_, more) => {
  await expectRefused(await put(url + more), 'SignatureDoesNotMatch');
});

test.each(['GET', 'HEAD', 'DELETE', 'POST', 'PATCH', 'OPTIONS'])('a URL for a PUT is no %s', async (method) => {
  const body = method === 'POST' || method === 'PATCH' ? { body: PHOTO } : {};
  expect((await fetch(url, { method, headers: HEADERS, ...body })).status).toBe(403);
  expect(arrived).toEqual([]);
});

test('a signed header that is changed, left out or sent twice is refused', async () => {
  const { port } = new URL(url);
  const raw = (headers: string[]) =>
    new Promise<number>((resolve, reject) => {
      const options = { port, host: '127.0.0.1', method: 'PUT', path: url.slice(url.indexOf('/cdn-cgi')), headers };
      request(options, (answer) => resolve(answer.resume().statusCode ?? 0))
        .on('error', reject)
        .end();
    });
  const host = ['host', `127.0.0.1:${port}`];
  const type = ['content-type', 'image/jpeg'];
  const match = ['if-none-match', '*'];
  expect(await raw([...host, ...type, ...match])).toBe(412);
  arrived = [];
  expect(await raw([...host, 'content-type', 'text/html', ...match])).toBe(403);
  expect(await raw([...host, ...type])).toBe(403);
  expect(await raw([...host, ...type, ...match, 'content-type', 'text/html'])).toBe(403);
  expect(await raw(['host', 'images.example.com', ...type, ...match])).toBe(403);
  expect(arrived).toEqual([]);
});

test('an operator who signs in the header gets through, with the headers that he signed and no others', async () => {
  const client = new AwsClient({ ...keys, service: 's3', region: 'auto', retries: 0 });
  const signed = await client.sign(`${endpoint}/s3-images?list-type=2&prefix=a%20b%2F`, {
    headers: { 'x-amz-meta-a': 'b' },
  });
  expect((await fetch(signed)).status).toBe(412);
  arrived = [];
  const more = new Headers(signed.headers);
  more.set('x-amz-copy-source', '/s3-images/a');
  await expectRefused(await fetch(signed.url, { headers: more }), 'AccessDenied');
  const stranger = new AwsClient({ ...keys, secretAccessKey: 'guessed', service: 's3', region: 'auto', retries: 0 });
  await expectRefused(await stranger.fetch(`${endpoint}/s3-images/a`), 'SignatureDoesNotMatch');
});

test('what a signed URL says that a file is saved as is said of a file that is there, and of nothing else', async () => {
  const client = new AwsClient({ ...keys, service: 's3', region: 'auto', retries: 0 });
  const disposition = "attachment; filename*=UTF-8''a%20b.png";
  const asked = `${endpoint}/s3-images/a?X-Amz-Expires=900&response-content-disposition=${encodeURIComponent(disposition)}`;
  const { url: saved } = await client.sign(asked, { aws: { signQuery: true } });
  const headerOf = async () => (await fetch(saved)).headers.get('content-disposition');
  status = 200;
  expect(await headerOf()).toBe(disposition);
  status = 404;
  expect(await headerOf()).toBeNull();
  arrived = [];
  await expectRefused(await fetch(saved.replace('b.png', 'b.exe')), 'SignatureDoesNotMatch');
});

test('a body that is refused is read to its end first, so that its sender gets the answer and the connection stays good', async () => {
  for (let n = 0; n < 50; n++)
    expect((await put(url, { 'x-amz-acl': 'private' }, new Uint8Array(1_000_000))).status).toBe(403);
  expect((await put(url)).status).toBe(412);
});

test('nothing but the bucket is behind the door', async () => {
  expect((await fetch(`http://127.0.0.1:${door.port}/trpc/user.me`)).status).toBe(404);
  expect(arrived).toEqual([]);
});
