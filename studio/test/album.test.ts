/** What is made of what somebody drops, picks and pastes: which files, in which order, and what they come to. */
import { expect, test } from 'vitest';
import type { Facts } from '../src/album/facts.ts';
import { after, gridOf } from '../src/album/grid.ts';
import { droppedFiles, type Entry, filesUnder, pickedFiles } from '../src/album/intake.ts';
import { tallyOf } from '../src/album/tally.ts';

const file = (name: string, bytes = 1): File => new File([new Uint8Array(bytes)], name);
const entryOf = (name: string): Entry => ({
  name,
  isFile: true,
  isDirectory: false,
  file: (found) => found(file(name)),
});
const unreadable = (name: string): Entry => ({ ...entryOf(name), file: (_, failed) => failed(new Error('gone')) });
/** Gives its entries a few at a time, as browsers do. */
const folder = (name: string, entries: Entry[]): Entry => ({
  name,
  isFile: false,
  isDirectory: true,
  createReader() {
    const left = [...entries];
    return { readEntries: (found) => found(left.splice(0, 2)) };
  },
});
const namesOf = (files: readonly File[]) => files.map(({ name }) => name);

test('a folder gives all its files as people count them, those of folders in it behind, and nothing of the system', async () => {
  const album = folder('album', [
    entryOf('10.jpg'),
    entryOf('.DS_Store'),
    folder('b', [entryOf('b.jpg')]),
    entryOf('2.jpg'),
    unreadable('gone.jpg'),
    folder('a', [folder('deep', [entryOf('z.jpg')]), entryOf('a.jpg')]),
    entryOf('Thumbs.db'),
    entryOf('1.jpg'),
  ]);
  expect(namesOf(await filesUnder(album))).toEqual(['1.jpg', '2.jpg', '10.jpg', 'a.jpg', 'z.jpg', 'b.jpg']);
});

test('files and folders that are dropped together keep the order in which they lie', async () => {
  const loose = file('z.jpg');
  const items = [
    { kind: 'file', webkitGetAsEntry: () => entryOf('z.jpg'), getAsFile: () => loose },
    { kind: 'string', webkitGetAsEntry: () => null, getAsFile: () => null },
    { kind: 'file', webkitGetAsEntry: () => folder('f', [entryOf('a.jpg')]), getAsFile: () => null },
  ];
  const files = await droppedFiles({ items, files: [] } as unknown as DataTransfer);
  expect(namesOf(files)).toEqual(['z.jpg', 'a.jpg']);
  expect(files[0]).toBe(loose);
});

test('what is picked keeps its order; a picked folder is put into that of its names', () => {
  const picked = [file('b.jpg'), file('a.jpg')];
  for (const one of picked) Object.defineProperty(one, 'webkitRelativePath', { value: '' });
  expect(namesOf(pickedFiles(picked))).toEqual(['b.jpg', 'a.jpg']);
  const inFolder = ['f/s/1.jpg', 'f/10.jpg', 'f/.hidden/x.jpg', 'f/9.jpg'].map((path) => {
    const one = file(path.split('/').at(-1) ?? '');
    Object.defineProperty(one, 'webkitRelativePath', { value: path });
    return one;
  });
  expect(namesOf(pickedFiles(inFolder))).toEqual(['9.jpg', '10.jpg', '1.jpg']);
});

const UNKNOWN: Facts = { looked: true, refused: null, print: null, picture: null, jpeg: 'none' };
const refused = (reason: 'heic' | 'text') => ({ index: 0, name: 'x', reason, message: '' });

test('an album comes to what can be sent; of two of one content the second is there twice; a HEIC counts once it is a JPEG', () => {
  const [a, again, text, heic, making, fresh] = [3, 3, 5, 7, 11, 13].map((bytes, at) => file(`${at}`, bytes)) as [
    File,
    File,
    File,
    File,
    File,
    File,
  ];
  const facts = new Map<unknown, Facts>([
    [a, { ...UNKNOWN, print: 'p' }],
    [again, { ...UNKNOWN, print: 'p' }],
    [text, { ...UNKNOWN, refused: refused('text') }],
    [heic, { ...UNKNOWN, refused: refused('heic'), jpeg: 'failed' }],
    [making, { ...UNKNOWN, refused: refused('heic'), jpeg: 'making' }],
    [fresh, { ...UNKNOWN, looked: false }],
  ]);
  const tally = tallyOf([a, again, text, heic, making, fresh], (one) => facts.get(one) ?? UNKNOWN);
  expect(tally).toMatchObject({ good: 4, refused: 2, open: 2, bytes: 3 + 3 + 11 + 13 });
  expect([...tally.twice]).toEqual([again]);
});

test('tiles fill a width of a phone by three and of a screen by as many as are large enough, larger where they are few', () => {
  expect(gridOf(358, 50).columns).toBe(3);
  expect(gridOf(1392, 50).columns).toBeGreaterThan(6);
  expect(gridOf(1392, 4).pictureHeight).toBeGreaterThan(gridOf(1392, 50).pictureHeight);
  for (const width of [320, 358, 700, 1392]) expect(gridOf(width, 50).columns).toBeGreaterThanOrEqual(2);
});

test('keys go from tile to tile, and nowhere beyond the first and the last', () => {
  expect(after('ArrowRight', 0, 10, 3)).toBe(1);
  expect(after('ArrowDown', 0, 10, 3)).toBe(3);
  expect(after('ArrowUp', 1, 10, 3)).toBeNull();
  expect(after('ArrowRight', 9, 10, 3)).toBeNull();
  expect(after('End', 2, 10, 3)).toBe(9);
  expect(after('Enter', 2, 10, 3)).toBeNull();
});
