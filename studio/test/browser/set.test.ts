/** The set: drawn, chosen, saved as one ZIP file, and stopped on the way. On an album that was made before. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noChromium } from '../../../server/test/e2e/browser/chromium.ts';
import { type Album, albumOf } from './room/album.ts';
import { violations } from './room/axe.ts';
import { goTo, made } from './room/made.ts';
import { picture } from './room/picture.ts';
import { openRoom, type Room } from './room/room.ts';
import { download } from './room/steps.ts';
import type { Visitor } from './room/visitor.ts';

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : `: ${noChromium}`}`, () => {
  let room: Room;
  let album: Album;
  let visitor: Visitor;
  let jobId: string;
  beforeAll(async () => {
    album = await albumOf(3);
    room = await openRoom();
    visitor = await room.enter({ credits: 100 });
    ({ jobId } = await made(room, visitor, album.files));
  });
  afterAll(async () => {
    await room?.close();
    album?.remove();
  });

  test('every picture of a saved set can be opened, has the size of its channel and the name of its photo', async () => {
    const { page, problems } = visitor;
    await goTo(visitor, `#/set/${jobId}`);
    await page.getByRole('radio', { name: 'Before and after' }).check();
    await page.getByLabel('For', { exact: true }).selectOption('square');
    await page.getByRole('img', { name: `Preview of ${album.names[0]}` }).waitFor();
    await picture(page, 'set');
    expect(await violations(page)).toEqual([]);
    const { name, entries, sizes } = await download(page);
    expect(name).toMatch(/^before-after \d{4}-\d\d-\d\d\.zip$/);
    expect(entries.map((entry) => entry.name)).toEqual([
      ...album.names,
      'changes.txt',
      ...album.names.map((one) => `photos/${one}`),
    ]);
    for (const one of album.names) expect(sizes.get(one), one).toBe('1000x1000');
    expect(entries.find((entry) => entry.name === 'changes.txt')?.data.toString()).toContain(
      'Wall: colour changed to Sage',
    );
    await page.getByText('is saved.').waitFor();
    expect(problems).toEqual([]);
  });

  test('a set that is stopped saves nothing, and can be made again', async () => {
    const { page } = visitor;
    await page.route(/\/outputs\//, () => {});
    await page.getByRole('button', { name: 'Download the set' }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Nothing was saved').waitFor();
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    expect((await download(page)).entries.length).toBe(7);
  });

  test('where a browser asks where to save, the set is written there as it is made', async () => {
    const { page } = visitor;
    await page.evaluate(() => {
      const picked = { suggestedName: '' };
      Object.assign(globalThis, {
        picked,
        showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) => {
          picked.suggestedName = suggestedName;
          return (await navigator.storage.getDirectory()).getFileHandle('set.zip', { create: true });
        },
      });
    });
    await page.getByRole('button', { name: 'Download the set' }).click();
    await page.getByText('is saved.').waitFor();
    const size = await page.evaluate(async () => {
      const handle = await (await navigator.storage.getDirectory()).getFileHandle('set.zip');
      return (await handle.getFile()).size;
    });
    expect(size).toBeGreaterThan(50_000);
  });
});
