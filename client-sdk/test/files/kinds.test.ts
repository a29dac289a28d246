/** What a file is, told by its bytes, whatever it is called and declared to be. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isS3Error } from '../../src/index.ts';
import { fileText } from '../../src/messages/index.ts';
import { preparePhotos } from '../../src/upload/files.ts';
import { words } from '../../src/upload/inspect/index.ts';
import { bytes, caught } from '../support.ts';
import { inspect } from './inspect.ts';
import { ANIMATION, jpeg, OTHER_KINDS, png, webpExtended, webpLossless, webpLossy } from './made.ts';

const fixture = (name: string) => new Uint8Array(readFileSync(path.join(import.meta.dirname, 'photos', name)));

const all = Object.entries(OTHER_KINDS).flatMap(([reason, files]) =>
  Object.entries(files).map(([what, data]) => ({ reason, what, data })),
);

test.each(all)('$reason ($what) is refused as that, also when it says that it is a JPEG', async ({ reason, data }) => {
  const file = new File([data], 'IMG_0001.jpg', { type: 'image/jpeg' });
  const error = await caught(preparePhotos([file]));
  expect(isS3Error(error, 'INVALID_FILE') && error.data.files).toMatchObject([
    { index: 0, name: 'IMG_0001.jpg', reason },
  ]);
});

test('a photo of an iPhone is refused as HEIC, with what to set on the phone', async () => {
  const error = await caught(preparePhotos([{ name: 'IMG_0001.HEIC', data: fixture('IMG_0001.HEIC') }]));
  if (!isS3Error(error, 'INVALID_FILE')) throw error;
  expect(error.data.files).toMatchObject([{ reason: 'heic', message: expect.stringContaining('Most Compatible') }]);
  expect(error.message).toContain('IMG_0001.HEIC is a HEIC photo: save it as JPEG');
});

test('every taken type is known by its bytes, whatever it is called', async () => {
  const { photos } = await preparePhotos([
    { name: 'a.heic', data: jpeg(40, 30) },
    { name: 'b.jpg', data: png(40, 30) },
    { name: 'c.jpg', data: webpLossy(40, 30) },
    { name: 'd.txt', data: webpLossless(40, 30) },
    { name: 'e', data: webpExtended(40, 30) },
  ]);
  expect(photos.map(({ contentType }) => contentType.slice(6))).toEqual(['jpeg', 'png', 'webp', 'webp', 'webp']);
});

test.each([
  ['a WebP of three frames', fixture('animated.webp')],
  ['a WebP that says so', webpExtended(40, 30, ANIMATION)],
  ['a PNG of three frames', png(40, 30, 3)],
  ['a PNG that repeats for ever', png(40, 30, 2)],
])('%s is refused: one frame of it is never silently the result', async (_, data) => {
  expect(await inspect(data)).toBe('animated');
});

test.each([
  ['a WebP with transparency and a profile', webpExtended(40, 30, 0x30), 'image/webp'],
  ['a PNG of a single frame', png(40, 30, 1), 'image/png'],
])('%s is no animation', async (_, data, type) => {
  expect(await inspect(data)).toBe(type);
});

test('a folder that was dropped on the page is refused as one, and what has vanished as unreadable', async () => {
  const gone = (name: string, type = '') => {
    const file = new File(['x'], name, { type });
    file.slice = () => {
      throw new DOMException('gone', 'NotFoundError');
    };
    return file;
  };
  const entry = { isDirectory: true, name: 'album.jpg' } as unknown as File;
  const files = [gone('Holiday 2026'), gone('gone.jpg', 'image/jpeg'), entry, null as unknown as File];
  const error = await caught(preparePhotos(files));
  expect(isS3Error(error, 'INVALID_FILE') && error.data.files).toMatchObject([
    { name: 'Holiday 2026', reason: 'folder' },
    { name: 'gone.jpg', reason: 'unreadable' },
    { name: 'album.jpg', reason: 'folder' },
    { name: 'photo-4', reason: 'unreadable' },
  ]);
});

test('a video or a raw photo that is too large as well is told what it is', async () => {
  const large = new Uint8Array(25_000_001);
  large.set(OTHER_KINDS.raw?.NEF ?? []);
  const error = await caught(preparePhotos([{ name: 'a.nef', data: large }]));
  expect(isS3Error(error, 'INVALID_FILE') && error.data.files[0]?.reason).toBe('raw');
});

test.each(
  Object.keys(words) as (keyof typeof words)[],
)('%s is told in English and in Korean, by the name', (reason) => {
  const file = { index: 0, name: 'kitchen.jpg', reason, message: words[reason] };
  expect(fileText(file, 'en')).toBe(`“kitchen.jpg” ${words[reason]}.`);
  expect(fileText(file, 'ko')).toMatch(/kitchen\.jpg.*[가-힣]/);
  expect(fileText(file, 'ko')).not.toContain('undefined');
});

test('markup in the middle of a photo does not make it a page', async () => {
  const note = bytes([0xff, 0xfe, 0, 60], '<html><svg>%PDF-1.7 and what else a camera may write there now...');
  expect(await inspect(jpeg(40, 30, [[...note.subarray(0, 62)]]))).toBe('image/jpeg');
});
