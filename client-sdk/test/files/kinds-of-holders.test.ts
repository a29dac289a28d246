/** Whatever apps hold a photo in: taken, or refused with its type named, and never taken for an empty list. */
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test, vi } from 'vitest';
import { isS3Error, type PhotoFiles } from '../../src/index.ts';
import { preparePhotos } from '../../src/upload/files.ts';
import { bytes, caught, JPEG_HEAD, samplePhoto } from '../support.ts';

afterEach(() => vi.unstubAllGlobals());

const data = samplePhoto('seller/cookie-box.jpg');
const FILE = path.resolve(import.meta.dirname, '../../../examples/photos/seller/cookie-box.jpg');
/** What a frame, or a test environment with globals of its own, hands over. */
const foreign = (code: string): never => runInNewContext(`(${code})`, { data: [...data] }) as never;
async function* oneByOne<T>(...all: T[]): AsyncGenerator<T, void, undefined> {
  yield* all;
}

const HOLDERS: Record<string, () => PhotoFiles> = {
  'a single File': () => new File([data], 'box.jpg'),
  'a single Uint8Array': () => data,
  'a single { name, data }': () => ({ name: 'box.jpg', data }),
  'an ArrayBuffer': () => [data.buffer],
  'a DataView': () => [new DataView(data.buffer)],
  'shared memory': () => {
    const shared = new Uint8Array(new SharedArrayBuffer(data.byteLength));
    shared.set(data);
    return [shared];
  },
  "another realm's Uint8Array": () => [foreign('new Uint8Array(data)')],
  "another realm's ArrayBuffer": () => [{ name: 'box.jpg', data: foreign('new Uint8Array(data).buffer') }],
  "another realm's Blob": () => [
    { slice: Blob.prototype.slice.bind(new Blob([data])), size: data.byteLength } as unknown as Blob,
  ],
  'a Set': () => new Set([new File([data], 'box.jpg')]),
  'an async iterable of photos': () => oneByOne(new File([data], 'box.jpg')),
  "a Node stream's bytes": () => [{ name: 'box.jpg', data: createReadStream(FILE) }],
  'a Node stream by itself': () => createReadStream(FILE) as never,
  'a file handle': () => [{ kind: 'file', name: 'box.jpg', getFile: async () => new File([data], 'box.jpg') } as never],
};

test.each(Object.entries(HOLDERS))('%s is taken, whole', async (_, make) => {
  const { photos } = await preparePhotos(make());
  expect(photos.map(({ contentType, bytes }) => [contentType, bytes])).toEqual([['image/jpeg', data.byteLength]]);
});

test("React Native's { uri, name, type } is read from where it lies", async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (uri: string) => {
    asked.push(uri);
    return new Response(data);
  });
  const uri = 'file:///data/cache/IMG_1.jpg';
  const { photos } = await preparePhotos([{ uri, name: 'box.jpg', type: 'image/jpeg' }, { uri }]);
  expect(photos.map(({ name, bytes }) => [name, bytes])).toEqual([
    ['box.jpg', data.byteLength],
    ['IMG_1.jpg', data.byteLength],
  ]);
  expect(asked).toEqual([uri, uri]);
});

test.each<[string, unknown, string]>([
  ['a path', ['/photos/a.jpg'], 'is a String'],
  ['a path alone', '/photos/a.jpg', 'is a String'],
  ['a number', [7], 'is a Number'],
  ['null', [null], 'is a Null'],
  ['an object', [{ path: '/photos/a.jpg' }], 'is a Object'],
  ['an instance', [new (class Picture {})()], 'is a Picture'],
  ['a function', [() => {}], 'is a Function'],
])('%s is refused with its type named', async (_, files, why) => {
  const error = await caught(preparePhotos(files as never));
  expect(isS3Error(error, 'INVALID_FILE') && error.data.files).toMatchObject([
    { index: 0, name: 'photo-1', reason: 'unreadable', message: expect.stringContaining(why) },
  ]);
});

test('a folder by its handle is told as one', async () => {
  const error = await caught(preparePhotos([{ kind: 'directory', name: 'Holiday' } as never]));
  expect(isS3Error(error, 'INVALID_FILE') && error.data.files).toMatchObject([{ name: 'Holiday', reason: 'folder' }]);
});

test('a stream without an end is read no further than shows that it is too large', async () => {
  let given = 0;
  async function* endless() {
    for (yield bytes(JPEG_HEAD); ; given++) yield new Uint8Array(1_000_000);
  }
  const error = await caught(preparePhotos([{ name: 'long.jpg', data: endless() }]));
  expect(isS3Error(error, 'INVALID_FILE') && error.data.files).toMatchObject([{ reason: 'too-large' }]);
  expect(given).toBeLessThan(30);
});

test('nothing picked is no photo, whatever says so', async () => {
  for (const none of [[], null, undefined, new Set<never>()]) {
    const error = await caught(preparePhotos(none as never));
    expect(isS3Error(error, 'INVALID_FILE') && error.data.files).toEqual([]);
  }
});
