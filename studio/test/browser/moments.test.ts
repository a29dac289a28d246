/** Bad moments: whatever happens, the page says what it is, and goes on. On an album that was made before. */
import type { RunResult } from '@s3-workers/client-sdk';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { noChromium } from '../../../server/test/e2e/browser/chromium.ts';
import { type Album, albumOf } from './room/album.ts';
import { violations } from './room/axe.ts';
import { goTo, made } from './room/made.ts';
import { openRoom, type Room } from './room/room.ts';
import { apply, choose, download, ended, pick, review, SOON, WORK } from './room/steps.ts';
import type { Visitor, Wishes } from './room/visitor.ts';

/** What a browser itself says of requests that a test has made fail. */
const FAILED_REQUEST = /Failed to load resource|WebSocket connection/;

/** By Tab from wherever the focus is, and Enter. */
async function press(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  await expect.poll(() => target.isEnabled(), SOON).toBe(true);
  for (let tabs = 0; tabs < 80; tabs++) {
    if (await target.evaluate((one) => one === document.activeElement)) return page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
  }
  throw new Error('Tab does not come to it');
}

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : `: ${noChromium}`}`, () => {
  let room: Room;
  let album: Album;
  beforeAll(async () => {
    album = await albumOf(2);
    room = await openRoom();
  });
  afterEach(() => {
    room.network.reset();
    room.gate.reset();
  });
  afterAll(async () => {
    await room?.close();
    album?.remove();
  });

  async function withAlbum(wishes: Wishes = {}): Promise<{ visitor: Visitor; job: RunResult }> {
    const visitor = await room.enter({ credits: 20, allowed: FAILED_REQUEST, ...wishes });
    return { visitor, job: await made(room, visitor, album.files) };
  }

  test('offline in the middle of a run: the page says so, and it goes on by itself', async () => {
    const { page, context, problems } = await room.enter({ credits: 20, allowed: FAILED_REQUEST });
    await pick(page, album.files);
    await choose(page, 'Sage');
    room.gate.hold();
    await apply(page, 2);
    await page.getByRole('heading', { name: /In the queue|being made/ }).waitFor(WORK);
    await context.setOffline(true);
    await page.getByText('You are offline').waitFor();
    await page.getByText('No connection. It goes on by itself.').waitFor();
    room.gate.reset();
    await context.setOffline(false);
    await review(page);
    expect(problems).toEqual([]);
  });

  test('the provider takes nothing for a while: it is said that a machine is waited for, and no photo fails', async () => {
    const { page, problems } = await room.enter({ credits: 20 });
    room.gate.refuse();
    await pick(page, album.files);
    await choose(page, 'Sage');
    await apply(page, 2);
    await page.getByRole('heading', { name: 'Waiting for a machine' }).waitFor(WORK);
    await page.getByText('you may close this page').waitFor();
    room.gate.reset();
    await review(page);
    expect(problems).toEqual([]);
  });

  test('a tab that is closed in the middle of a run: whoever comes back finds it in the history, and follows it to its end', async () => {
    const visitor = await room.enter({ credits: 20, allowed: FAILED_REQUEST });
    room.gate.hold();
    await pick(visitor.page, album.files);
    await choose(visitor.page, 'Sage');
    await apply(visitor.page, 2);
    await visitor.page.getByRole('heading', { name: /In the queue|being made/ }).waitFor(WORK);
    await visitor.page.close();
    const page = await visitor.tab();
    await page.getByRole('link', { name: 'History' }).click();
    await page.getByRole('button', { name: /^Open/ }).click();
    room.gate.reset();
    await review(page);
    const tiles = page.getByRole('list', { name: 'Photos' }).getByRole('button');
    await expect.poll(() => tiles.first().getAttribute('aria-label'), SOON).toBe(album.names[0]);
    expect(visitor.problems).toEqual([]);
  });

  test('with the keyboard alone from the album to the saved set', async () => {
    const { page, problems } = await room.enter({ credits: 20 });
    await page.getByTestId('pick-photos').setInputFiles(album.files);
    await press(page, page.getByRole('button', { name: 'Choose what to change' }));
    const change = page.getByRole('region', { name: 'Change', exact: true });
    await press(page, change.getByRole('button', { name: 'Wall', exact: true }));
    await press(page, page.getByRole('button', { name: 'Apply to 2 photos' }));
    await ended(page);
    await press(page, page.getByRole('button', { name: 'Review them' }));
    await press(page, page.getByRole('button', { name: 'Make the set' }));
    const coming = page.waitForEvent('download');
    await press(page, page.getByRole('button', { name: 'Download the set' }));
    await coming;
    expect(problems).toEqual([]);
  });

  test('credits are out: it is said before anything is sent, with what is needed and what is left', async () => {
    const { page, problems } = await room.enter();
    const eleven = await albumOf(11);
    await pick(page, eleven.files);
    await choose(page, 'Sage');
    expect(await page.getByRole('button', { name: 'Apply to 11 photos' }).isEnabled()).toBe(false);
    await page.getByText(/takes 10 photos|needs 11 credits/).waitFor();
    eleven.remove();
    expect(problems).toEqual([]);
  });

  test('the storage is away while a set is made: it says which file is lacking, and the next try has all', async () => {
    const { visitor, job } = await withAlbum();
    const { page, context, problems } = visitor;
    await goTo(visitor, `#/set/${job.jobId}`);
    await page
      .getByRole('img', { name: /^Preview of/ })
      .first()
      .waitFor();
    // With this the browser has nothing of what it has fetched before.
    await context.route(/\/outputs\//, (route) => route.abort('internetdisconnected'));
    await page.getByRole('button', { name: 'Download the set' }).click();
    await page.getByText('could not be fetched').waitFor();
    await context.unrouteAll();
    expect((await download(page)).entries).toHaveLength(5);
    expect(problems).toEqual([]);
  });

  test('a session that was revoked elsewhere: the page says so instead of showing somebody else', async () => {
    const { visitor } = await withAlbum();
    const { page, account, problems } = visitor;
    await fetch(`${room.stack.baseUrl}/trpc/auth.revoke`, {
      method: 'POST',
      headers: { authorization: `Bearer ${account?.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ json: {} }),
    });
    await goTo(visitor, '#/history');
    await page.getByRole('alert').filter({ hasText: 'session has ended' }).first().waitFor({ timeout: 90_000 });
    expect(problems).toEqual([]);
  });

  test('the server is away: the page says so, and goes on once it is back', async () => {
    const { visitor, job } = await withAlbum();
    const { page } = visitor;
    // What it needs is loaded.
    await goTo(visitor, `#/review/${job.jobId}`);
    await page.getByRole('slider').waitFor();
    await page.getByRole('link', { name: 'S3 Studio' }).click();
    room.network.cut();
    await page.goBack();
    await page.getByText('It is tried until the server answers').waitFor();
    room.network.restore();
    await page.getByRole('slider').waitFor({ timeout: 60_000 });
  });

  test('an album that is gone is said to be gone', async () => {
    const { visitor } = await withAlbum();
    await goTo(visitor, `#/review/${'0'.repeat(64)}`);
    await visitor.page.getByRole('alert').filter({ hasText: 'There is no such job' }).waitFor();
  });

  test('a browser that forbids storage: picks live as long as the page, and it is said once', async () => {
    const { visitor, job } = await withAlbum({ allowed: /Failed to load resource|in memory only/ });
    const { page, context, account, problems } = visitor;
    await context.addInitScript(() => {
      Object.defineProperty(globalThis, 'localStorage', {
        get: () => {
          throw new DOMException('denied', 'SecurityError');
        },
      });
    });
    expect(account).not.toBeNull();
    await goTo(visitor, `#/album`);
    await page.getByText('keeps nothing for this page').waitFor();
    expect(problems).toEqual([]);
    expect(job.status).toBe('done');
  });

  test('two tabs: what is picked in one is picked in the other', async () => {
    const { visitor, job } = await withAlbum();
    const other = await visitor.tab();
    for (const page of [visitor.page, other]) {
      await page.goto(`/#/review/${job.jobId}`);
      await page.getByRole('slider').waitFor();
    }
    await other.getByRole('button', { name: 'Pick', exact: true }).click();
    await visitor.page.getByRole('button', { name: 'Picked 1' }).waitFor();
  });

  test('at 200 % zoom, and 390 px with a finger: nothing is cut off, the divider follows the finger, axe finds nothing', async () => {
    const { visitor, job } = await withAlbum({ width: 390, height: 844, touch: true });
    const { page } = visitor;
    await goTo(visitor, `#/review/${job.jobId}`);
    const divider = page.getByRole('slider');
    await divider.waitFor();
    const box = await page.getByRole('img', { name: /, After$/ }).boundingBox();
    if (box === null) throw new Error('the photo is not shown');
    await page.touchscreen.tap(box.x + box.width * 0.25, box.y + box.height / 2);
    await expect.poll(() => divider.inputValue(), SOON).toBe('25');
    await page.setViewportSize({ width: 720, height: 450 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(720);
    expect(await violations(page)).toEqual([]);
  });
});
