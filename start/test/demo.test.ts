/** What the demo measures, and how it judges and shows it. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { readAlbums } from '../demo/albums.ts';
import { contactSheet } from '../demo/contact-sheet.ts';
import { figuresTable } from '../demo/figures-table.ts';
import { type Loss, type Mask, measure, type Picture, readPhoto, readPicture } from '../demo/measure.ts';
import { distinctNames } from '../demo/names.ts';
import { parseOptions } from '../demo/options.ts';
import { prepareOutFolder } from '../demo/out-folder.ts';
import { type Outcome, problemsOf } from '../demo/outcome.ts';
import { progressLine } from '../demo/progress.ts';

/** Four pixels in a row: target, target and protected, protected, neither. */
const picture = (...values: number[]): Picture => {
  return { width: 4, height: 1, rgb: Uint8Array.from(values.flatMap((value) => [value, 0, 0])) };
};
const BEFORE = picture(10, 20, 30, 40);
const TARGET: Mask = { concept: 'Wall', inside: Uint8Array.of(255, 255, 0, 0) };
const PROTECT: Mask = { concept: 'Grout', inside: Uint8Array.of(0, 255, 255, 0) };

const album = {
  name: 'interior',
  preset: 'interior' as const,
  rule: { concepts: { Wall: { action: 'remove' as const } }, protect: ['Grout'] },
  photos: [],
};
const outcome = (after: Picture, more: Partial<Outcome> = {}): Omit<Outcome, 'problems'> => ({
  album,
  name: 'a.jpg',
  state: 'done',
  reason: null,
  notFound: [],
  figures: measure(BEFORE, after, [TARGET], [PROTECT]),
  pictures: [],
  expectedToFail: false,
  ...more,
});

describe('measuring', () => {
  test('a change of the target alone is right', () => {
    const right = outcome(picture(99, 20, 30, 40));
    expect(right.figures).toMatchObject({
      target: 0.25,
      changed: 1,
      changedOutside: 0,
      protected: 0.5,
      maxDifference: 0,
    });
    expect(problemsOf(right)).toEqual([]);
  });

  test('a single step inside what is protected is found, where target and protected overlap as well', () => {
    const wrong = outcome(picture(99, 21, 30, 40));
    expect(wrong.figures).toMatchObject({ changedProtected: 1, maxDifference: 1, changedOutside: 1 });
    expect(problemsOf(wrong)).toEqual(['1 pixels changed inside what is protected']);
  });

  test('a change outside the masks, and a target that did not change, are problems', () => {
    expect(problemsOf(outcome(picture(99, 20, 30, 41)))).toEqual(['1 pixels changed outside the target']);
    expect(problemsOf(outcome(BEFORE))).toEqual(['the target did not change']);
  });

  test('a photo is turned upright by its EXIF data before it is compared', async () => {
    const image = sharp({ create: { width: 4, height: 2, channels: 3, background: 'red' } });
    const turned = await readPicture(await image.withMetadata({ orientation: 6 }).jpeg().toBuffer());
    expect([turned.width, turned.height]).toEqual([2, 4]);
  });

  test('what the GPU worker works on is measured, a JPEG without its end marker too, and what it does not is not', async () => {
    const jpeg = await sharp({ create: { width: 64, height: 32, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    expect((await readPhoto(jpeg.subarray(0, -2))).width).toBe(64);
    await expect(readPhoto(jpeg.subarray(0, -12))).rejects.toThrow('damaged or incomplete');
  });

  test('what a lossy format changes by itself is no change', () => {
    expect(measure(BEFORE, picture(99, 21, 30, 44), [TARGET], [PROTECT], { tolerance: 4, reach: 0 })).toMatchObject({
      changed: 1,
      changedOutside: 0,
      changedProtected: 0,
      maxDifference: 0,
    });
  });

  test('of a format whose colours run over edges, what lies next to the target is not judged, and what lies farther off is', () => {
    const wide = (values: number[]): Picture => ({
      width: 4,
      height: 3,
      rgb: Uint8Array.from(values.flatMap((value) => [value, 0, 0])),
    });
    const target = { concept: 'Wall', inside: Uint8Array.from([255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) };
    const [before, after] = [wide(Array(12).fill(0)), wide(Array(12).fill(90))];
    const none = measure(before, after, [target], [], { tolerance: 4, reach: 1 });
    expect(none).toMatchObject({ changed: 1, changedOutside: 12 - 4 });
    expect(measure(before, after, [target], [], { tolerance: 4, reach: 3 }).changedOutside).toBe(0);
    const kept = { concept: 'Grout', inside: target.inside.map((v) => 255 - v) };
    expect(measure(before, after, [target], [kept], { tolerance: 4, reach: 1 }).changedProtected).toBe(12 - 4);
  });

  test('a lone pixel of a lossy format is its own doing, and a pixel among others that differ is not', () => {
    const gray = (values: number[]): Picture => ({
      width: 4,
      height: 4,
      rgb: Uint8Array.from(values.flatMap((value) => [value, value, value])),
    });
    const nothing = { concept: 'Wall', inside: new Uint8Array(16) };
    const outside = (changed: number[], loss: Loss) => {
      const after = gray(Array.from({ length: 16 }, (_, at) => (changed.includes(at) ? 90 : 0)));
      return measure(gray(Array(16).fill(0)), after, [nothing], [], loss).changedOutside;
    };
    const lossy = { tolerance: 40, reach: 0 };
    expect([outside([5], lossy), outside([0, 1, 4, 5], lossy)]).toEqual([0, 3]);
    expect(outside([0, 1, 2, 4, 5, 6, 8, 9, 10], lossy)).toBeGreaterThan(4);
    expect(outside([5], { tolerance: 0, reach: 0 })).toBe(1);
  });

  test('a result of another size is an error, not a comparison', () => {
    expect(() => measure(BEFORE, { width: 2, height: 1, rgb: new Uint8Array(6) }, [], [])).toThrow('the result is 2×1');
  });
});

describe('judging', () => {
  test('a failed photo is a problem unless it was expected, and one that was expected must fail', () => {
    const failed = outcome(BEFORE, { state: 'failed', reason: 'damaged', figures: null });
    expect(problemsOf(failed)).toEqual(['damaged']);
    expect(problemsOf({ ...failed, expectedToFail: true })).toEqual([]);
    expect(problemsOf(outcome(picture(99, 20, 30, 40), { expectedToFail: true }))).toHaveLength(1);
  });

  test('so is one that was refused, and the table says why in the words of the client', () => {
    const refused = outcome(BEFORE, { state: 'refused', reason: 'is a HEIC photo: save it as JPEG', figures: null });
    const problems = problemsOf(refused);
    expect(problems).toEqual([refused.reason]);
    expect(problemsOf({ ...refused, expectedToFail: true })).toEqual([]);
    expect(figuresTable([{ ...refused, problems }])).toContain('✘ is a HEIC photo: save it as JPEG');
  });
});

describe('showing', () => {
  const long = { ...outcome(picture(99, 20, 30, 40), { name: `${'x'.repeat(90)}.jpg` }), problems: ['p'.repeat(200)] };

  test('the table fits 100 columns whatever the names', () => {
    for (const line of figuresTable([long]).split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('the contact sheet escapes what it did not write itself', () => {
    const html = contactSheet([{ ...long, name: '<img src=x onerror=alert(1)>' }], {
      charged: 1,
      refunded: 0,
      seconds: 1,
    });
    expect(html).not.toContain('<img src=x');
    expect(html).toContain('&lt;img src=x');
  });

  test('progress fits 80 columns on a terminal and is sparse elsewhere', () => {
    const written = (isTTY: boolean) => {
      const parts: string[] = [];
      const out = { isTTY, columns: 200, write: (text: string) => parts.push(text) };
      const line = progressLine('a-folder-with-quite-a-long-name', out);
      for (let i = 0; i <= 200; i++)
        line.update('processing', i, 200, '3 failed, and something long to say about it all');
      return parts;
    };
    for (const part of written(true)) expect(part.replace('\r\x1b[2K', '').length).toBeLessThan(80);
    expect(written(false)).toHaveLength(5);
  });
});

describe('names', () => {
  test('names that a file system may take for one become several, in their order', () => {
    const accent = 'Caf\u00e9';
    const names = ['IMG_1', 'img_1', 'IMG_1', 'IMG_1-2', accent, accent.normalize('NFD'), 'a.jpg', 'a'];
    const made = distinctNames(names);
    expect(made).toEqual([
      'IMG_1',
      'img_1-2',
      'IMG_1-3',
      'IMG_1-2-2',
      accent,
      `${accent.normalize('NFD')}-2`,
      'a.jpg',
      'a',
    ]);
    expect(new Set(made.map((name) => name.normalize('NFC').toLowerCase())).size).toBe(names.length);
  });

  test('the longest names a file system takes are cut between characters, so that all that is written of them fits', () => {
    const long = [
      'x'.repeat(245),
      'x'.repeat(245),
      'é'.repeat(125),
      '사'.repeat(83),
      '🏠'.repeat(62),
      'e\u0301'.repeat(83),
    ];
    const made = distinctNames(long);
    expect(new Set(made).size).toBe(long.length);
    for (const [at, name] of made.entries()) {
      expect(Buffer.byteLength(`${name}-masked.jpg`)).toBeLessThanOrEqual(255);
      expect(Buffer.byteLength(name)).toBeGreaterThan(190);
      expect(long[at]?.startsWith(name.replace(/-\d+$/, ''))).toBe(true);
      expect(name.isWellFormed()).toBe(true);
    }
  });

  test('photos of one folder, and folders of one name, are told apart', () => {
    const root = mkdtempSync(path.join(tmpdir(), 's3-test-'));
    const folders = ['a/seller', 'b/seller'].map((folder) => path.join(root, folder));
    const names = ['IMG_1.PNG', 'IMG_1.jpg', `${'x'.repeat(245)}.jpg`, 'img_1.jpg', 'img_1.jpg.png'];
    for (const folder of folders) {
      mkdirSync(folder, { recursive: true });
      for (const name of names) writeFileSync(path.join(folder, name), '');
    }
    const albums = readAlbums(parseOptions(folders.flatMap((folder) => ['--photos', folder])));
    expect(albums.map(({ name }) => name)).toEqual(['seller', 'seller-2']);
    expect(albums[1]?.photos.map(({ name, stem }) => [name, stem])).toEqual([
      ['IMG_1.PNG', 'IMG_1'],
      ['IMG_1.jpg', 'IMG_1-2'],
      ['img_1.jpg', 'img_1-3'],
      ['img_1.jpg.png', 'img_1.jpg'],
      [`${'x'.repeat(245)}.jpg`, 'x'.repeat(200)],
    ]);
  });
});

describe('options', () => {
  test('results are PNG, which can be compared to the pixel, unless it is said otherwise', () => {
    expect(parseOptions([]).format).toBe('png');
    expect(parseOptions(['--format', 'webp']).format).toBe('webp');
    expect(() => parseOptions(['--format', 'heic'])).toThrow('one of png, jpeg, webp');
  });

  test('paths are taken from where npm was called', () => {
    const { photos, out } = parseOptions(['--photos', 'a', '--photos', '/b', '--out', 'o']);
    const here = process.env.INIT_CWD ?? process.cwd();
    expect(photos).toEqual([path.join(here, 'a'), '/b']);
    expect(out).toBe(path.join(here, 'o'));
    expect(() => parseOptions(['--nope'])).toThrow('npm run demo -- [options]');
  });

  test('the examples are an album for each preset', () => {
    const albums = readAlbums(parseOptions([]));
    expect(albums.map(({ name, preset }) => [name, preset])).toEqual([
      ['interior', 'interior'],
      ['seller', 'seller'],
    ]);
    for (const { photos, rule } of albums) {
      expect(photos.length).toBeGreaterThan(0);
      expect(Object.keys(rule.concepts).length).toBeGreaterThan(0);
    }
  });

  test('a folder whose name is no preset needs one', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 's3-test-'));
    writeFileSync(path.join(folder, 'a.JPG'), '');
    writeFileSync(path.join(folder, 'notes.md'), '');
    expect(() => readAlbums(parseOptions(['--photos', folder]))).toThrow('Say --preset');
    const [album] = readAlbums(parseOptions(['--photos', folder, '--preset', 'seller']));
    expect(album?.photos.map(({ name }) => name)).toEqual(['a.JPG']);
  });

  test('a folder with somebody’s own files is never written to', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 's3-test-'));
    prepareOutFolder(folder);
    prepareOutFolder(folder);
    const other = mkdtempSync(path.join(tmpdir(), 's3-test-'));
    writeFileSync(path.join(other, 'index.html'), 'mine');
    expect(() => prepareOutFolder(other)).toThrow('holds files that no demo made');
  });
});
