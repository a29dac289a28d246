/** The sets that the demo makes of an album: a picture of each output template, on the sheet too. */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readAlbums } from '../demo/albums.ts';
import { contactSheet } from '../demo/contact-sheet.ts';
import { parseOptions } from '../demo/options.ts';
import type { Outcome } from '../demo/outcome.ts';
import { writeSets } from '../demo/sets.ts';
import { nodeCanvas } from '../node-canvas.ts';

test('every output template of an album’s preset is drawn of what is done, says who is left out, and stands on the sheet', async () => {
  const out = mkdtempSync(path.join(tmpdir(), 's3-test-'));
  for (const album of readAlbums(parseOptions([]))) {
    const [first, second] = album.photos;
    const outcome = (name: string, done: boolean): Outcome => ({
      album,
      name,
      state: done ? 'done' : 'failed',
      reason: null,
      notFound: [],
      figures: null,
      pictures: done ? [{ caption: 'After', src: '', link: path.relative(out, first!.file) }] : [],
      expectedToFail: false,
      problems: [],
    });
    const outcomes = [outcome(first!.name, true), outcome(second!.name, false)];
    const sets = await writeSets(out, album, outcomes);
    expect(sets.map(({ name, pictures, leftOut }) => [name, pictures.length, leftOut])).toEqual(
      album.preset === 'interior'
        ? [
            ['Three-variant pack', 1, [second!.name]],
            ['Before and after', 1, [second!.name]],
            ['Client card', 1, [second!.name]],
          ]
        : [
            ['Product pack', 1, [second!.name]],
            ['Option board', 1, [second!.name]],
            ['Eight thumbnails', 8, [second!.name]],
          ],
    );
    const sheet = contactSheet(outcomes, { charged: 1, refunded: 1, seconds: 1 }, sets);
    for (const { link } of sets.flatMap(({ pictures }) => pictures)) {
      expect(existsSync(path.join(out, link))).toBe(true);
      expect(sheet).toContain(`href="${link}"`);
    }
    expect(sheet).toContain(`Left out: ${second!.name}`);
  }
});

test('a photo is decoded upright, whatever its camera says, and no larger than it is needed', async () => {
  const lying = await sharp({ create: { width: 400, height: 200, channels: 3, background: 'red' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const { width, height } = await nodeCanvas().decode(new Blob([new Uint8Array(lying)]), 100);
  expect([width, height]).toEqual([50, 100]);
});
