/** Whatever apps hold a photo in: taken, or refused with its type named, and never taken for an empty list. */
import { Readable } from 'node:stream';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test, vi } from 'vitest';
import { isS3Error, type PhotoFiles } from '../../src/index.ts';
import { preparePhotos } from '../../src/upload/files.ts';
import { caught, samplePhoto } from '../support.ts';

afterEach(() => vi.unstubAllGlobals());

const data = samplePhoto('seller/cookie-box.jpg');
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
};

test.each(Object.entries(HOLDERS))('%s is taken, whole', async (_, make) => {
  const { photos } = await preparePhotos(make());
  expect(photos.map(({ contentType, bytes }) => [contentType, bytes])).toEqual([['image/jpeg', data.byteLength]]);
});

test('what lies in shared memory is copied out of it, since nothing can be sent from there', async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(data.byteLength));
  shared.set(data);
  const [photo] = (await preparePhotos([shared])).photos;
  const sent = photo?.body;
  expect(sent instanceof Uint8Array && sent.buffer).toBeInstanceOf(ArrayBuffer);
});

test("React Native's { uri, name, type } is read from where it lies", async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (uri: string) => {
    asked.push(uri);
    return new Response(data);
  });
  const uri = 'file:///data/cache/IMG_1.jpg';
  const { photos } = await preparePhotos([
    { uri, name: 'box.jpg', type: 'image/jpeg' },
    { uri, fileName: 'IMG_1.jpg' },
  ]);
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
  ['null', [null], 'is a Object'],
  ['an object', [{ path: '/photos/a.jpg' }], 'is a Object'],
  ['an instance', [new (class Picture {})()], 'is a Picture'],
  ['a function', [() => {}], 'is a Function'],
  ["a stream of one photo's bytes", new ReadableStream(), 'is a ReadableStream'],
  ["a stream of one photo's bytes as Node has it", Readable.from([data]), 'is a Readable'],
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

test('nothing picked is no photo, whatever says so', async () => {
  for (const none of [[], null, undefined, new Set<never>()]) {
    const error = await caught(preparePhotos(none as never));
    expect(isS3Error(error, 'INVALID_FILE') && error.data.files).toEqual([]);
  }
});
