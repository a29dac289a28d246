/** The short way through the studio, for every run of the tests: two photos in, a set out. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noChromium } from '../../../../server/test/e2e/browser/chromium.ts';
import { type Album, albumOf } from '../room/album.ts';
import { openRoom, type Room } from '../room/room.ts';
import { apply, choose, download, pick, review } from '../room/steps.ts';

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : `: ${noChromium}`}`, () => {
  let room: Room;
  let album: Album;
  beforeAll(async () => {
    [album, room] = await Promise.all([albumOf(2), openRoom()]);
  });
  afterAll(async () => {
    await room?.close();
    album?.remove();
  });

  test('a newcomer makes a set of two photos', async () => {
    const { page, problems } = await room.enter();
    await pick(page, album.files);
    await choose(page, 'Sage');
    await apply(page, 2);
    await review(page);
    await page.getByRole('button', { name: 'Make the set' }).click();
    await page.getByRole('radio', { name: 'Before and after' }).check();
    const { sizes } = await download(page);
    expect([...sizes.keys()]).toEqual([...album.names, ...album.names.map((name) => `photos/${name}`)]);
    expect(problems).toEqual([]);
  });
});
