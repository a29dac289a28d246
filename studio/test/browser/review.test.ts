/** The review: before and after, picks by keys, looks. On an album that was made before. */
import type { RunResult } from '@s3-workers/client-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noChromium } from '../../../server/test/e2e/browser/chromium.ts';
import { type Album, albumOf } from './room/album.ts';
import { violations } from './room/axe.ts';
import { anotherLook, goTo, made } from './room/made.ts';
import { picture } from './room/picture.ts';
import { openRoom, type Room } from './room/room.ts';
import { SOON } from './room/steps.ts';
import type { Visitor } from './room/visitor.ts';

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : `: ${noChromium}`}`, () => {
  let room: Room;
  let album: Album;
  let visitor: Visitor;
  let first: RunResult;
  beforeAll(async () => {
    album = await albumOf(4);
    room = await openRoom();
    visitor = await room.enter({ credits: 100 });
    room.gate.fail(3);
    first = await made(room, visitor, album.files);
    room.gate.reset();
  });
  afterAll(async () => {
    await room?.close();
    album?.remove();
  });

  test('by keys alone: the divider moves, photos follow each other, and what is picked and rejected is kept over a reload', async () => {
    const { page, problems } = visitor;
    await goTo(visitor, `#/review/${first.jobId}`);
    const divider = page.getByRole('slider');
    await divider.focus();
    await page.keyboard.press('ArrowLeft');
    expect(await divider.inputValue()).toBe('49');
    expect(await divider.getAttribute('aria-valuetext')).toBe('49 % before');
    const grid = page.getByRole('list', { name: 'Photos' });
    await grid.getByRole('button').first().focus();
    await page.keyboard.press('p');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('x');
    const names = await grid.getByRole('button').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
    expect(names.slice(0, 2)).toEqual([`${album.names[0]}, Picked`, `${album.names[1]}, Rejected`]);
    expect(names[3]).toBe(`${album.names[3]}, Failed`);
    await page.reload();
    await page.getByRole('button', { name: 'Picked 1' }).click();
    await expect.poll(() => grid.getByRole('button').count(), SOON).toBe(1);
    await page.getByRole('button', { name: 'Failed 1' }).click();
    await page.getByText('This photo could not be made').waitFor();
    expect(problems).toEqual([]);
  });

  test.each([390, 1440])('at %d px axe finds nothing, and nothing is wider than the page', async (width) => {
    const { page } = visitor;
    await page.setViewportSize({ width, height: 900 });
    await goTo(visitor, `#/review/${first.jobId}`);
    await page.getByRole('slider').waitFor();
    await picture(page, 'review');
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });

  test('a photo that failed is tried again by itself: its result takes its place, for one credit more', async () => {
    const { page, problems } = visitor;
    await goTo(visitor, `#/review/${first.jobId}`);
    const credits = page.getByText(/^\d+ credits$/);
    const before = Number.parseInt((await credits.textContent()) ?? '', 10);
    await page.getByRole('button', { name: 'Try the failed one again' }).click();
    await page.getByRole('button', { name: 'Failed 0' }).waitFor();
    const last = page.getByRole('list', { name: 'Photos' }).getByRole('button').nth(3);
    await expect.poll(() => last.getAttribute('aria-label'), SOON).toBe(album.names[3]);
    await page.getByText(`${before - 1} credits`).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Failed 0' }).waitFor();
    expect(problems).toEqual([]);
  });

  test('looks at the same photos stand side by side, three at most, and each has picks of its own', async () => {
    const { page, problems } = visitor;
    const looks = [
      first,
      await anotherLook(room, visitor, first, 'navy'),
      await anotherLook(room, visitor, first, 'terracotta'),
    ];
    await goTo(visitor, `#/review/${looks.map(({ jobId }) => jobId).join()}`);
    await page.getByRole('button', { name: 'Look 2', exact: true }).click();
    await page.getByRole('button', { name: 'Next photo' }).click();
    await page.keyboard.press('p');
    await page.keyboard.press('c');
    const pictures = page.getByRole('img', { name: `${album.names[1]}, After` });
    await expect.poll(() => pictures.count(), SOON).toBe(3);
    const urls = await pictures.evaluateAll((all) => all.map((one) => (one as HTMLImageElement).src));
    expect(new Set(urls).size).toBe(3);
    await picture(page, 'looks');
    expect(await violations(page)).toEqual([]);
    await page.getByText('Three looks are the most').waitFor();
    await page.getByRole('button', { name: 'Picked 1' }).waitFor();
    await page.getByRole('button', { name: 'Look 3', exact: true }).click();
    await page.getByRole('button', { name: 'Picked 0' }).waitFor();
    expect(problems).toEqual([]);
  });
});
