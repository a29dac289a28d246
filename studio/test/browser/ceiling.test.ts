/** A day on which no more photos are taken: the album waits, and the page says until when. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noChromium } from '../../../server/test/e2e/browser/chromium.ts';
import { type Album, albumOf } from './room/album.ts';
import { openRoom, type Room } from './room/room.ts';
import { apply, choose, pick } from './room/steps.ts';

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : `: ${noChromium}`}`, () => {
  let room: Room;
  let album: Album;
  beforeAll(async () => {
    [album, room] = await Promise.all([albumOf(2), openRoom({ GPU_DAILY_PHOTOS: '0' })]);
  });
  afterAll(async () => {
    await room?.close();
    album?.remove();
  });

  test('the ceiling is reached: photos and credits are kept, and there is a way on', async () => {
    const { page, problems } = await room.enter({ credits: 20, allowed: /Failed to load resource/ });
    await pick(page, album.files);
    await choose(page, 'Sage');
    await apply(page, 2);
    await page.getByRole('alert').filter({ hasText: 'Your job and its photos are kept' }).waitFor();
    await page.getByRole('button', { name: 'Go on with it' }).waitFor();
    expect(problems).toEqual([]);
  });
});
