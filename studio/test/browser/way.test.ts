/** The whole way, with twelve real photos: from the album to a set that is opened. */
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noChromium } from '../../../server/test/e2e/browser/chromium.ts';
import { type Album, albumOf } from './room/album.ts';
import { violations } from './room/axe.ts';
import { picture } from './room/picture.ts';
import { openRoom, type Room } from './room/room.ts';
import { apply, choose, download, ended, review, SOON } from './room/steps.ts';
import type { Visitor } from './room/visitor.ts';

const COUNT = 12;

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : `: ${noChromium}`}`, () => {
  let room: Room;
  let album: Album;
  let visitor: Visitor;
  beforeAll(async () => {
    album = await albumOf(COUNT);
    room = await openRoom();
    visitor = await room.enter({ credits: 100 });
  });
  afterAll(async () => {
    await room?.close();
    album?.remove();
  });

  /** As it looks here, and nothing for axe to find. */
  async function looked(name: string): Promise<void> {
    await picture(visitor.page, name);
    expect(await violations(visitor.page), name).toEqual([]);
  }

  test('twelve photos, of which one fails and is tried again, in two looks: the set has all of them, named and sized as it should', async () => {
    const { page, problems } = visitor;
    await page.getByTestId('pick-photos').setInputFiles(album.files);
    await page.getByRole('button', { name: 'Choose what to change' }).waitFor();
    await looked('album');
    await page.getByRole('button', { name: 'Choose what to change' }).click();
    await choose(page, 'Sage');
    await looked('change');
    room.gate.fail(5);
    await apply(page, COUNT);
    await ended(page);
    await page.getByText('11 of 12 photos done').waitFor();
    await looked('run');
    room.gate.reset();
    await page.getByRole('button', { name: 'Try the failed one again' }).click();
    await page.getByText('1 of 1 photo done').waitFor();
    await review(page);
    const tiles = page.getByRole('list', { name: 'Photos' }).getByRole('button');
    await expect
      .poll(() => tiles.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label'))), SOON)
      .toEqual(album.names);
    await page.getByRole('button', { name: '+ Another look' }).click();
    await choose(page, 'Navy');
    await apply(page, COUNT);
    await review(page);
    await page.getByRole('button', { name: 'Look 2', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Make the set' }).click();
    await page.getByRole('radio', { name: 'Three-variant pack' }).check();
    await page.getByRole('img', { name: `Preview of ${album.names[0]}` }).waitFor();
    await looked('set');
    const { name, entries, sizes } = await download(page);
    expect(name).toMatch(/^three-variant-pack .*\.zip$/);
    const singles = ['Look 1', 'Look 2'].flatMap((look) => album.names.map((one) => `photos/${look}/${one}`));
    expect(entries.map((entry) => entry.name)).toEqual([...album.names, 'changes.txt', ...singles]);
    for (const [at, one] of album.names.entries()) {
      const own = await sharp(album.files[at]).metadata();
      // A picture for the web is 1600 wide, and as high as its photos need.
      expect(sizes.get(one), one).toMatch(/^1600x(\d{3}|1\d{3}|2000)$/);
      expect(sizes.get(`photos/Look 2/${one}`), one).toBe(`${own.width}x${own.height}`);
    }
    expect(entries.find((entry) => entry.name === 'changes.txt')?.data.toString()).toMatch(/Sage.*\n.*Navy/);
    expect(problems).toEqual([]);
  }, 300_000);
});
