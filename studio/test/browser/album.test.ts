/** The album and its upload: what is put in, what is wrong with it, and an upload that is held, left or loses a photo. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noChromium } from '../../../server/test/e2e/browser/chromium.ts';
import { temporaryFolder } from '../../../start/ending.ts';
import { fromRoot } from '../../../start/paths.ts';
import { type Album, albumOf } from './room/album.ts';
import { violations } from './room/axe.ts';
import { openRoom, type Room } from './room/room.ts';
import { apply, choose, ended, pick, WORK } from './room/steps.ts';

/** What a browser itself says of requests that were cut off, or refused because a photo is not there yet. */
const CUT_OFF = /Failed to load resource/;
const kinds = (name: string) => fromRoot('client-sdk', 'test', 'files', 'photos', name);

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : `: ${noChromium}`}`, () => {
  let room: Room;
  let album: Album;
  beforeAll(async () => {
    album = await albumOf(4);
    room = await openRoom();
  });
  afterAll(async () => {
    await room?.close();
    album?.remove();
  });

  const tile = (page: Page, name: string | RegExp) => page.getByRole('gridcell', { name });
  /** @param perSecond bytes; -1 for as many as it can */
  async function line(context: BrowserContext, page: Page, perSecond: number): Promise<void> {
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    const conditions = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: perSecond };
    await session.send('Network.emulateNetworkConditions', conditions);
  }
  async function uploading(visitor: { context: BrowserContext; page: Page }, files = album.files): Promise<void> {
    const { context, page } = visitor;
    await pick(page, files);
    await choose(page, 'Sage');
    await line(context, page, 20_000);
    await apply(page, files.length);
    await page.getByRole('heading', { name: 'Uploading your photos' }).waitFor(WORK);
  }

  test('what cannot be sent says why on its tile, a HEIC becomes a JPEG, what is there twice is named: each goes out by one click', async () => {
    const { page, problems } = await room.enter();
    const again = album.files[0] as string;
    const bad = [kinds('animated.webp'), fromRoot('README.md')];
    await page.getByTestId('pick-photos').setInputFiles([...album.files, kinds('IMG_0001.HEIC'), ...bad, again]);
    await tile(page, /README\.md.*is text, not a photo/).waitFor();
    await tile(page, /animated\.webp.*is an animation/).waitFor();
    await tile(page, /IMG_0001\.jpg \d+ kB/).waitFor();
    await tile(page, /Duplicate/).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Take out these 2 files' }).click();
    await page.getByRole('button', { name: 'Take out the duplicate' }).click();
    await page.getByText(/^5 photos · /).waitFor();
    const names = await page.getByRole('gridcell').evaluateAll((cells) => cells.map((cell) => cell.textContent));
    expect(names.map((text, at) => text?.startsWith(album.names[at] ?? 'IMG_0001.jpg'))).toEqual(Array(5).fill(true));
    await expect.poll(() => tile(page, 'IMG_0001.jpg').locator('img').count()).toBe(1);
    expect(problems).toEqual([]);
  });

  test('by keys: arrows go from photo to photo, Delete takes one out, and the next has the focus', async () => {
    const { page } = await room.enter();
    await page.getByTestId('pick-photos').setInputFiles(album.files);
    await page.getByRole('gridcell').first().focus();
    await page.keyboard.press('ArrowRight');
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
    expect(await focused()).toContain(album.names[1]);
    await page.keyboard.press('Delete');
    await expect.poll(focused).toContain(album.names[2]);
    expect(await page.getByRole('gridcell').count()).toBe(album.files.length - 1);
  });

  test('an upload is held and goes on; nothing is sent meanwhile', async () => {
    const visitor = await room.enter({ credits: 20, allowed: CUT_OFF });
    const { context, page } = visitor;
    await uploading(visitor);
    await page.getByText(/ kB of .*left|time left/).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('heading', { name: 'The upload is paused' }).waitFor();
    await line(context, page, -1);
    await page.getByRole('button', { name: 'Go on' }).click();
    await ended(page);
    expect(visitor.problems).toEqual([]);
  });

  test('a page that is loaded anew in the middle of an upload asks for its photos, takes them in any order, and names one that is none of them', async () => {
    const visitor = await room.enter({ credits: 20, allowed: CUT_OFF });
    const { context, page } = visitor;
    await uploading(visitor);
    const url = page.url();
    await page.reload();
    await page.getByText(/photos are not here any more|is not here any more/).waitFor(WORK);
    expect(page.url()).toBe(url);
    expect(await violations(page)).toEqual([]);
    await line(context, page, -1);
    await page.getByTestId('pick-photos').setInputFiles([kinds('IMG_0001.HEIC')]);
    await page.getByRole('alert').getByText('IMG_0001.HEIC').waitFor();
    await page.getByTestId('pick-photos').setInputFiles([...album.files].reverse());
    await ended(page);
    const names = await page.getByRole('gridcell').evaluateAll((cells) => cells.map((cell) => cell.textContent));
    expect(names).toEqual(album.names.map((name) => `${name}Done`));
    expect(visitor.problems).toEqual([]);
  });

  test('a photo that is written over before it is sent is named, and the others go on without it', async () => {
    const visitor = await room.enter({ credits: 20, allowed: CUT_OFF });
    const folder = temporaryFolder('s3-written-over-');
    const lost = path.join(folder.path, 'lost.jpg');
    // As large as it takes that it is not sent before it is gone.
    writeFileSync(lost, Buffer.concat([readFileSync(album.files[3] as string), Buffer.alloc(400_000)]));
    await uploading(visitor, [...album.files.slice(0, 2), lost]);
    writeFileSync(lost, 'something else');
    await line(visitor.context, visitor.page, -1);
    await tile(visitor.page, /lost\.jpg Choose this photo again/).waitFor(WORK);
    await visitor.page.getByRole('button', { name: 'Go on without it' }).click();
    await ended(visitor.page);
    await visitor.page.getByText(/^2 of 2 photos done/).waitFor();
    folder.remove();
  });

  test('a rule is saved, used, renamed, duplicated and deleted, as far as the plan has places', async () => {
    const { page, problems } = await room.enter();
    await page.goto('/#/change');
    await choose(page, 'Sage');
    const rules = page.getByRole('region', { name: 'Saved rules' });
    const named = (name: string) => page.getByRole('textbox', { name: 'Name of the rule' }).fill(name);
    const more = async (rule: string, what: string) => {
      await rules.getByRole('button', { name: `More to do with “${rule}”` }).click();
      await page.getByRole('button', { name: what }).click();
    };
    await rules.getByRole('button', { name: 'Save as a rule' }).click();
    await named('Sage walls');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await rules.getByText('In use').waitFor();
    await choose(page, 'Navy');
    await rules.getByText('Changed since').waitFor();
    await rules.getByRole('button', { name: 'Use' }).click();
    expect(await page.getByRole('radio', { name: 'Sage' }).getAttribute('aria-checked')).toBe('true');
    await more('Sage walls', 'Rename');
    await named('Green walls');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await more('Green walls', 'Duplicate');
    await rules.getByText('Green walls (copy)').waitFor();
    await rules.getByText('2 of 2 places used').waitFor();
    expect(await rules.getByRole('button', { name: 'Save as a rule' }).isDisabled()).toBe(true);
    await more('Green walls (copy)', 'Delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await rules.getByText('1 of 2 places used').waitFor();
    expect(problems).toEqual([]);
  });

  test('nothing begins that would cost more than was allowed, and the limit is kept over a reload', async () => {
    const { page } = await room.enter({ credits: 20 });
    await pick(page, album.files);
    await choose(page, 'Sage');
    await page.getByLabel('Spend at most').fill('3');
    await page.getByText('This would cost 4 credits, and your limit is 3.').waitFor();
    expect(await page.getByRole('button', { name: 'Apply to 4 photos' }).isDisabled()).toBe(true);
    await page.reload();
    expect(await page.getByLabel('Spend at most').inputValue()).toBe('3');
  });
});
