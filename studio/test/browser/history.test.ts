/** The history: what was made is found again with its pictures, and goes for good when its owner says so. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noChromium } from '../../../server/test/e2e/browser/chromium.ts';
import { type Album, albumOf } from './room/album.ts';
import { violations } from './room/axe.ts';
import { goTo, made } from './room/made.ts';
import { picture } from './room/picture.ts';
import { openRoom, type Room } from './room/room.ts';
import type { Visitor } from './room/visitor.ts';

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : `: ${noChromium}`}`, () => {
  let room: Room;
  let album: Album;
  let visitor: Visitor;
  beforeAll(async () => {
    album = await albumOf(2);
    room = await openRoom();
    visitor = await room.enter({ credits: 100 });
    await made(room, visitor, album.files);
  });
  afterAll(async () => {
    await room?.close();
    album?.remove();
  });

  test('an album of the past has its picture, status and receipt, opens in the review, and is deleted once that is confirmed', async () => {
    const { page, problems } = visitor;
    await goTo(visitor, '#/history');
    const past = page.getByRole('listitem').filter({ hasText: 'Interior' });
    await past.getByText('2 credits').waitFor();
    expect(
      await past.locator('img').evaluate((img: HTMLImageElement) => img.decode().then(() => img.naturalWidth)),
    ).toBeGreaterThan(0);
    await picture(page, 'history');
    expect(await violations(page)).toEqual([]);
    await past.getByRole('button', { name: /^Open/ }).click();
    await page.getByRole('slider').waitFor();
    await page.goBack();
    await past.getByRole('button', { name: /^Delete/ }).click();
    const question = page.getByRole('alertdialog');
    await question.getByText('All 2 photos').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    expect(await past.count()).toBe(1);
    await past.getByRole('button', { name: /^Delete/ }).click();
    await question.getByRole('button', { name: 'Delete for good' }).click();
    await page.getByText('No album yet').waitFor();
    expect(problems).toEqual([]);
  });
});
