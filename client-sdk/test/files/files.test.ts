import { expect, test } from 'vitest';
import { isS3Error } from '../../src/index.ts';
import { preparePhotos } from '../../src/upload/files.ts';
import { bytes, caught, JPEG_HEAD, jpegs, PNG_HEAD, samplePhoto } from '../support.ts';

test('a real photo is recognised whatever holds it: bytes, a Blob or a File', async () => {
  const data = samplePhoto('seller/cookie-box.jpg');
  const { photos } = await preparePhotos([{ name: 'a.jpg', data }, new Blob([data]), new File([data], 'c.jpg')]);
  expect(photos.map(({ name, contentType }) => [name, contentType])).toEqual([
    ['a.jpg', 'image/jpeg'],
    ['photo-2', 'image/jpeg'],
    ['c.jpg', 'image/jpeg'],
  ]);
  expect(photos.every((photo) => photo.bytes === data.byteLength)).toBe(true);
});

test('every sample photo of the repository passes', async () => {
  const names = ['interior/house.jpg', 'interior/facade.jpg', 'seller/apple.jpg', 'seller/books.jpg'];
  const { photos } = await preparePhotos(names.map((name) => ({ name, data: samplePhoto(name) })));
  expect(photos.map(({ contentType }) => contentType)).toEqual(names.map(() => 'image/jpeg'));
});

test('a PNG named .jpg is sent as image/png, and a WebP as image/webp', async () => {
  const png = { name: 'shot.jpg', data: bytes(PNG_HEAD, [0, 0, 0, 13]) };
  const webp = { name: 'web.jpg', data: bytes('RIFF', [4, 0, 0, 0], 'WEBPVP8 ') };
  const { photos } = await preparePhotos([png, webp]);
  expect(photos.map(({ contentType }) => contentType)).toEqual(['image/png', 'image/webp']);
});

test('a truncated JPEG with a good beginning passes: the server will report it', async () => {
  const truncated = samplePhoto('seller/cookie-box.jpg').slice(0, 400);
  await expect(preparePhotos([{ name: 'cut.jpg', data: truncated }])).resolves.toMatchObject({
    photos: [{ index: 0 }],
  });
});

test('all bad files are refused at once, each by its name, position and reason', async () => {
  const error = await caught(
    preparePhotos([
      { name: 'good.jpg', data: bytes(JPEG_HEAD) },
      { name: 'empty.jpg', data: new Uint8Array() },
      { name: 'page.jpg', data: bytes('<!DOCTYPE html><html></html>') },
      { name: 'notes.jpg', data: bytes('dear diary') },
      { name: 'huge.jpg', data: new Blob([bytes(JPEG_HEAD), new Uint8Array(25_000_000)]) },
    ]),
  );
  expect(isS3Error(error, 'INVALID_FILE') && error.data.files).toMatchObject([
    { index: 1, name: 'empty.jpg', reason: 'empty' },
    { index: 2, name: 'page.jpg', reason: 'html' },
    { index: 3, name: 'notes.jpg', reason: 'text' },
    { index: 4, name: 'huge.jpg', reason: 'too-large' },
  ]);
  expect((error as Error).message).toContain('empty.jpg is empty; page.jpg is a web page');
});

test('a photo of exactly 25 MB passes, one byte more does not', async () => {
  const padding = new Uint8Array(25_000_000 - JPEG_HEAD.length);
  await expect(preparePhotos([new Blob([bytes(JPEG_HEAD), padding])])).resolves.toMatchObject({
    photos: [{ index: 0 }],
  });
  const error = await caught(preparePhotos([new Blob([bytes(JPEG_HEAD), padding, bytes('x')])]));
  expect(isS3Error(error, 'INVALID_FILE')).toBe(true);
});

test('no file at all is refused', async () => {
  const error = await caught(preparePhotos([]));
  expect(isS3Error(error, 'INVALID_FILE') && error.data.files).toEqual([]);
});

test('200 files pass, and of 202 the last two are named', async () => {
  expect((await preparePhotos(jpegs(200))).photos).toHaveLength(200);
  const error = await caught(preparePhotos(jpegs(202)));
  expect(isS3Error(error, 'INVALID_FILE') && error.data.files).toMatchObject([
    { index: 200, name: 'photo200.jpg', reason: 'too-many' },
    { index: 201, name: 'photo201.jpg', reason: 'too-many' },
  ]);
});

test('a file that can no longer be read is refused by name', async () => {
  const gone = Object.assign(new Blob([bytes(JPEG_HEAD)]), { name: 'gone.jpg' });
  gone.slice = () => {
    throw new DOMException('moved', 'NotReadableError');
  };
  const error = await caught(preparePhotos([gone]));
  expect(isS3Error(error, 'INVALID_FILE') && error.data.files[0]).toMatchObject({
    name: 'gone.jpg',
    reason: 'unreadable',
  });
});
