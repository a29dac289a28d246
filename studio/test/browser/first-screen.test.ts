/** What a newcomer sees at `/`, in both languages, widths and colour schemes, by eye and by reader. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noChromium } from '../../../server/test/e2e/browser/chromium.ts';
import { violations } from './room/axe.ts';
import { openRoom, type Room } from './room/room.ts';

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : `: ${noChromium}`}`, () => {
  let room: Room;
  beforeAll(async () => {
    room = await openRoom();
  });
  afterAll(() => room?.close());

  const sizes = [390, 1440].flatMap((width) => [false, true].map((dark) => ({ width, dark })));
  test.each(
    sizes.flatMap((one) => (['en', 'ko'] as const).map((language) => ({ ...one, language }))),
  )('the first screen at $width px, dark $dark, in $language: nothing for axe to find, no complaint, no other host', async (wishes) => {
    const { page, problems } = await room.enter(wishes);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe(wishes.language);
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(wishes.width);
    expect(problems).toEqual([]);
  });

  test('the language that was chosen is kept over a reload', async () => {
    const { page } = await room.enter({ language: 'en' });
    await page.getByRole('button', { name: '한국어' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'English' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('ko');
  });
});
