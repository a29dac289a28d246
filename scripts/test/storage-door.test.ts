/** The door to the local bucket, before a storage that says what reached it. */
import { createServer, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOCAL_S3_PATH } from '../local/config.ts';
import { openStorageDoor, type StorageDoor } from '../local/storage-door.ts';

const PAGE = 'http://localhost:5173';
let door: StorageDoor;
let url: string;
let arrived: { line: string; headers: IncomingMessage['headers']; body: string }[] = [];

const storage = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('latin1');
  arrived.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
  // As wrangler does by itself, and a browser refuses two of them.
  response.writeHead(412, { 'access-control-allow-origin': '*', etag: '"1"' }).end('there already');
});

beforeAll(async () => {
  await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve));
  const address = storage.address();
  door = await openStorageDoor(0, typeof address === 'object' && address ? address.port : 0);
  url = `http://127.0.0.1:${door.port}${LOCAL_S3_PATH}/s3-images/inputs/u/j/0.jpg?X-Amz-Signature=a%2Fb`;
});
afterAll(async () => {
  await door.close();
  storage.close();
});

function askFirst(method: string, headers: string): Promise<Response> {
  const asked = { 'access-control-request-method': method, 'access-control-request-headers': headers };
  return fetch(url, { method: 'OPTIONS', headers: { origin: PAGE, ...asked } });
}

test('a preflight for what the bucket allows is answered here, and one for anything else is refused', async () => {
  arrived = [];
  const allowed = await askFirst('PUT', 'content-type,if-none-match');
  expect(allowed.status).toBe(204);
  expect(Object.fromEntries(allowed.headers)).toMatchObject({
    'access-control-allow-origin': PAGE,
    'access-control-allow-methods': 'GET, HEAD, PUT',
    'access-control-allow-headers': 'content-type, if-none-match',
  });
  for (const refused of [await askFirst('DELETE', ''), await askFirst('PUT', 'content-type,x-amz-acl')]) {
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  }
  expect(arrived).toEqual([]);
});

test('the rest passes through as it is, with the Host that was signed and without the Origin that wrangler refuses', async () => {
  arrived = [];
  const headers = { origin: PAGE, 'content-type': 'image/jpeg', 'if-none-match': '*' };
  const answer = await fetch(url, { method: 'PUT', headers, body: new Uint8Array([0xff, 0xd8, 0, 10, 13]) });
  expect(arrived).toMatchObject([{ line: `PUT ${url.slice(url.indexOf('/cdn-cgi'))}`, body: '\xff\xd8\0\n\r' }]);
  expect(arrived[0]?.headers).toMatchObject({ host: `127.0.0.1:${door.port}`, 'if-none-match': '*' });
  expect(arrived[0]?.headers.origin).toBeUndefined();
  expect(answer.status).toBe(412);
  expect(await answer.text()).toBe('there already');
  expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
  expect(answer.headers.get('access-control-expose-headers')).toBe('ETag, Retry-After');
});

test('nothing but the bucket is behind the door', async () => {
  arrived = [];
  expect((await fetch(`http://127.0.0.1:${door.port}/trpc/user.me`)).status).toBe(404);
  expect(arrived).toEqual([]);
});
