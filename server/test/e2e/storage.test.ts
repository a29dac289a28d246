/** What a presigned upload URL binds: real signatures, checked by R2's own S3 endpoint. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Stack, startStack } from '../../../start/local/stack.ts';
import { clientOf, samplePhotos } from './support.ts';

const [photo] = samplePhotos('seller');
if (photo === undefined) throw new Error('no sample photo');
const bytes = photo.data.slice().buffer;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ gpu: 'none' });
});
afterAll(() => stack?.stop());

async function newUpload() {
  const client = clientOf(stack.baseUrl);
  const photos = [{ contentType: 'image/jpeg' as const, bytes: bytes.byteLength }];
  const { jobId, uploads } = await client.jobs.create({ preset: 'seller', photos });
  const upload = uploads[0];
  if (upload === undefined) throw new Error('no upload URL');
  return { client, jobId, ...upload };
}

/** `fetch` sets content-length itself, from the body. */
const put = (url: string, headers: Record<string, string>, body: ArrayBuffer): Promise<Response> =>
  fetch(url, { method: 'PUT', headers, body });

it('takes exactly the announced photo, once', async () => {
  const { client, jobId, url, headers } = await newUpload();
  expect((await put(url, headers, bytes)).status).toBe(200);
  expect((await put(url, headers, bytes)).status).toBe(412);
  expect(await client.jobs.confirmUpload({ jobId })).toEqual({ status: 'uploaded' });
});

it.each([
  ['another content type', { 'content-type': 'image/png', 'if-none-match': '*' }, bytes],
  ['another length', { 'content-type': 'image/jpeg', 'if-none-match': '*' }, bytes.slice(0, 100)],
  ['its signed if-none-match left out', { 'content-type': 'image/jpeg' }, bytes],
])('refuses %s', async (_, headers, body) => {
  const { client, jobId, url } = await newUpload();
  expect((await put(url, headers, body)).status).toBe(403);
  await expect(client.jobs.confirmUpload({ jobId })).rejects.toMatchObject({
    code: 'UPLOAD_INCOMPLETE',
    data: { missing: [0], wrong: [] },
  });
});

it.each([
  ['another photo of the job', (path: string) => path.replace('/0.jpg', '/1.jpg')],
  ['a result in place of the input', (path: string) => path.replace('/inputs/', '/outputs/')],
  ["somebody else's folder", (path: string) => path.replace(/usr_[^/]+/, 'usr_somebodyelse')],
])('a URL altered to name %s is refused', async (_, alter) => {
  const { url, headers } = await newUpload();
  const altered = new URL(url);
  altered.pathname = alter(altered.pathname);
  expect(altered.toString()).not.toBe(url);
  expect((await put(altered.toString(), headers, bytes)).status).toBe(403);
});

/** What `send` answers, 200 times one after the other on the same connections, for bodies of 10 KB to 1 MB. */
async function answersOf(send: (body: ArrayBuffer) => Promise<Response>): Promise<number[]> {
  const answers: number[] = [];
  for (let n = 0; n < 200; n++) {
    const answer = await send(new ArrayBuffer(10_000 + n * 5_000));
    await answer.arrayBuffer();
    answers.push(answer.status);
  }
  return answers;
}
const all = (status: number): number[] => Array.from({ length: 200 }, () => status);

it('refused PUTs of any size are answered 403 each, and the next good one on their connection is taken', async () => {
  const { client, jobId, url, headers } = await newUpload();
  const { 'content-length': _, ...unsized } = headers;
  expect(await answersOf((body) => put(url, unsized, body))).toEqual(all(403));
  expect((await put(url, headers, bytes)).status).toBe(200);
  expect(await client.jobs.confirmUpload({ jobId })).toEqual({ status: 'uploaded' });
});

it('so are PUTs of a photo that is there already: 412 each', async () => {
  const { url, headers } = await newUpload();
  expect((await put(url, headers, bytes)).status).toBe(200);
  expect(await answersOf(() => put(url, headers, bytes))).toEqual(all(412));
  const next = await newUpload();
  expect((await put(next.url, next.headers, bytes)).status).toBe(200);
});
