/** `./files`: what becomes of files if they are sent, told before anything is. */
import { expect, test } from 'vitest';
import { inspectFiles } from '../../src/files/index.ts';
import { koreanFile } from '../../src/messages/ko.ts';
import { preparePhotos } from '../../src/upload/files.ts';
import { bytes } from '../support.ts';
import { jpeg } from './made.ts';

const named = (name: string, data: Uint8Array<ArrayBuffer>) => ({ name, data });
const GIF = bytes('GIF89a', [1, 2, 3]);

test('each file has its place, and one that cannot be sent the reason that a run would give', async () => {
  const files = [
    named('a.jpg', jpeg(8, 8)),
    named('b.gif', GIF),
    named('empty.jpg', bytes()),
    named('c.jpg', jpeg(9, 9)),
  ];
  const inspected = await inspectFiles(files);
  expect(inspected.map(({ index, name }) => [index, name])).toEqual(files.map(({ name }, at) => [at, name]));
  expect(inspected.map(({ refused }) => refused?.reason ?? null)).toEqual([null, 'gif', 'empty', null]);
  const { refused } = await preparePhotos(files, 'skip');
  expect(inspected.flatMap((file) => file.refused ?? [])).toEqual(refused);
  expect(koreanFile(refused[0] ?? { name: '', reason: 'empty' })).toContain('GIF');
});

test('two files of one content have one print under whatever name, and others have others', async () => {
  const [a, again, other, refused] = await inspectFiles([
    named('a.jpg', jpeg(8, 8)),
    named('a (1).jpg', jpeg(8, 8)),
    named('b.jpg', jpeg(9, 8)),
    named('c.gif', GIF),
  ]);
  expect(a?.print).toEqual(expect.any(String));
  expect(again?.print).toBe(a?.print);
  expect(other?.print).not.toBe(a?.print);
  expect(refused?.print).toBeNull();
});

test('more files than a job takes are all looked at', async () => {
  const files = Array.from({ length: 250 }, (_, at) => named(`${at}.jpg`, jpeg(8, 8 + at)));
  expect((await inspectFiles(files)).every(({ refused }) => refused === null)).toBe(true);
});
