/** The way on a telephone, in Korean, in the dark, with a finger and without motion: each step by eye and by reader. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noChromium } from '../../../server/test/e2e/browser/chromium.ts';
import { albumWords } from '../../src/album/words.ts';
import { changeWords } from '../../src/change/words.ts';
import { historyWords } from '../../src/history/words.ts';
import { reviewWords } from '../../src/review/words.ts';
import { runWords } from '../../src/run/words.ts';
import { setWords } from '../../src/set/words.ts';
import { type Album, albumOf } from './room/album.ts';
import { violations } from './room/axe.ts';
import { goTo } from './room/made.ts';
import { picture } from './room/picture.ts';
import { openRoom, type Room } from './room/room.ts';
import { WORK } from './room/steps.ts';
import type { Visitor } from './room/visitor.ts';

const WIDTH = 390;
const w = {
  ...{ album: albumWords.ko, change: changeWords.ko, run: runWords.ko },
  ...{ review: reviewWords.ko, set: setWords.ko, history: historyWords.ko },
};

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : `: ${noChromium}`}`, () => {
  let room: Room;
  let album: Album;
  let visitor: Visitor;
  beforeAll(async () => {
    [album, room] = await Promise.all([albumOf(4), openRoom()]);
    const wishes = { language: 'ko', width: WIDTH, height: 844, dark: true, touch: true, reducedMotion: true } as const;
    visitor = await room.enter({ ...wishes, credits: 20 });
  });
  afterAll(async () => {
    await room?.close();
    album?.remove();
  });

  /** Nothing moves, nothing is wider than the page, and axe finds nothing. */
  async function looked(name: string): Promise<void> {
    const { page } = visitor;
    await picture(page, name);
    expect(await violations(page), name).toEqual([]);
    const { width, moving } = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      moving: document.getAnimations().filter((one) => Number(one.effect?.getTiming().duration) > 1).length,
    }));
    expect([width <= WIDTH, moving], name).toEqual([true, 0]);
  }

  test('each step from the empty album to the saved set and the history', async () => {
    const { page, problems } = visitor;
    const tap = (name: string | RegExp) => page.getByRole('button', { name, exact: true }).tap();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await looked('start');
    await page.getByTestId('pick-photos').setInputFiles(album.files);
    await page.getByRole('button', { name: w.album.next }).waitFor();
    await looked('album');
    await tap(w.album.next);
    const change = page.getByRole('region', { name: w.change.concepts, exact: true });
    await change.getByRole('button', { name: '벽', exact: true }).tap();
    await change.getByRole('radio', { name: '세이지' }).tap();
    await looked('change');
    await tap(w.change.apply(album.files.length));
    await page.getByRole('heading', { name: w.run.ended.done }).waitFor(WORK);
    await looked('run');
    await tap(w.run.review);
    await page.getByRole('slider').waitFor();
    await tap(w.review.pick);
    await looked('review');
    await tap(w.review.toSet);
    await page.getByRole('radio', { name: '전후 비교' }).check();
    await page.getByRole('img', { name: w.set.previewOf(album.names[0] ?? '') }).waitFor();
    await page.getByText(w.set.goesIn(1, 4)).waitFor();
    await looked('set');
    const coming = page.waitForEvent('download');
    await tap(w.set.download);
    await coming;
    await goTo(visitor, '#/history');
    await page.getByText(w.history.charged(4)).waitFor();
    await looked('history');
    expect(problems).toEqual([]);
  });
});
