/** Results as files under their photos' names, as zip libraries take them, and the photos that they were made from. */
import { expect, test } from 'vitest';
import { createClient, isS3Error, memoryStorage } from '../../src/index.ts';
import { fileNames } from '../../src/results/file-names.ts';
import { originalUrls, resultFiles } from '../../src/results/index.ts';
import { createTestServer } from '../../src/testing/index.ts';
import { bytes, JPEG_HEAD } from '../support.ts';

const album = { preset: 'interior', concepts: { Floor: { action: 'recolor', value: 'oak' } } } as const;
const photo = (name: string, of: number) => ({ name, data: bytes(JPEG_HEAD, [of, of]) });

async function finished(names: string[]) {
  const server = createTestServer({ gpu: { fail: ({ idx }) => (idx === 1 ? 'too dark' : undefined) } });
  const storage = memoryStorage();
  const client = createClient({ ...server, storage });
  const files = names.map((name, at) => photo(name, at + 1));
  const result = await client.jobs.run({ ...album, files });
  return { server, client, result };
}

test('each result that is done is a file under its photo’s name, fetched when it is asked for', async () => {
  const { server, client, result } = await finished(['kitchen.HEIC.jpg', 'dark.jpg', 'Kitchen.heic.PNG', '거실.jpeg']);
  const fetched: string[] = [];
  const fetch = (url: string, init?: RequestInit) => {
    fetched.push(url);
    return server.fetch(url, init);
  };
  const zip: Record<string, Uint8Array> = {};
  for await (const { name, input } of resultFiles(client, result, { fetch })) {
    zip[name] = new Uint8Array(await input.arrayBuffer());
    expect(fetched).toHaveLength(Object.keys(zip).length);
  }
  expect(Object.keys(zip)).toEqual(['kitchen.HEIC.jpg', 'Kitchen.heic-2.jpg', '거실.jpg']);
  for (const data of Object.values(zip)) expect(data.length).toBeGreaterThan(0);
});

test('by its id alone the files have the numbers of the photos', async () => {
  const { server, client, result } = await finished(['a.jpg', 'b.jpg', 'c.jpg']);
  const names: string[] = [];
  for await (const { name } of resultFiles(client, result.jobId, { fetch: server.fetch })) names.push(name);
  expect(names).toEqual(['photo-1.jpg', 'photo-3.jpg']);
});

test('a file that cannot be fetched is named', async () => {
  const { client, result } = await finished(['a.jpg', 'b.jpg']);
  const gone = async () => new Response('gone', { status: 410 });
  const error = await resultFiles(client, result, { fetch: gone })
    .next()
    .catch((reason: unknown) => reason);
  expect(isS3Error(error, 'NETWORK_ERROR') && error.data.file).toEqual({ index: 0, name: 'a.jpg' });
  expect(isS3Error(error) && error.status).toBe(410);
});

test('after a reload the photos as they were uploaded are there by their URLs', async () => {
  const { server, client, result } = await finished(['a.jpg', 'b.jpg']);
  const urls = await originalUrls(client, result.jobId);
  expect(urls).toHaveLength(2);
  const second = await server.fetch(urls[1] ?? '');
  expect(new Uint8Array(await second.arrayBuffer())).toEqual(photo('b.jpg', 2).data);
  expect(await originalUrls(client, 'f'.repeat(64))).toEqual([]);
  await server.clock.advance(29 * 86_400_000);
  await client.auth.renew();
  await server.clock.advance(2 * 86_400_000);
  expect(await originalUrls(client, result.jobId)).toEqual([null, null]);
});

test.each([
  [['../../etc/passwd.jpg'], ['_.._etc_passwd.jpg']],
  [
    ['a/b\\c:d*.png', 'con\u0000.jpg'],
    ['a_b_c_d_.jpg', 'con_.jpg'],
  ],
  [
    ['.hidden.jpg', '...', ''],
    ['hidden.jpg', 'photo.jpg', 'photo-2.jpg'],
  ],
  [
    ['IMG_1.JPG', 'img_1.jpg', 'IMG_1-2.jpg'],
    ['IMG_1.jpg', 'img_1-2.jpg', 'IMG_1-2-2.jpg'],
  ],
  [
    ['caf\u00e9.jpg', 'cafe\u0301.jpg'],
    ['caf\u00e9.jpg', 'cafe\u0301-2.jpg'],
  ],
  [[`${'한'.repeat(200)}.jpg`], [`${'한'.repeat(80)}.jpg`]],
])('%j are called %j', (given, names) => {
  expect(fileNames(given, 'jpeg')).toEqual(names);
});

test('the ending is that of the format, whatever the photo was', () => {
  expect([fileNames(['a.jpg'], 'webp'), fileNames(['a.webp'], 'png'), fileNames(['a'], undefined)]).toEqual([
    ['a.webp'],
    ['a.png'],
    ['a.png'],
  ]);
});
